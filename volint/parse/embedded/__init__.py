"""Container commands and small files inside of other files: recipes, CI jobs, documents, units.

`commands` gives one `Block` for everything that runs or stands together, with places in the host file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.parse.embedded.block import Block
from volint.source import Kind

if TYPE_CHECKING:
    from volint.source import Problem, Source

__all__ = ["Block", "commands"]


def commands(source: Source) -> tuple[list[Block], list[Problem]]:
    """Return the blocks of a file in the order they are written in, and what could not be read.

    The file's kind says how to read it; a kind that embeds nothing has no blocks.
    """
    from volint.parse.shell import mentions

    if source.kind is not Kind.MARKDOWN and not mentions(source.text):
        return ([], []) if source.kind is not Kind.CI else _ci(source)
    if source.kind is Kind.SHELL:
        from volint.parse.embedded.block import of_script

        return of_script(source), []
    if source.kind is Kind.MAKEFILE:
        from volint.parse.embedded.makefile import blocks

        return blocks(source), []
    if source.kind is Kind.JUSTFILE:
        from volint.parse.embedded.justfile import blocks as just

        return just(source), []
    if source.kind is Kind.MARKDOWN:
        from volint.parse.embedded.markdown import blocks as document

        return document(source), []
    if source.kind is Kind.PACKAGE_JSON:
        from volint.parse.embedded.package import blocks as package

        return package(source)
    if source.kind is Kind.UNIT:
        from volint.parse.embedded.unit import blocks as unit

        return unit(source), []
    if source.kind is Kind.TASKFILE:
        from volint.parse.embedded.taskfile import blocks as tasks

        return tasks(source)
    return _ci(source) if source.kind is Kind.CI else ([], [])


def _ci(source: Source) -> tuple[list[Block], list[Problem]]:
    from volint.parse.embedded.ci import blocks

    return blocks(source)
