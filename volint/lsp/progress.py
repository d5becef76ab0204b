"""How far the first check of a folder is, told to an editor that shows such things (LSP: work done progress)."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from volint.report.progress import words

if TYPE_CHECKING:
    from pygls.lsp.server import LanguageServer

__all__ = ["FolderProgress"]

_AFTER = 1.0
"""Seconds that a check may take in silence."""
_EVERY = 0.25
"""Seconds between two words about it."""


class FolderProgress:
    """Tells of one check, from one second on until `end`.

    Calling it, as `volint.steps.Step` says, is for the thread of the check; all else for the loop it is made in.
    """

    def __init__(self, server: LanguageServer, token: str, folder: str) -> None:
        self._progress = server.work_done_progress
        self._token = token
        self._folder = folder
        self._loop = asyncio.get_running_loop()
        self._due = time.monotonic() + _AFTER
        self._text = ""
        self._opening: asyncio.Task[None] | None = None
        self._begun = self._ended = False

    def __call__(self, stage: str, name: str, number: int, total: int) -> None:
        """Tell what begins, unless something was told just now."""
        now = time.monotonic()
        if now >= self._due:
            self._due = now + _EVERY
            self._loop.call_soon_threadsafe(self._show, words(stage, name, number, total))

    def end(self) -> None:
        """Take it off the screen."""
        if self._begun and not self._ended:
            self._progress.end(self._token, types.WorkDoneProgressEnd())
        self._ended = True

    def _show(self, text: str) -> None:
        self._text = text
        if self._begun and not self._ended:
            self._progress.report(self._token, types.WorkDoneProgressReport(message=text))
        elif self._opening is None:
            self._opening = self._loop.create_task(self._open())

    async def _open(self) -> None:
        try:
            await self._progress.create_async(self._token)
        except JsonRpcException:
            return
        if not self._ended:
            title = f"volint: {self._folder}"
            self._progress.begin(
                self._token, types.WorkDoneProgressBegin(title=title, message=self._text)
            )
            self._begun = True
