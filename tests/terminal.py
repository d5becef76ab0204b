"""The real command on a pseudo-terminal: what it writes as it goes, and what is left on the screen."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType

from realcommand import command, environment


class Terminal:
    """volint with standard error, or all its streams, on a terminal of some columns."""

    def __init__(
        self,
        cwd: Path,
        *arguments: str,
        columns: int = 80,
        env: Mapping[str, str] = {},
        stdout: int | None = None,
    ) -> None:
        self._main, side = pty.openpty()
        fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.written = ""
        self._process = subprocess.Popen(
            command(*arguments),
            cwd=cwd,
            env=environment({"TERM": "xterm", **env}),
            stdin=side,
            stdout=side if stdout is None else stdout,
            stderr=side,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(side)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._main)

    def until(self, seen: Callable[[str], object], seconds: float = 60) -> str:
        """Read until something has been written; return everything. Fails when it does not come."""
        end = time.monotonic() + seconds
        while not seen(self.written):
            assert time.monotonic() < end, f"not seen in {self.written!r}"
            if not self._read(0.1) and self._process.poll() is not None:
                assert seen(self.written), f"ended with {self.written!r}"
        return self.written

    def rest(self, seconds: float = 60) -> int:
        """Read to the end and return the exit status."""
        end = time.monotonic() + seconds
        while self._read(0.1) or self._process.poll() is None:
            assert time.monotonic() < end, f"does not end: {self.written!r}"
        return self._process.returncode

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        os.write(self._main, b"\x03")

    def signal(self, number: signal.Signals) -> None:
        """Send the process a signal."""
        self._process.send_signal(number)

    def _read(self, seconds: float) -> bool:
        if not select.select([self._main], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self._main, 65536)
        except OSError:  # nobody has the other end open any more
            return False
        self.written += data.decode(errors="replace")
        return bool(data)

    def screen(self) -> list[str]:
        """Return the lines that are to be seen in the end, without colours."""
        return screen(self.written)


def screen(written: str) -> list[str]:
    """Return the lines that are left of what was written: carriage returns, clearing of lines and of all."""
    lines = [""]
    column = 0
    for part in re.findall(r"\x1b\[[0-9;?]*[A-Za-z]|\r|\n|[^\x1b\r\n]+|\x1b", written):
        if part == "\r":
            column = 0
        elif part == "\n":
            lines.append("")
            column = 0
        elif part == "\x1b[K":
            lines[-1] = lines[-1][:column]
        elif part == "\x1b[2J":
            lines = [""]
        elif not part.startswith("\x1b"):
            lines[-1] = lines[-1][:column].ljust(column) + part + lines[-1][column + len(part) :]
            column += len(part)
    return lines
