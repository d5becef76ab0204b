"""The documents that an editor has open, by their URIs and by the files they are."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from pygls.uris import to_fs_path

from volint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Document", "Documents", "path_of", "uri_of"]

_MARK = "\ufeff"


class Document(NamedTuple):
    """A text as it stands in the editor."""

    uri: str
    """Its URI as the client writes it."""
    path: str
    """Its absolute path."""
    real: str
    """Its path with symbolic links followed."""
    text: str
    """Its text without a byte order mark."""
    version: int | None
    """The client's number of this text."""


def path_of(uri: str) -> str | None:
    """Return the absolute path that a URI stands for; None where it is no file of this machine."""
    try:
        path = to_fs_path(uri) if uri.startswith("file:") else None
    except ValueError:  # no URI at all
        return None
    return os.path.normpath(path) if path and os.path.isabs(path) else None


def uri_of(path: str) -> str:
    """Return the URI of an absolute path."""
    from pathlib import Path

    return Path(path).as_uri()


class Documents:
    """All open documents that are files; what else a client opens is passed over."""

    def __init__(self) -> None:
        self._open: dict[str, Document] = {}
        self.marked: set[str] = set()
        """Paths of the documents whose text begins with a byte order mark in the editor."""
        self.folders: dict[str, str] = {}
        """The folders that are open, by real path, as the client calls them."""

    def put(self, uri: str, text: str, version: int | None) -> Document | None:
        """Take a document's text; return None for what is no file."""
        path = path_of(uri)
        if path is None:
            return None
        real = os.path.realpath(path)
        if text.startswith(_MARK):
            text = text[1:]
            self.marked |= {path, real}
        else:
            self.marked -= {path, real}
        self._open[uri] = document = Document(uri, path, real, text, version)
        return document

    def close(self, uri: str) -> Document | None:
        """Forget a document and return it; None if it was not known."""
        document = self._open.pop(uri, None)
        if document is not None:
            self.marked -= {document.path, document.real}
        return document

    def get(self, uri: str) -> Document | None:
        """Return an open document."""
        return self._open.get(uri)

    def of(self, real: str) -> list[Document]:
        """Return the open documents of a real path: a client may open a file by several names."""
        return [document for document in self._open.values() if document.real == real]

    def __iter__(self) -> Iterator[Document]:
        return iter(tuple(self._open.values()))

    def uri(self, real: str) -> str:
        """Return the URI that the client knows a real path by."""
        found = self.of(real)
        return found[0].uri if found else self.closed_uri(real)

    def closed_uri(self, real: str) -> str:
        """Return the URI of a real path below the folder as the client has opened it, maybe through a link."""
        for folder, path in self.folders.items():
            start = folder.rstrip(os.sep) + os.sep
            if real.startswith(start):
                return uri_of(os.path.join(path, real[len(start) :]))
        return uri_of(real)
