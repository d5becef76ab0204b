"""Containers that CI files describe in keys of their own: a job's `container:`, its `services:`.

The runner starts them with `docker create`; they are given as such a command, its words at the places
of the keys' values.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from volint.lazy import regex
from volint.parse.derived import Derived
from volint.parse.embedded.block import Block, pseudo
from volint.parse.embedded.yamltree import entries, flat, mapping, scalar
from volint.parse.shell import words_of
from volint.source import Word

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from volint.parse.shellcommand import ShellCommand
    from volint.parse.yaml import Node, Scalar

__all__ = ["azure_containers", "azure_job", "github_containers"]

_EXPRESSION = regex(r"\$\{\{(.*?)\}\}", re.DOTALL)


def _word(node: Scalar) -> Word:
    text = Derived.of_word(node.word()).marked(_EXPRESSION)
    from volint.parse.bits import build

    return build(text.source, text.bits) if text.bits else Word("", node.inner())


def github_containers(job: str, fields: dict[str, Node]) -> Iterable[Block]:
    """Return a block for `container:` and for each of `services:` of a job."""
    return _of_job(job, fields, (), "github")


def azure_job(job: str, fields: dict[str, Node], resources: Collection[str]) -> Iterable[Block]:
    """Return the same of a job of Azure Pipelines; what only names one of `resources` is left out."""
    return _of_job(job, fields, resources, "azure")


def _of_job(
    job: str, fields: dict[str, Node], resources: Collection[str], host: str
) -> Iterable[Block]:
    described = [(job, "", fields["container"])] if "container" in fields else []
    described += [(name, name, node) for name, node in entries(fields.get("services"))]
    for title, name, node in described:
        plain = scalar(node)
        command = _container(name, node) if not plain or plain.value not in resources else None
        if command is not None:
            yield Block("shell", node.span(), title, (command,), "bash", host)


def _container(name: str, node: Node) -> ShellCommand | None:
    plain = scalar(node)
    fields = mapping(node)
    image = plain or scalar(fields.get("image"))
    if image is None or not image.value:
        return None
    arguments: list[Word | str] = [f"--name={name}"] if name and plain is None else []
    for item in flat(fields.get("volumes")):
        arguments += ("-v", _word(item))
    for variable, value in entries(fields.get("env")):
        text = scalar(value)
        if text is not None:
            arguments += ("-e", _pair(variable, text))
    options = scalar(fields.get("options"))
    if options is not None and options.value:
        arguments += words_of(Derived.of_word(options.word()).marked(_EXPRESSION))
    return pseudo("docker create", [*arguments, _word(image)], node.span(), image.inner())


def _pair(name: str, node: Scalar) -> Word:
    """Return `NAME=value` with the value's places."""
    from volint.parse.bits import Bit, build

    text = Derived.of_word(node.word()).marked(_EXPRESSION)
    start = node.inner().start
    return build(node.source, [Bit(f"{name}=", start, start, True), *text.bits])


def azure_containers(resources: dict[str, Node]) -> Iterable[Block]:
    """Return a block for each container resource."""
    from volint.parse.embedded.yamltree import items

    for node in items(resources.get("containers")):
        fields = mapping(node)
        name = scalar(fields.get("container"))
        command = _container(name.value if name else "", node)
        if command is not None:
            yield Block(
                "shell", node.span(), name.value if name else "", (command,), "bash", "azure"
            )
