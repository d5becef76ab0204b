"""The files of a build context: which Docker sends, and which of them a COPY or ADD takes."""

from __future__ import annotations
