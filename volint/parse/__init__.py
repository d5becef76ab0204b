"""Readers: one text into one typed tree with spans, and a list of problems."""
