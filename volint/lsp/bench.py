"""A folder that an editor has open: what was found there, and when to look again.

Checks run one at a time in a thread, a while after the last change; a change calls off the check that runs. Where
checking the whole folder takes long, a change is first answered by a check of the projects that its file belongs to,
and the whole folder is looked at once the editor has been quiet for some time.
"""

from __future__ import annotations

import asyncio
import os
from threading import Event
from typing import TYPE_CHECKING

from volint.kinds import guess
from volint.lsp.run import Cancelled, Run, Snapshot
from volint.mistakes import ConfigError
from volint.paths import PathError
from volint.plugins import PluginError
from volint.record import NamedTuple
from volint.session import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from concurrent.futures import Executor
    from typing import Any, Protocol

    from volint.lsp.documents import Document
    from volint.lsp.progress import FolderProgress

    class Host(Protocol):
        """Who shows what a bench finds."""

        executor: Executor

        def documents_of(self, bench: Bench) -> list[Document]:
            """Return the open documents that belong to a bench."""

        def options(self, bench: Bench) -> dict[str, Any]:
            """Return the options of the command line that hold for it. Raises UsageError for what is none."""

        def progress_of(self, bench: Bench) -> FolderProgress | None:
            """Return what tells how far a check is; None where nothing shows it."""

        def show(self, bench: Bench, files: Collection[str] | None) -> None:
            """Show what there is to say of some files, by real path, or of all."""

        def ended(self, error: BaseException | None) -> None:
            """Report an error of volint's own that a check has ended with, if it has."""


__all__ = ["Bench", "Failure"]

DEBOUNCE = 0.2
"""Seconds of quiet before a change is looked at."""
_LONG = 0.6
"""Seconds that a check of everything may take to be made at each change."""
_QUIET = 1.5
"""Seconds of quiet before everything is looked at where that takes longer."""


class Failure(NamedTuple):
    """Why nothing could be checked, for the user to mend."""

    message: str
    path: str | None = None
    """Absolute path of the configuration that is wrong."""
    line: int = 0
    """1-based; 0: none in particular."""
    column: int = 0


class Bench:
    """The state of one folder, or of one file outside of all folders."""

    def __init__(self, host: Host, folder: str, file: str | None = None) -> None:
        self.folder = folder
        self.file = file
        self.failure: Failure | None = None
        """Why there is nothing to show, if that is so."""
        self.full: Snapshot | None = None
        """The last check of everything."""
        self._host = host
        self._base: Run | None = None
        self._narrow: Snapshot | None = None
        self._narrowed: frozenset[str] = frozenset()
        self._groups: Mapping[str, frozenset[str]] | None = None
        self._edited: set[str] | None = set()
        self._task: asyncio.Task[None] | None = None
        self._later: asyncio.Task[None] | None = None
        self._stop: Event | None = None
        self._running = False

    # -- what is known

    def snapshot(self, real: str) -> Snapshot | None:
        """Return the last check that a file was part of."""
        return self._narrow if real in self._narrowed else self.full

    def holds(self, document: Document) -> bool:
        """Return whether nothing is under way, and the last check has seen a document as it is now."""
        return self._task is None and self._has_seen(document)

    def _has_seen(self, document: Document) -> bool:
        snapshot = self.snapshot(document.real)
        source = None if snapshot is None else snapshot.sources.get(document.real)
        return source is not None and source.text == document.text

    def is_read(self, real: str) -> bool:
        """Return whether the last check has read a file."""
        snapshot = self.snapshot(real)
        return snapshot is not None and real in snapshot.sources

    def is_edited(self, real: str) -> bool:
        """Return whether the last check had another text of a file than the disk."""
        snapshot = self.snapshot(real)
        return snapshot is not None and real in snapshot.edited

    # -- when to look

    def changed(self, real: str | None, *, on_disk: bool = False, delay: float = DEBOUNCE) -> None:
        """Look again after a while, since a file has changed; None: anything may have."""
        if real is not None and not on_disk and self._is_nothing(real):
            return
        if real is None:
            self._edited = None
        elif self._edited is not None:
            self._edited.add(real)
        if on_disk:
            self._base = None
        self._call_off()
        self._start(delay)

    def _is_nothing(self, real: str) -> bool:
        """Return whether a file is surely nothing to volint; where checking is quick nobody asks."""
        if self._groups is None or real in self._groups:
            return False
        found = guess(real)
        return found.kind is None and found.look is None and "env" not in os.path.basename(real)

    def _call_off(self) -> None:
        if self._stop is not None:
            self._stop.set()
        for task in (self._task, self._later):
            if task is not None:
                task.cancel()
        self._task = self._later = None

    def _start(self, delay: float) -> None:
        self._running = False
        self._task = asyncio.get_running_loop().create_task(self._look(delay))
        self._task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if self._task is task:
            self._task = None
        if not task.cancelled():
            self._host.ended(task.exception())

    async def settled(self) -> None:
        """Wait until everything that has changed was looked at, and do not wait for quiet."""
        while self._task is not None:
            if not self._running:
                self._call_off()
                self._start(0)
            await asyncio.wait({self._task})

    def close(self) -> None:
        """Look no more."""
        self._call_off()

    # -- looking

    async def _look(self, delay: float) -> None:
        await asyncio.sleep(delay)
        self._running = True
        only = self._affected()
        given = {document.real: document.text for document in self._host.documents_of(self)}
        await self._check(only, given)
        for document in self._host.documents_of(self):
            if given.get(document.real) != document.text and not self._has_seen(document):
                # Opened meanwhile.
                self.changed(document.real, delay=0)
                return
        if only is not None:
            self._later = asyncio.get_running_loop().create_task(self._look_at_all())
            self._later.add_done_callback(self._ended)

    async def _look_at_all(self) -> None:
        await asyncio.sleep(_QUIET)
        given = {document.real: document.text for document in self._host.documents_of(self)}
        await self._check(None, given)

    def _affected(self) -> frozenset[str] | None:
        """Return the files that changes may concern where looking at all would take long; None for all."""
        if not self._edited or self._groups is None:
            return None
        groups = [self._groups.get(real, frozenset((real,))) for real in self._edited]
        return frozenset().union(*groups)

    async def _check(self, only: frozenset[str] | None, texts: Mapping[str, str]) -> None:
        self._stop = stop = Event()
        # Later ones answer to what somebody types.
        progress = self._host.progress_of(self) if self.full is None and only is None else None
        work = asyncio.get_running_loop().run_in_executor(
            self._host.executor, self._work, self._base, texts, only, stop, progress
        )
        try:
            base, outcome = await work
        finally:
            if progress is not None:
                progress.end()
        self._base = base
        if isinstance(outcome, Failure):
            self.failure = outcome
            self.full = self._narrow = self._groups = None
            self._narrowed = frozenset()
            self._edited = None
            self._host.show(self, None)
            return
        self.failure = None
        snapshot, groups = outcome
        if only is None:
            self.full = snapshot
            self._narrow, self._narrowed = None, frozenset()
            self._groups = groups
            self._edited = set()
            self._host.show(self, None)
        else:
            self._narrow = snapshot
            self._narrowed = frozenset(map(snapshot.run.files.real_path, only))
            self._host.show(self, self._narrowed)

    def _work(
        self,
        base: Run | None,
        given: Mapping[str, str],
        only: frozenset[str] | None,
        stop: Event,
        progress: FolderProgress | None,
    ) -> tuple[Run | None, Failure | tuple[Snapshot, Mapping[str, frozenset[str]] | None]]:
        """Check, in a thread of its own. Raises Cancelled."""
        if stop.is_set():
            raise Cancelled
        try:
            if base is None:
                base = self._new()
            texts = {}
            for real, text in given.items():
                source = base.files.read(real)
                if source is None or source.text != text:
                    texts[real] = text
            run = base.start(texts, stop, progress)
            snapshot = run.check(only)
            base.files.adopt(run.files)
        except (UsageError, ConfigError, PathError, PluginError) as error:
            return None, self._failure(error)
        long = only is None and snapshot.seconds > _LONG
        return base, (snapshot, snapshot.groups() if long else None)

    def _failure(self, error: Exception) -> Failure:
        """Return what to say of an error, with its place in a configuration where it has one."""
        cause = error.__cause__ if isinstance(error.__cause__, ConfigError) else error
        if not isinstance(cause, ConfigError) or not cause.path:
            return Failure(str(error))
        path = os.path.realpath(os.path.join(self.folder, cause.path))
        return Failure(cause.message, path, cause.line, cause.column)

    def _new(self) -> Run:
        options = self._host.options(self)
        paths = (os.path.basename(self.file),) if self.file else (".",)
        return Run({**options, "paths": paths}, self.folder)
