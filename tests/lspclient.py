"""An editor for tests: the real `volint lsp`, spoken to by pytest-lsp's client."""

from __future__ import annotations

import copy
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from lsprotocol import types
from pytest_lsp import LanguageClient, client_capabilities, make_test_lsp_client
from realcommand import environment

VS_CODE = "visual-studio-code"


class Editor:
    """Open folders and documents, and what the server said of them."""

    def __init__(
        self,
        *folders: Path,
        options: object = None,
        settings: Mapping[str, object] | None = None,
        client: str = VS_CODE,
        encodings: Sequence[str] | None = None,
        resolves: bool = True,
        creates: bool = True,
        progress: bool = True,
    ) -> None:
        self.client: LanguageClient = make_test_lsp_client()
        self.texts: dict[str, str] = {}
        self._versions: dict[str, int] = {}
        self._folders = folders
        self._options = options
        if settings is not None:
            self.client.set_configuration({"volint": dict(settings)})
        self._capabilities = copy.deepcopy(client_capabilities(client))
        if encodings is not None:
            self._capabilities.general = types.GeneralClientCapabilities(
                position_encodings=[types.PositionEncodingKind(each) for each in encodings]
            )
        document = self._capabilities.text_document
        workspace = self._capabilities.workspace
        assert document is not None
        assert workspace is not None
        # The client of the tests has no such request.
        workspace.did_change_watched_files = None
        assert self._capabilities.window is not None
        self._capabilities.window.work_done_progress = progress
        if not resolves and document.code_action:
            document.code_action.resolve_support = None
        if not creates and workspace.workspace_edit:
            workspace.workspace_edit.resource_operations = []

    async def __aenter__(self) -> Editor:
        await self.client.start_io(sys.executable, "-m", "volint", "lsp", env=environment())
        folders = [types.WorkspaceFolder(path.as_uri(), path.name) for path in self._folders]
        params = types.InitializeParams(
            self._capabilities,
            root_uri=folders[0].uri if folders else None,
            workspace_folders=folders,
            initialization_options=self._options,
        )
        self.server = await self.client.initialize_session(params)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.client.shutdown_session()
        await self.client.stop()

    def progress(self) -> list[Any]:
        """Return all that was said of how far something is, in its order."""
        return [each for reports in self.client.progress_reports.values() for each in reports]

    # -- documents

    def open(self, path: Path | str, text: str | None = None, language: str = "yaml") -> str:
        """Open a file, or a text in its place, and return its URI."""
        uri = path if isinstance(path, str) else path.as_uri()
        if text is None:
            assert isinstance(path, Path)
            text = path.read_bytes().decode()
        self.texts[uri] = text
        self._versions[uri] = 1
        item = types.TextDocumentItem(uri, language, 1, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return uri

    def type(self, uri: str, text: str) -> None:
        """Let a document have another text."""
        self.texts[uri] = text
        self._versions[uri] += 1
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(self._versions[uri], uri),
                [types.TextDocumentContentChangeWholeDocument(text)],
            )
        )

    def save(self, uri: str) -> None:
        """Write a document to its file."""
        from_uri(uri).write_bytes(self.texts[uri].encode())
        self.client.text_document_did_save(
            types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(uri))
        )

    def close(self, uri: str) -> None:
        self.client.text_document_did_close(
            types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri))
        )
        del self.texts[uri]

    def changed_on_disk(self, *paths: Path) -> None:
        """Tell of files that something else has written."""
        kind = types.FileChangeType.Changed
        events = [types.FileEvent(path.as_uri(), kind) for path in paths]
        self.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams(events))

    # -- questions; each waits until the server has looked at the texts as they are

    async def codes(self, uri: str, path: Path | None = None) -> list[str]:
        """Return the codes shown for a document, or for a file beside it."""
        return [str(each.code) for each in await self.diagnostics(uri, path)]

    async def diagnostics(self, uri: str, path: Path | None = None) -> list[types.Diagnostic]:
        await self.actions(uri, 0)
        return self.client.diagnostics.get(path.as_uri() if path else uri, [])

    async def actions(
        self, uri: str, line: int, *only: str, column: int | None = None
    ) -> list[types.CodeAction]:
        """Return the code actions for a 0-based line, or for a place in it."""
        start = types.Position(line, column or 0)
        end = start if column is not None else types.Position(line, 1000)
        context = types.CodeActionContext([], only=list(only) or None)  # type: ignore[arg-type]
        found = await self.client.text_document_code_action_async(
            types.CodeActionParams(
                types.TextDocumentIdentifier(uri), types.Range(start, end), context
            )
        )
        return [each for each in found or () if isinstance(each, types.CodeAction)]

    async def action(self, uri: str, line: int, title: str) -> types.CodeAction:
        """Return the one action for a line whose title has these words, with its edit."""
        (found,) = [each for each in await self.actions(uri, line) if title in each.title]
        if found.edit is None:
            found = await self.client.code_action_resolve_async(found)
        return found

    async def hover(self, uri: str, line: int, column: int) -> str:
        found = await self.client.text_document_hover_async(
            types.HoverParams(types.TextDocumentIdentifier(uri), types.Position(line, column))
        )
        if found is None:
            return ""
        assert isinstance(found.contents, types.MarkupContent)
        return found.contents.value

    def messages(self) -> list[str]:
        return [message.message for message in self.client.messages]

    # -- edits

    def apply(self, edit: types.WorkspaceEdit | None) -> dict[str, str]:
        """Return the texts that an edit makes, by URI; all edits are of the versions that are open."""
        assert edit is not None
        made: dict[str, str] = {}
        changes: list[Any] = list(edit.document_changes or ())
        if edit.changes is not None:
            assert edit.document_changes is None
            changes = [
                types.TextDocumentEdit(types.OptionalVersionedTextDocumentIdentifier(uri), edits)
                for uri, edits in edit.changes.items()
            ]
        for change in changes:
            if isinstance(change, types.CreateFile):
                made[change.uri] = ""
                continue
            uri = change.text_document.uri
            if edit.changes is None:
                assert change.text_document.version == self._versions.get(uri)
            text = made.get(uri, self.texts.get(uri))
            if text is None:
                text = from_uri(uri).read_bytes().decode()
            made[uri] = replaced(text, change.edits)
        return made


def from_uri(uri: str) -> Path:
    """Return the path of a URI without escapes."""
    return Path(uri.removeprefix("file://"))


def replaced(text: str, edits: Sequence[Any]) -> str:
    """Return a text with edits, whose positions count UTF-16 units."""
    starts = [0]
    units = text.encode("utf-16-le")
    lines = text.replace("\r\n", "\n\n").replace("\r", "\n")
    for index, char in enumerate(lines):
        if char == "\n" and not text.startswith("\r\n", index):
            starts.append(len(text[: index + 1].encode("utf-16-le")))
    places = [
        (
            starts[edit.range.start.line] + 2 * edit.range.start.character,
            starts[edit.range.end.line] + 2 * edit.range.end.character,
            edit.new_text,
        )
        for edit in edits
    ]
    for start, end, new in sorted(places, key=lambda place: place[:2], reverse=True):
        units = units[:start] + new.encode("utf-16-le") + units[end:]
    return units.decode("utf-16-le")
