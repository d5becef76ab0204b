"""CI files: the scripts of GitHub Actions, GitLab CI, CircleCI, Azure Pipelines and of their kin.

Which system a file belongs to is told from its keys. Expressions that the system expands before the
shell sees them are not known; variables that the file itself sets to plain text are.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from volint.lazy import regex
from volint.parse.derived import Derived
from volint.parse.embedded.block import Block, from_folder
from volint.parse.embedded.yamltree import entries, flat, items, mapping, root, scalar, strings
from volint.parse.shell import mentions, parse_derived
from volint.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from volint.parse.yaml import Node, Scalar
    from volint.source import Problem, Source

__all__ = ["blocks"]

_EXPRESSION = regex(r"\$\{\{(.*?)\}\}", re.DOTALL)
_CIRCLE_EXPRESSION = regex(r"<<[ \t]*((?:parameters|pipeline|matrix)\.[\w.-]+)[ \t]*>>")
_AZURE_EXPRESSION = regex(
    r"\$\{\{(?:.*?)\}\}|\$\[(?:.*?)\]|\$\(([A-Za-z_]\w*(?:\.[\w.]+)+)\)", re.DOTALL
)
_SHELLS = {
    "sh": "sh",
    "bash": "bash",
    "pwsh": "powershell",
    "powershell": "powershell",
    "cmd": "cmd",
}
_GITLAB_GLOBAL = frozenset(
    ("stages", "variables", "include", "workflow", "cache", "image", "services", "pages", "spec")
)


def blocks(source: Source) -> tuple[list[Block], list[Problem]]:
    """Return a block for each job or step that runs container commands or describes containers."""
    if not mentions(source.text) and not re.search(
        r"\b(?:container|services|containers):", source.text
    ):
        return [], []
    top, problems = root(source)
    fields = mapping(top)
    found: list[Block]
    if "runs" in fields or (
        "jobs" in fields and ("on" in fields or "true" in fields or "name" in fields)
    ):
        found = list(_github(fields))
    elif "jobs" in fields and ("version" in fields or "orbs" in fields or "workflows" in fields):
        found = list(_circle(fields))
    elif any(
        name in fields for name in ("steps", "jobs", "stages", "pool", "trigger", "resources")
    ) and not (any("script" in mapping(node) for node in fields.values())):
        found = list(_azure(fields))
    else:
        found = list(_gitlab(fields))
    return found, problems


def _script(
    scripts: Iterable[Scalar],
    title: str,
    host: str,
    *,
    hole: re.Pattern[str] | None = None,
    known: Mapping[str, str] | None = None,
    folder: str | None = "",
    dialect: str = "bash",
) -> Block | None:
    """Return the block of scripts that one shell runs one after the other, None if it runs nothing of ours."""
    nodes = [node for node in scripts if node.value]
    texts = [Derived.of_word(node.word()) for node in nodes]
    if hole is not None:
        texts = [text.marked(hole) for text in texts]
    whole = Derived.joined(texts) if len(texts) > 1 else texts[0] if texts else None
    if whole is None or dialect not in ("bash", "sh", "powershell", "cmd"):
        return None
    if dialect in ("powershell", "cmd"):
        from volint.parse.embedded.windows import as_shell

        whole = as_shell(whole, dialect)
    commands = parse_derived(whole, dialect=dialect, known=known)
    if not commands:
        return None
    first, last = nodes[0].inner(), nodes[-1].inner()
    span = Span(first.source, first.start, max(first.end, last.end))
    return Block("shell", span, title, from_folder(commands, folder), dialect, host)


# -- GitHub Actions, Gitea, Forgejo


def _github(fields: dict[str, Node]) -> Iterable[Block]:
    from volint.parse.embedded.cicontainers import github_containers

    known = strings(fields.get("env"))
    jobs = entries(fields.get("jobs"))
    if "runs" in fields:
        jobs = [(scalar_text(fields.get("name")), fields["runs"]), *jobs]
    default = mapping(mapping(fields.get("defaults")).get("run"))
    for name, job in jobs:
        inner = mapping(job)
        yield from github_containers(name, inner)
        mine = {**default, **mapping(mapping(inner.get("defaults")).get("run"))}
        variables = {**known, **strings(inner.get("env"))}
        for step in items(inner.get("steps")):
            one = mapping(step)
            run = scalar(one.get("run"))
            if run is None:
                continue
            shell = scalar(one.get("shell") or mine.get("shell"))
            dialect = _SHELLS.get(shell.value.split()[0] if shell and shell.value else "bash", "")
            folder = scalar(one.get("working-directory") or mine.get("working-directory"))
            where = "" if folder is None else None if "${{" in folder.value else folder.value
            title = scalar_text(one.get("name")) or name
            block = _script(
                [run],
                title,
                "github",
                hole=_EXPRESSION,
                known={**variables, **strings(one.get("env"))},
                folder=where,
                dialect=dialect,
            )
            if block:
                yield block


def scalar_text(node: Node | None) -> str:
    """Return a scalar's value, '' for anything else."""
    found = scalar(node)
    return found.value if found else ""


# -- GitLab


def _gitlab(fields: dict[str, Node]) -> Iterable[Block]:
    known = strings(fields.get("variables"))
    default = mapping(fields.get("default"))
    shared = fields.get("before_script") or default.get("before_script")
    after = fields.get("after_script") or default.get("after_script")
    if not any("script" in mapping(node) for node in fields.values()):
        yield from _lists(fields, known)
    for name, job in fields.items():
        inner = mapping(job)
        if name in _GITLAB_GLOBAL or not inner:
            continue
        variables = {**known, **strings(inner.get("variables"))}
        before = inner.get("before_script") or (shared if "script" in inner else None)
        for parts in (
            (before, inner.get("script")),
            (inner.get("after_script") or (after if "script" in inner else None),),
        ):
            scripts = [found for part in parts for found in flat(part)]
            block = _script(scripts, name, "gitlab", known=variables, dialect="bash")
            if block:
                yield block


def _lists(fields: dict[str, Node], known: dict[str, str]) -> Iterable[Block]:
    """Read other systems: `commands`, `script`, `run` and the like, wherever they stand."""
    pending = list(reversed(fields.items()))
    visited = 0
    seen: set[int] = set()
    while pending and visited < 20_000:
        name, node = pending.pop()
        visited += 1
        if id(node) in seen:
            continue
        seen.add(id(node))
        if name in ("script", "commands", "run", "install", "before_script", "after_script"):
            block = _script(flat(node), name, "ci", known=known)
            if block:
                yield block
                continue
        pending.extend(reversed(entries(node)))
        pending.extend((name, item) for item in reversed(items(node)))


# -- CircleCI


def _circle(fields: dict[str, Node]) -> Iterable[Block]:
    for section in ("commands", "jobs"):
        for name, job in entries(fields.get(section)):
            inner = mapping(job)
            known = strings(inner.get("environment"))
            home = scalar(inner.get("working_directory"))
            pending = list(reversed(items(inner.get("steps"))))
            while pending:
                step = mapping(pending.pop())
                for nested in ("when", "unless"):
                    pending.extend(reversed(items(mapping(step.get(nested)).get("steps"))))
                run = step.get("run")
                one = mapping(run)
                command = scalar(one.get("command") or run)
                if command is None:
                    continue
                folder = scalar(one.get("working_directory")) or home
                block = _script(
                    [command],
                    scalar_text(one.get("name")) or name,
                    "circleci",
                    hole=_CIRCLE_EXPRESSION,
                    known={**known, **strings(one.get("environment"))},
                    folder=folder.value if folder else "",
                )
                if block:
                    yield block


# -- Azure Pipelines


def _azure(fields: dict[str, Node]) -> Iterable[Block]:
    from volint.parse.embedded.cicontainers import azure_containers, azure_job

    resources = mapping(fields.get("resources"))
    yield from azure_containers(resources)
    named = {scalar_text(mapping(n).get("container")) for n in items(resources.get("containers"))}
    pending: list[tuple[str, Node]] = list(reversed(fields.items()))
    visited = 0
    while pending and visited < 20_000:
        _, node = pending.pop()
        visited += 1
        inner = mapping(node)
        title = scalar_text(inner.get("displayName"))
        if "job" in inner or "steps" in inner:
            yield from azure_job(scalar_text(inner.get("job")), inner, named)
        inputs = mapping(inner.get("inputs"))
        folder = scalar(inner.get("workingDirectory") or inputs.get("workingDirectory"))
        where = "" if folder is None else None if "$" in folder.value else folder.value
        for key, dialect in (
            ("script", "bash"),
            ("bash", "bash"),
            ("powershell", "powershell"),
            ("pwsh", "powershell"),
        ):
            script = scalar(inner.get(key) or (inputs.get(key) if key == "script" else None))
            if script is None:
                continue
            task = scalar_text(inner.get("task")).lower()
            block = _script(
                [script],
                title,
                "azure",
                hole=_AZURE_EXPRESSION,
                known=strings(inner.get("env")),
                folder=where,
                dialect="powershell" if task.startswith("powershell") else dialect,
            )
            if block:
                yield block
        pending.extend(entry for entry in reversed(list(inner.items())) if entry[0] != "inputs")
        pending.extend(("", item) for item in reversed(items(node)))
