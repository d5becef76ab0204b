"""The server itself: what an editor says and asks, and what it is told.

Documents are taken over whole at each change (`TextDocumentSyncKind.Full`): a text is what volint checks, and no
count of lines has to agree before it does.
"""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer

from volint import __version__
from volint.lsp.bench import DEBOUNCE, Bench
from volint.lsp.diagnostics import SOURCE, Client, diagnostic, plain
from volint.lsp.documents import Document, Documents, path_of
from volint.lsp.positions import Positions
from volint.lsp.progress import FolderProgress
from volint.lsp.settings import SECTION, ClientSettings, read_settings
from volint.session import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from concurrent.futures import Executor

    from volint.lsp.run import Snapshot

__all__ = ["VolintServer"]

_T = TypeVar("_T")

_WATCHED = (
    "**/{.volint,volint}.{yaml,yml}",
    "**/*.{yaml,yml,env,sh,bash,md,mk,just,json,service,container,volume}",
    "**/.env*",
    "**/{.dockerignore,.containerignore,.gitignore}",
    "**/*{Dockerfile,Containerfile,dockerfile,containerfile}*",
    "**/{Makefile,makefile,GNUmakefile,justfile,Justfile}",
)
"""Files whose changes outside of the editor change findings."""


class VolintServer(LanguageServer):
    """The state of one connection. `volint.lsp.handlers` says what happens on which message."""

    def __init__(self, parse: Callable[[Sequence[str]], dict[str, Any]]) -> None:
        super().__init__(
            "volint", __version__, text_document_sync_kind=types.TextDocumentSyncKind.Full
        )
        self.documents = Documents()
        self.settings = ClientSettings()
        self.executor: Executor = ThreadPoolExecutor(1, "volint")
        self.client = Client(Positions(), self.documents.uri, self.version_of)
        self._parse = parse
        self._given: object = None
        self._benches: dict[str, Bench] = {}
        self._shown: dict[str, list[types.Diagnostic]] = {}
        self._told: set[str] = set()
        self._checks = 0

    # -- the client

    def greet(self, params: types.InitializeParams) -> None:
        """Take what the client can do and what it sets."""
        able = params.capabilities.text_document or types.TextDocumentClientCapabilities()
        shown = able.publish_diagnostics or types.PublishDiagnosticsClientCapabilities()
        edits = (
            params.capabilities.workspace and params.capabilities.workspace.workspace_edit
        ) or types.WorkspaceEditClientCapabilities()
        formats = (able.hover and able.hover.content_format) or ()
        self.client = Client(
            Positions(
                self.workspace.position_encoding or types.PositionEncodingKind.Utf16,
                self.documents.marked,
            ),
            self.documents.uri,
            self.version_of,
            related=bool(shown.related_information),
            descriptions=bool(shown.code_description_support),
            tags=shown.tag_support is not None,
            versioned=bool(edits.document_changes),
            creates=types.ResourceOperationKind.Create in (edits.resource_operations or ()),
            markdown=not formats or types.MarkupKind.Markdown in formats,
        )
        self._given = params.initialization_options
        self._set(self._given)

    async def begin(self) -> None:
        """Look at all folders, and ask for settings and for word of files that change."""
        self.follow_folders()
        able = self.client_capabilities.workspace
        watching = able and able.did_change_watched_files
        if watching and watching.dynamic_registration:
            await self._watch()
        await self.ask_for_settings()

    async def _watch(self) -> None:
        """Ask for word of files that change. A client may refuse although it says that it can."""
        watchers = [types.FileSystemWatcher(glob) for glob in _WATCHED]
        wish = types.Registration(
            "volint-files",
            types.WORKSPACE_DID_CHANGE_WATCHED_FILES,
            types.DidChangeWatchedFilesRegistrationOptions(watchers),
        )
        with suppress(JsonRpcException):
            await self.client_register_capability_async(types.RegistrationParams([wish]))

    async def ask_for_settings(self, pushed: object = None) -> None:
        """Read the settings: what the client answers where it can be asked, else what it pushes."""
        able = self.client_capabilities.workspace
        if able and able.configuration:
            item = types.ConfigurationItem(section=SECTION)
            with suppress(JsonRpcException):
                wish = types.ConfigurationParams([item])
                answer = await self.workspace_configuration_async(wish)
                pushed = answer[0] if answer else None
        before = self.settings
        self._set(self._given, pushed)
        if self.settings != before:
            for bench in self._benches.values():
                bench.changed(None, on_disk=True, delay=0)

    def _set(self, *given: object) -> None:
        self.settings, wrong = read_settings(*given)
        for message in wrong:
            self.tell(message)

    def tell(self, message: str, kind: types.MessageType = types.MessageType.Error) -> None:
        """Show a message in the editor, each once."""
        if message not in self._told:
            self._told.add(message)
            self.window_show_message(types.ShowMessageParams(kind, f"volint: {message}"))

    def tell_again(self, message: str) -> None:
        """Show an answer to what was just asked for."""
        self.window_show_message(
            types.ShowMessageParams(types.MessageType.Info, f"volint: {message}")
        )

    @property
    def resolves(self) -> bool:
        """Whether the client asks for an action's edit when it is chosen."""
        able = self.client_capabilities.text_document
        asks = able and able.code_action
        if not asks or not asks.data_support or not asks.resolve_support:
            return False
        return "edit" in asks.resolve_support.properties

    async def think(self, work: Callable[..., _T], *given: Any) -> _T:
        """Do something in the thread of the checks."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.executor, work, *given)

    def rest(self) -> None:
        """Look at nothing any more."""
        for bench in self._benches.values():
            bench.close()
        self.executor.shutdown(wait=False, cancel_futures=True)

    # -- documents and folders

    def version_of(self, uri: str) -> int | None:
        """Return the version of an open document."""
        document = self.documents.get(uri)
        return None if document is None else document.version

    def follow_folders(self) -> None:
        """Look at the folders that the client has open, and no more at others."""
        folders = [path_of(uri) for uri in self.workspace.folders]
        if not self.workspace.folders and self.workspace.root_uri:
            folders = [path_of(self.workspace.root_uri)]
        wanted = {os.path.realpath(path): path for path in folders if path is not None}
        self.documents.folders = wanted
        for path, bench in list(self._benches.items()):
            if bench.file is None and path not in wanted:
                bench.close()
                del self._benches[path]
        for path in sorted(wanted.keys() - self._benches.keys()):
            if os.path.isdir(path):
                self._benches[path] = Bench(self, path)
                self._benches[path].changed(None, delay=0)
        self._part()

    def _part(self) -> None:
        """Give every open document its bench, and take those away that have none any more."""
        alone = {}
        for document in self.documents:
            if self._folder(document.real) is None:
                alone[document.real] = document
        for path, bench in list(self._benches.items()):
            if bench.file is not None and path not in alone:
                bench.close()
                del self._benches[path]
        for real in alone.keys() - self._benches.keys():
            self._benches[real] = Bench(self, os.path.dirname(real), real)
            self._benches[real].changed(None, delay=0)
        self._clear()

    def _folder(self, real: str) -> Bench | None:
        """Return the innermost folder that a file is in."""
        within = [
            bench
            for path, bench in self._benches.items()
            if bench.file is None and real.startswith(path.rstrip(os.sep) + os.sep)
        ]
        return max(within, key=lambda bench: len(bench.folder), default=None)

    def bench(self, real: str) -> Bench | None:
        """Return the bench that a file belongs to."""
        return self._folder(real) or self._benches.get(real)

    def documents_of(self, bench: Bench) -> list[Document]:
        """Return the open documents that belong to a bench."""
        return [document for document in self.documents if self.bench(document.real) is bench]

    def opened(self, document: Document) -> None:
        """Show what is known of a document, or look at it."""
        self._part()
        bench = self.bench(document.real)
        if bench is None:
            return
        if bench.holds(document):
            self._publish(bench, document.real)
        elif bench.full is not None or bench.failure is not None:
            bench.changed(document.real, on_disk=bench.is_read(document.real), delay=0)

    def edited(self, document: Document) -> None:
        """Look at a document that is being edited."""
        bench = self.bench(document.real)
        if bench is not None:
            bench.changed(document.real)

    def saved(self, real: str, delay: float = DEBOUNCE) -> None:
        """Look at the folder of a file that has changed on the disk."""
        bench = self.bench(real)
        if bench is not None:
            name = os.path.basename(real)
            settings = name.removeprefix(".") in ("volint.yaml", "volint.yml", "gitignore")
            bench.changed(None if settings else real, on_disk=True, delay=delay)

    def closed(self, document: Document) -> None:
        """Take a document as it is on the disk."""
        bench = self.bench(document.real)
        self._part()
        if bench is None or bench.file is not None:
            return
        if bench.holds(document) and not bench.is_edited(document.real):
            self._publish(bench, document.real)
        else:
            self.saved(document.real)

    # -- what a bench asks for and says

    def options(self, bench: Bench) -> dict[str, Any]:
        """Return the options of the command line that hold for a bench. Raises UsageError for what is none."""
        try:
            return self._parse(self.settings.args)
        except ValueError as error:
            raise UsageError(f"the editor's settings: {error}") from None

    def progress_of(self, bench: Bench) -> FolderProgress | None:
        """Return what tells the client how far a check of a folder is; None where it shows no such thing."""
        able = self.client_capabilities.window
        if not able or not able.work_done_progress or bench.file is not None:
            return None
        self._checks += 1
        return FolderProgress(self, f"volint-{self._checks}", os.path.basename(bench.folder))

    def show(self, bench: Bench, files: Collection[str] | None) -> None:
        """Show what there is to say of some files of a bench, by real path, or of all."""
        if bench.failure is not None:
            self.tell(bench.failure.message)
        full = bench.full
        for failure in full.run.failures if full is not None else ():
            self.tell(failure)
        if files is None:
            files = {document.real for document in self.documents_of(bench)}
            files |= full.findings.keys() if full is not None else set()
            if bench.failure is not None and bench.failure.path is not None:
                files.add(bench.failure.path)
        for real in sorted(files):
            self._publish(bench, real)
        self._clear()

    def _publish(self, bench: Bench, real: str) -> None:
        if self.bench(real) is not bench:
            return
        found = self._diagnostics(bench, real)
        open_documents = self.documents.of(real)
        for document in open_documents:
            self._send(document.uri, found, document.version)
        uri = self.documents.closed_uri(real)
        if all(document.uri != uri for document in open_documents):
            hidden = open_documents or self.settings.open_files_only
            self._send(uri, [] if hidden else found, None)

    def _diagnostics(self, bench: Bench, real: str) -> list[types.Diagnostic]:
        failure = bench.failure
        if failure is not None:
            return (
                [_mistake(failure.message, failure.line, failure.column)]
                if failure.path == real
                else []
            )
        snapshot = bench.snapshot(real)
        if snapshot is None:
            return []
        return [
            diagnostic(found, snapshot, self.client) for found in snapshot.findings.get(real, ())
        ]

    def _send(self, uri: str, found: list[types.Diagnostic], version: int | None) -> None:
        if version is None and self._shown.get(uri, []) == found:
            return
        self._shown[uri] = found
        if not found and version is None:
            del self._shown[uri]
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, found, version))

    def _clear(self) -> None:
        """Show nothing more for files that nothing is known of."""
        for uri, found in list(self._shown.items()):
            if not found or self.documents.get(uri) is not None:
                continue
            path = path_of(uri)
            real = None if path is None else os.path.realpath(path)
            bench = None if real is None else self.bench(real)
            if bench is None or real is None or not self._diagnostics(bench, real):
                self._send(uri, [], None)

    def ended(self, error: BaseException | None) -> None:
        """Report an error of volint's own that a check has ended with, if it has."""
        if error is not None:
            from volint.failure import what_failed

            self.tell(
                f"a check has failed: {what_failed(error)}; make a bug report with the files it was about"
            )

    # -- what questions are answered from

    async def known(self, uri: str) -> tuple[Document, Snapshot] | None:
        """Return a document with a check that has seen it as it is now; None where there is none."""
        document = self.documents.get(uri)
        bench = None if document is None else self.bench(document.real)
        if document is None or bench is None:
            return None
        await bench.settled()
        document = self.documents.get(uri)
        snapshot = None if document is None else bench.snapshot(document.real)
        if document is None or snapshot is None:
            return None
        source = snapshot.sources.get(document.real)
        if source is None or source.text != document.text:
            return None
        return document, snapshot


def _mistake(message: str, line: int, column: int) -> types.Diagnostic:
    """Return what is wrong with a configuration as a diagnostic of its file."""
    place = types.Position(max(line - 1, 0), max(column - 1, 0))
    return types.Diagnostic(
        types.Range(place, place),
        plain(message),
        types.DiagnosticSeverity.Error,
        code="configuration",
        source=SOURCE,
    )
