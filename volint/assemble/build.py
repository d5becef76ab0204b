"""Builds: a Dockerfile, its context and its ignore file, as one service or one build line uses them."""

from __future__ import annotations
