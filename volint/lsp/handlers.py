"""What happens on which message of a client."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from lsprotocol import types

from volint.lsp import actions, hover
from volint.lsp.documents import path_of

if TYPE_CHECKING:
    from volint.lsp.server import VolintServer

__all__ = ["listen"]


def listen(server: VolintServer) -> None:
    """Register what a server does on each message."""
    _settings(server)
    _documents(server)
    _questions(server)


def _settings(server: VolintServer) -> None:
    @server.feature(types.INITIALIZE)
    def _(params: types.InitializeParams) -> None:
        server.greet(params)

    @server.feature(types.INITIALIZED)
    async def _(params: types.InitializedParams) -> None:
        await server.begin()

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    async def _(params: types.DidChangeConfigurationParams) -> None:
        await server.ask_for_settings(params.settings)

    @server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def _(params: types.DidChangeWorkspaceFoldersParams) -> None:
        server.follow_folders()

    @server.feature(types.SHUTDOWN)
    def _(params: None) -> None:
        server.rest()


def _documents(server: VolintServer) -> None:
    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def _(params: types.DidOpenTextDocumentParams) -> None:
        opened = params.text_document
        document = server.documents.put(opened.uri, opened.text, opened.version)
        if document is not None:
            server.opened(document)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def _(params: types.DidChangeTextDocumentParams) -> None:
        changed = params.text_document
        text = params.content_changes[-1].text if params.content_changes else None
        if text is not None and server.documents.get(changed.uri) is not None:
            document = server.documents.put(changed.uri, text, changed.version)
            if document is not None:
                server.edited(document)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def _(params: types.DidSaveTextDocumentParams) -> None:
        _on_disk(server, params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def _(params: types.DidCloseTextDocumentParams) -> None:
        document = server.documents.close(params.text_document.uri)
        if document is not None:
            server.closed(document)

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def _(params: types.DidChangeWatchedFilesParams) -> None:
        for change in params.changes:
            _on_disk(server, change.uri)


def _on_disk(server: VolintServer, uri: str) -> None:
    path = path_of(uri)
    if path is not None:
        server.saved(os.path.realpath(path))


def _questions(server: VolintServer) -> None:
    kinds = [types.CodeActionKind.QuickFix, actions.FIX_ALL]
    options = types.CodeActionOptions(kinds, resolve_provider=True)

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, options)
    async def _(params: types.CodeActionParams) -> list[types.CodeAction] | None:
        known = await server.known(params.text_document.uri)
        if known is None:
            return None
        found = actions.offered(*known, params, server.client, server.settings.ignore_reason)
        if server.resolves:
            return found
        return [
            action
            for action in found
            if action.edit is not None or await _resolve(server, action) is not None
        ]

    @server.feature(types.CODE_ACTION_RESOLVE)
    async def _(params: types.CodeAction) -> types.CodeAction:
        # Some clients ask for what they have.
        if params.edit is None and await _resolve(server, params) is None:
            server.tell_again(actions.why_not(params))
        return params

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def _(params: types.HoverParams) -> types.Hover | None:
        known = await server.known(params.text_document.uri)
        return None if known is None else hover.hover(*known, params.position, server.client)


async def _resolve(server: VolintServer, action: types.CodeAction) -> types.WorkspaceEdit | None:
    """Give an action its edit, worked out in the thread of the checks; None where there is none any more."""
    wanted = actions.wanted(action)
    known = None if wanted is None else await server.known(wanted.uri)
    if wanted is None or known is None or known[0].version != wanted.version:
        return None
    document, snapshot = known
    run = snapshot.run.start({})
    reason = server.settings.ignore_reason
    action.edit = await server.think(
        actions.edit_for, wanted, document, snapshot, run, server.client, reason
    )
    return action.edit
