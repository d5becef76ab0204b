"""Findings and the mount model into output formats, one module each."""
