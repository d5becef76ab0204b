"""Projects of files that hold commands: scripts, documents, units, quadlets, devcontainers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.assemble.commandlines import of_commands
from volint.model import ContainerKind, Project, ProjectKind
from volint.source import Kind

if TYPE_CHECKING:
    from volint.assemble.commandlines import Scene
    from volint.source import Source

__all__ = ["projects"]


def projects(source: Source, scene: Scene) -> list[Project]:
    """Return the projects of a script, document or unit, none if it holds no container command.

    All run lines of one file are one project; each block of a document is one of its own.
    """
    if source.kind is Kind.SHELL:
        from volint.parse.shell import parse

        commands, problems = parse(source, variables=scene.environ, cwd=scene.cwd, home=scene.home)
        return _listed(of_commands(source, commands, problems, scene))
    if source.kind is Kind.QUADLET:
        from volint.assemble.units import quadlet

        return _listed(quadlet(source, scene))
    if source.kind is Kind.DEVCONTAINER:
        from volint.assemble.units import devcontainer

        return _listed(devcontainer(source, scene))
    from volint.parse.embedded import commands as read

    blocks, problems = read(source)
    if source.kind is Kind.MARKDOWN:
        from volint.assemble.document import of_block

        return [made for block in blocks if (made := of_block(source, block, scene)) is not None]
    kind = ProjectKind.UNIT if source.kind is Kind.UNIT else ProjectKind.SCRIPT
    found = [command for block in blocks for command in block.commands]
    made = of_commands(source, found, problems, scene, kind)
    if made is not None and kind is ProjectKind.UNIT:
        units = tuple(one._replace(kind=ContainerKind.UNIT) for one in made.containers)
        made = made._replace(containers=units)
    return _listed(made)


def _listed(project: Project | None) -> list[Project]:
    return [project] if project is not None else []
