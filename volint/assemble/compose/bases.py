"""Files of other folders: bases of `extends`, and where references lead.

Source of the behaviour: compose-go 2.14, loader/extends.go and loader/loader.go (localResourceLoader).
"""

from __future__ import annotations

import os.path
from typing import TYPE_CHECKING

from volint.assemble.compose.canonical import canonical
from volint.assemble.compose.extends import BaseFile
from volint.assemble.compose.locate import absolute
from volint.assemble.compose.merge import merge_trees
from volint.assemble.compose.paths import Places, is_remote, resolve_paths
from volint.assemble.compose.tree import prune
from volint.assemble.compose.unique import enforce
from volint.assemble.compose.values import Map

if TYPE_CHECKING:
    from volint.assemble.compose.fileset import Context
    from volint.assemble.compose.load import Loader
    from volint.assemble.compose.report import Path
    from volint.assemble.compose.request import Reader
    from volint.assemble.compose.values import Scalar

__all__ = ["Bases", "relative_directory", "remote"]


class Bases:
    """Reads the files that services extend from."""

    def __init__(self, loader: Loader, context: Context) -> None:
        self.loader = loader
        self.context = context

    def read(self, source: Scalar, name: str) -> BaseFile | None:
        """Return a base file's services; None if it cannot be read, which is reported."""
        loader, context = self.loader, self.context
        text = str(source.data) if source.resolved is None else source.resolved
        if is_remote(text):
            remote(loader, source)
            return None
        directory = context.loader_directory
        file = absolute(directory, text)
        documents, there = loader.documents(file)
        if not there:
            loader.missing(file, source.span)
            return None
        tree: Map | None = None
        tags: list[Path] = []
        for document in documents:
            own, tags = loader.values(document.root, context)
            if own is None:
                return None
            if tree is not None:
                tree = merge_trees(prune(tree, tags), own, loader.report, overlay=False)
            else:
                tree = own
            enforce(tree, loader.report)
            canonical(tree, loader.report, lenient=not loader.request.interpolate)
            enforce(tree, loader.report)
        if tree is None:
            return BaseFile(text, None, tags)
        resolve_paths(
            tree,
            Places(relative_directory(loader.reader, directory, text), loader.request.home),
            loader.report,
        )
        found = tree.entries.get("services")
        return BaseFile(text, found.entries if isinstance(found, Map) else None, tags)


def remote(loader: Loader, source: Scalar) -> None:
    """Report a reference to something that is not on this machine."""
    loader.incomplete = True
    message = f"'{source.data}' is not on this machine and is not fetched"
    advice = "put a copy of it into the repository and name that, to have it judged"
    if loader.request.symbolic:
        loader.report.add("VL004", message, source.span, advice)
    else:
        loader.report.refuse("VL004", message, source.span, advice)


def relative_directory(reader: Reader, directory: str, path: str) -> str:
    """Return the directory of a file or directory, relative to another one.

    A directory that is not there counts as a file: its parent is returned.
    """
    there = absolute(directory, path)
    if reader.isdir(there) is False:
        folder = path.rpartition("/")[0] or ("/" if path.startswith("/") else ".")
        there = absolute(directory, folder)
    return os.path.relpath(there, directory)
