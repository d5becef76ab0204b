"""The line on stderr that says how far a long run is: from one second on, and gone at the end."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType, TracebackType

__all__ = ["Progress"]

_AFTER = 1.0
_EVERY = 0.1
_CLEAR = "\r\x1b[K"


class Progress:
    """A line that is drawn over itself while a `with` block runs.

    Calling it, as `volint.steps.Step` says, keeps what is being done and costs next to nothing. A timer of the
    system draws it, within a long step too; where there is none (Windows), it is drawn as steps begin.
    """

    __slots__ = ("_drawn", "_due", "_file", "_old", "_step")

    def __init__(self, file: int) -> None:
        self._file = file
        self._step: tuple[str, str, int, int] | None = None
        self._drawn = ""
        self._old: object = None
        self._due: float | None = None

    def __call__(self, stage: str, name: str, number: int, total: int) -> None:
        """Keep what begins."""
        self._step = (stage, name, number, total)
        if self._due is not None and time.monotonic() >= self._due:
            self._draw()
            self._due = time.monotonic() + _EVERY

    def __enter__(self) -> Progress:
        if hasattr(signal, "setitimer"):
            try:
                self._old = signal.signal(signal.SIGALRM, self._draw)
            except ValueError:  # not in the main thread
                return self
            signal.setitimer(signal.ITIMER_REAL, _AFTER, _EVERY)
        else:
            self._due = time.monotonic() + _AFTER
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._old is not None:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, self._old)  # type: ignore[arg-type]
            self._old = None
        if self._drawn:
            self._drawn = ""
            self._write(_CLEAR)

    def _draw(self, number: int = 0, frame: FrameType | None = None) -> None:
        """Show what is being done, unless it is shown already or the shell shows something else."""
        if self._step is None:
            return
        from volint.report.terminal import clip, escape

        try:
            if hasattr(os, "tcgetpgrp") and os.tcgetpgrp(self._file) != os.getpgrp():
                return
            columns = os.get_terminal_size(self._file).columns or 80
        except OSError:
            return
        line = clip(escape(words(*self._step)), columns - 1)
        if line != self._drawn:
            self._drawn = line
            self._write(_CLEAR + line)

    def _write(self, text: str) -> None:
        # Not through sys.stderr: the timer may strike while that is being written to.
        try:
            os.write(self._file, text.encode(errors="backslashreplace"))
        except OSError:
            pass


def words(stage: str, name: str, number: int, total: int) -> str:
    """Return what a step is in words."""
    of = f"{number} of {total}"
    shown = {
        "discovery": f"looking for files: {number} found",
        "reading": f"reading file {of}: {name}",
        "scripts": f"looking for docker commands in file {of}: {name}",
        "compose": f"loading Compose project {of}: {name}",
        "dockerfiles": f"loading Dockerfile {of}: {name}",
        "rules": f"checking project {of}: {name}",
        "report": f"writing the report: {name}",
    }
    return shown[stage]
