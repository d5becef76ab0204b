"""Secrets that the commands of a build leave in a layer: copies of secret mounts, literals, files removed too late."""

from __future__ import annotations

import posixpath
import re
from itertools import pairwise
from typing import TYPE_CHECKING

from volint import knowledge
from volint.analysis.commandsecrets import command_literals, locate
from volint.analysis.copies import copies, final_stages
from volint.analysis.imagesecrets import names_secret, taken_secrets
from volint.analysis.literals import Literal
from volint.analysis.runwrites import Places, simple_commands
from volint.knowledge.contents import Verdict
from volint.lazy import regex
from volint.model import StepKind
from volint.record import NamedTuple
from volint.source import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from volint.analysis.copies import Copy
    from volint.model import Mount, Project, Step
    from volint.source import Span

__all__ = ["KeptSecret", "RemovedSecret", "kept_secrets", "layer_literals", "removed_secrets"]

_PRINTERS = frozenset(
    ("cat", "echo", "printf", "base64", "envsubst", "sed", "awk", "head", "tail", "tr", "jq")
)
"""Commands whose output holds what they are given."""
_COPIERS = frozenset(("cp", "mv", "install", "rsync"))
_KEEPERS = regex(
    r"(?:npm|pnpm|yarn)\s+(?:config\s+)?set\b|git\s+config\b|pip3?\s+config\b|composer\s+(?:global\s+)?config\b|"
    r"poetry\s+config\b|bundle\s+config\b|dotnet\s+nuget\s+(?:add|update)\s+source\b"
)
"""Commands that write what they are given into a file of their own."""
_REMOVAL = regex(r"\b(?:rm|shred|unlink)\b([^&|;\n]*)")
_ACCOUNT = regex(r"""['"]?[\w.-]+:([^\s'":$`]+)['"]?""")
_TYPED = regex(r"""([^\s'":$`\\]{3,})(?:\\n\1)?""")
_HASHED = regex(
    r"""[$]\((?:echo|printf)\s+(?:-\w\s+)*([^\s|$`)]+)\s*\|\s*openssl\s+passwd\b"""
    r"""|[$]\(openssl\s+passwd(?:\s+-salt\s+\S+|\s+-(?!salt\s)\w+)*\s+([^\s|$`)-][^\s|$`)]*)\s*\)"""
)
"""A password that `openssl passwd` is given, without the quotes around it."""
_PIPE = regex(r"""['"\s\\)}]*\|&?[\s\\]*(?:sudo\s+)?""")
_WRITES = (">", ">>", ">|", "&>")
_RAW = ("/dev/", "&")
_LOCAL = frozenset(("tmpfs", "cache"))


class KeptSecret(NamedTuple):
    """A secret mount of a RUN whose content a command writes into the layer."""

    place: Span
    """The word that says where to."""
    target: str
    """Where to: a path, or the command that keeps it in a file of its own."""
    mount: Mount
    """The secret mount."""


class RemovedSecret(NamedTuple):
    """A secret that one layer holds and a later one removes."""

    place: Span
    """The word of the removal."""
    path: str
    """The absolute path of the file."""
    origin: Span
    """Where it is put there."""


class _Command(NamedTuple):
    """One simple command of a RUN."""

    words: tuple[tuple[str, Span], ...]
    """Its words without quotes."""
    redirects: tuple[tuple[str, Span], ...]
    """Files its output goes to."""
    typed: tuple[tuple[str, Span], ...] = ()
    """Words it is given as input: `<<< word`."""

    @property
    def program(self) -> str:
        """The name of what it runs, assignments and helpers in front left out."""
        for value, _ in self.words:
            if value not in ("sudo", "exec", "command", "env") and not re.match(r"\w+=", value):
                return value.rpartition("/")[2]
        return ""

    @property
    def operands(self) -> list[tuple[str, Span]]:
        """Its words that are no flags, the program left out."""
        plain = [word for word in self.words if not re.match(r"-|\w+=", word[0])]
        return plain[1:]

    def line(self) -> str:
        """Return its words joined by blanks."""
        return " ".join(value for value, _ in self.words)


def _scripts(step: Step) -> list[Text]:
    if step.json_form or not step.words:
        return []
    alone = step.heredocs and re.fullmatch(r"\s*<<-?\S+\s*", step.words[0].value)
    return list(step.heredocs) if alone else [step.words[0]]


def _commands(step: Step) -> list[_Command]:
    """Return the simple commands of a RUN, in order."""
    from volint.parse.shellsyntax import parse

    found = []
    for script in _scripts(step):
        text = script.value
        places = Places(script)
        for command in simple_commands(parse(text)[0]):
            words = tuple(
                (text[start:end].replace('"', "").replace("'", ""), places.span(start, end))
                for start, end in command.words
            )
            files: list[tuple[str, Span]] = []
            typed: list[tuple[str, Span]] = []
            for item in command.redirects:
                operator = item.operator.lstrip("0123456789")
                if operator in (*_WRITES, "<<<"):
                    word = text[item.start : item.end].replace('"', "").replace("'", "")
                    kept = typed if operator == "<<<" else files
                    kept.append((word, places.span(item.start, item.end)))
            found.append(_Command(words, tuple(files), tuple(typed)))
    return found


def _absolute(path: str, step: Step) -> str:
    if path.startswith("~/") or path == "~":
        path = "/root" + path[1:]
    path = path.replace("$HOME/", "/root/").replace("${HOME}/", "/root/")
    return posixpath.normpath(posixpath.join(step.workdir or "/", path))


# -- secret mounts


def kept_secrets(step: Step) -> list[KeptSecret]:
    """Return the secret mounts of a RUN whose content it writes into its layer."""
    secrets = [mount for mount in step.mounts if _type(mount) == "secret"]
    if not secrets:
        return []
    references = [(mount, _references(mount)) for mount in secrets]
    gone = [mount.target.value for mount in step.mounts if _type(mount) in _LOCAL]
    commands = _commands(step)
    found: list[KeptSecret] = []
    piped: list[Mount] = []
    for index, command in enumerate(commands):
        line = command.line()
        here = []
        for mount, names in references:
            if _mentions(line, names, step):
                here.append(mount)
                # What a variable is given from the secret is the secret.
                names.update(f"${match[1]}" for match in re.finditer(r"(\w+)=\S*\$\(", line))
        if command.program == "tee" and piped:
            targets, sources = command.operands, piped
        else:
            targets, sources = _targets(command, here, step), here
        piped = here if command.program in _PRINTERS and not command.redirects else []
        for path, place in targets:
            if path.startswith(_RAW) or not sources:
                continue
            absolute = _absolute(path, step)
            if any(knowledge.within(absolute, folder) for folder in gone if folder):
                continue
            if not _removed(commands[index + 1 :], absolute, step):
                found.append(KeptSecret(place, path, sources[0]))
        keeper = _KEEPERS.search(line)
        if (
            keeper is not None
            and here
            and not re.search(r"\b(?:unset|delete|rm)\b", _rest(commands[index + 1 :]))
        ):
            found.append(KeptSecret(command.words[0][1], keeper[0], here[0]))
    return found


def _type(mount: Mount) -> str:
    option = mount.options.get("type")
    return str(option.value) if option is not None else ""


def _references(mount: Mount) -> set[str]:
    """Return how commands name a secret: its file, its variable."""
    names = set()
    if mount.target.value:
        names.add(mount.target.value)
    option = mount.options.get("env")
    if option is not None:
        names.add(f"${option.value}")
    return names


def _mentions(line: str, names: Iterable[str], step: Step) -> bool:
    for name in names:
        if name.startswith("$"):
            if re.search(rf"\$(?:{{{re.escape(name[1:])}\b|{re.escape(name[1:])}\b)", line):
                return True
        else:
            home = name.replace("/root/", "~/", 1)
            relative = posixpath.relpath(name, step.workdir or "/")
            for form in {name, home, relative}:
                if re.search(rf"(?<![\w./-]){re.escape(form)}(?![\w./-])", line):
                    return True
    return False


def _targets(command: _Command, secrets: list[Mount], step: Step) -> list[tuple[str, Span]]:
    """Return where a command writes what it reads of secrets."""
    if not secrets:
        return []
    if command.program in _PRINTERS:
        return list(command.redirects)
    if command.program in _COPIERS and len(command.operands) > 1:
        *sources, target = command.operands
        names = [name for mount in secrets for name in _references(mount)]
        if any(_mentions(value, names, step) for value, _ in sources):
            return [target]
    return []


def _removed(commands: Iterable[_Command], path: str, step: Step) -> bool:
    name = path.rpartition("/")[2]
    for command in commands:
        if command.program in ("rm", "shred", "unlink"):
            for value, _ in command.operands:
                other = _absolute(value, step)
                if knowledge.within(path, other) or other.endswith("/" + name):
                    return True
    return False


def _rest(commands: Iterable[_Command]) -> str:
    return "\n".join(command.line() for command in commands)


# -- literals


def layer_literals(step: Step) -> list[Literal]:
    """Return the credentials that a RUN or ADD has written out; demo values that a build needs are none."""
    if step.kind is StepKind.ADD:
        return command_literals(step.words[:-1], "ADD", shell=True)
    if step.kind is not StepKind.RUN:
        return []
    scripts = _scripts(step) or list(step.words)
    found = [
        literal
        for literal in command_literals(scripts, "RUN", shell=True)
        if not literal.placeholder
    ]
    return [*found, *_accounts(step)]


def _accounts(step: Step) -> Iterator[Literal]:
    """Yield the passwords of accounts: piped into chpasswd or passwd, hashed on the line for `useradd -p`."""
    if not any("passwd" in script.value for script in _scripts(step)):
        return
    previous: _Command | None = None
    for command in _commands(step):
        for literal in (*_piped(previous, command), *_hashed(command)):
            secret, place = literal
            yield Literal(Text(command.program, place), secret, "accounts", False, "RUN")
        previous = command


def _piped(before: _Command | None, command: _Command) -> Iterator[tuple[Span, Span]]:
    """Yield the passwords that are handed to chpasswd or passwd, each with the program's place."""
    pattern = {"chpasswd": _ACCOUNT, "passwd": _TYPED}.get(command.program)
    if pattern is None:
        return
    given = command.typed
    if before is not None and before.program in ("echo", "printf"):
        first, last = command.words[0][1], before.words[-1][1]
        gap = first.source.text[last.end : first.start]
        if pattern is _ACCOUNT or _PIPE.fullmatch(gap):
            given = (*before.operands, *given)
    place = next(span for value, span in command.words if value.endswith("passwd"))
    for value, span in given:
        match = pattern.fullmatch(value.removesuffix("\\n"))
        if match is not None:
            yield locate(match[1], span), place


def _hashed(command: _Command) -> Iterator[tuple[Span, Span]]:
    """Yield the passwords that are hashed where an account is made, each with the flag's place."""
    if command.program not in ("useradd", "usermod"):
        return
    for (flag, place), (value, span) in pairwise(command.words):
        match = _HASHED.match(value) if flag in ("-p", "--password") else None
        if match is not None:
            yield locate(match[1] or match[2], span), place


# -- files that are removed too late


def removed_secrets(project: Project) -> list[RemovedSecret]:
    """Return the secrets that a layer of an image holds although a later one removes them."""
    found: dict[Span, RemovedSecret] = {}
    taken: list[Copy] | None = None
    for build in project.builds:
        final = final_stages(build)
        for index, stage in enumerate(build.stages):
            last = max((at for at, step in enumerate(stage.steps) if _may_remove(step)), default=0)
            if index not in final or not last:
                continue
            if taken is None:
                taken = [copy for copy in copies(project) if names_secret(copy)]
            placed: dict[str, Span] = {}
            for step in stage.steps[: last + 1]:
                if step.kind in (StepKind.COPY, StepKind.ADD):
                    for copy in taken:
                        if copy.build.source is build.source and copy.step == step:
                            for secret in taken_secrets(copy):
                                if secret.verdict is not Verdict.PLACEHOLDER:
                                    placed[copy.destination(secret.path)] = copy.word.span
                elif step.kind is StepKind.RUN and (placed or _may_write(step)):
                    commands = _commands(step)
                    for removal in _removals(commands, placed, step):
                        found.setdefault(removal.place, removal)
                    placed.update(_written(commands, step))
    return list(found.values())


def _may_remove(step: Step) -> bool:
    """Return whether a RUN removes a file with a secret's name, or a directory of such files."""
    return step.kind is StepKind.RUN and any(
        knowledge.secret_file(word.strip("\"'")) is not None
        for script in _scripts(step)
        for match in _REMOVAL.finditer(script.value)
        for word in match[1].split()
        if word[0] != "-"
    )


def _may_write(step: Step) -> bool:
    return any(">" in script.value and "$" in script.value for script in _scripts(step))


def _removals(
    commands: Iterable[_Command], placed: dict[str, Span], step: Step
) -> Iterator[RemovedSecret]:
    for command in commands:
        if command.program in ("rm", "shred", "unlink"):
            for value, place in command.operands:
                path = _absolute(value, step)
                for secret, origin in placed.items():
                    if knowledge.within(secret, path):
                        yield RemovedSecret(place, secret, origin)
                        break


def _written(commands: list[_Command], step: Step) -> dict[str, Span]:
    """Return the files with names of secrets that the commands write and do not remove."""
    found = {}
    for index, command in enumerate(commands):
        if command.program in _PRINTERS:
            for value, place in command.redirects:
                path = _absolute(value, step)
                entry = knowledge.secret_file(path)
                if (
                    entry is not None
                    and entry.confidence != "low"
                    and entry.kind != "directory"
                    and "$" in command.line()
                    and not _removed(commands[index + 1 :], path, step)
                ):
                    found[path] = place
    return found
