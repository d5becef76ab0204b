"""Command lines of docker, podman, nerdctl and Compose into the mount model.

Words come as the shell passes them, with their places; what the CLI or the Engine refuses becomes a
problem at the smallest wrong token. Behaviour: docker CLI and Engine 28.2 and 29.7, podman 5.8.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from volint.assemble.mountlist import MountList, Scene
from volint.model import (
    Container,
    ContainerKind,
    Device,
    EnvFile,
    EnvVar,
)
from volint.parse.flagtable import DOCKER_COMMANDS
from volint.parse.flagvalues import device_parts
from volint.parse.imageref import image_problem
from volint.parse.mountflag import SPACES
from volint.parse.mountspec import clean
from volint.parse.quantities import memory_bytes
from volint.parse.runflags import Invocation, Parsed, locate, parse_flags
from volint.record import NamedTuple
from volint.source import Problem, Span, Text, Word

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from volint.model import Command, VolumesFrom
    from volint.source import Source

__all__ = ["Interpreted", "Reader", "interpret", "read_pairs"]


class Reader(Protocol):
    """What reads files for a command line; `volint.files.Files` does."""

    def read(self, path: str) -> Source | None:
        """Return the file at an absolute path, None where it is absent or cannot be read."""

    def exists(self, path: str) -> bool | None:
        """Return whether an absolute path is there; None where that may not be asked."""


class Interpreted(NamedTuple):
    """What one command line does."""

    thing: Container | Command | None
    """The container it creates or the storage command it is; None if it is neither."""
    problems: tuple[Problem, ...] = ()
    """What the program refuses, what only fails at start, and notes on other versions."""
    refused: bool = False
    """True if the program or the Engine refuses the line, so that nothing is created."""
    compose: Command | None = None
    """Of `docker compose run`: the command, beside the container it creates."""


_NOTHING = Interpreted(None)


def interpret(
    words: Sequence[Word],
    *,
    cwd: str | None = None,
    home: str | None = None,
    env: Mapping[str, str] | None = None,
    reader: Reader | None = None,
    donors: Mapping[str, Container] | None = None,
    version: str = "29",
    span: Span | None = None,
    program: str = "",
) -> Interpreted:
    """Return what a command line does; its first word is the program, perhaps with a path.

    `program` names the program where that word does not, as in `$DOCKER run`.
    `cwd` and `home` are absolute, None where unknown. `env` is the whole environment of the client;
    None: not known, and nothing is taken from it. `donors` are containers by name that
    --volumes-from can inherit from. `version` is Docker's, '28' or '29'; what only the other one
    refuses is a note. `span` is the whole command's, by default from its first word to its last.
    """
    found = locate(words, program)
    if found is None:
        return _NOTHING
    if span is None:
        first, last = words[0].span, words[-1].span
        span = Span(first.source, first.start, max(last.end, first.start))
    wrong = found.options.problem or (found.compose.problem if found.compose else None)
    if wrong:
        return Interpreted(None, (wrong,), True)
    hosts = found.options.values("host")
    if len(hosts) > 1 and found.program == "docker":
        message = "docker takes one '--host', and this is the second"
        return Interpreted(None, (Problem("VL615", message, hosts[1].span),), True)
    if found.options.help and not found.command:
        return _NOTHING
    scene = Scene(found.program, cwd, home, env, reader, donors or {}, version)
    if found.command in ("run", "create"):
        return _run(found, scene, span)
    from volint.assemble import commands

    if found.command == "service create":
        return commands.service(found, scene, span)
    if found.command == "compose run":
        return commands.compose_run(found, scene, span)
    made = commands.command(found, words[1:], span)
    if made is not None:
        return made
    return _unknown(found)


def _unknown(found: Invocation) -> Interpreted:
    """Object to a top-level command that is one letter or an 's' away from a known one."""
    word = found.word
    if found.program != "docker" or word is None or " " in found.command or word.pieces:
        return _NOTHING
    name = word.value
    stem = name.removesuffix("s")
    if name in DOCKER_COMMANDS or not (stem in DOCKER_COMMANDS or name + "s" in DOCKER_COMMANDS):
        return _NOTHING
    # docker asked for its version or for help ignores the command.
    if any(later.value in ("-v", "--version", "-h", "--help") for later in found.words):
        return _NOTHING
    meant = stem if stem in DOCKER_COMMANDS else name + "s"
    problem = Problem(
        "VL615", f"docker has no command '{name}'", word.span, f"write 'docker {meant}'"
    )
    return Interpreted(None, (problem,), True)


def _run(found: Invocation, scene: Scene, span: Span) -> Interpreted:
    program = found.program
    parsed = parse_flags(
        found.words,
        f"{program} {found.command}",
        interspersed=False,
        lenient=program == "nerdctl",
    )
    if parsed.help:
        return _NOTHING
    if parsed.problem:
        return Interpreted(None, (parsed.problem,), True)
    if not parsed.operands:
        if parsed.unresolved:
            return _NOTHING
        place = found.word.span if found.word else span
        message = f"'{program} {found.command}' names no image"
        return Interpreted(None, (Problem("VL615", message, place),), True)
    image, *command = parsed.operands
    problems: list[Problem] = list(_conflicts(parsed, program))
    refused = bool(problems)
    if program != "podman" and not image.unresolved():
        reason = image_problem(image.value)
        if reason:
            problems.append(
                Problem("VL615", reason, image.span, "put the image before its command")
            )
            refused = True
    name = parsed.last("name")
    shown_name = name.text() if name and name.value else image_name(image)
    mounts = _mounts(scene, parsed, shown_name.value)
    mounts.build()
    problems += mounts.problems
    env, env_files, wrong = environment(parsed, scene)
    problems += wrong
    refused = refused or mounts.refused or bool(wrong)
    container = assemble(
        parsed,
        span,
        name=shown_name,
        program=program,
        image=image.text(),
        command=tuple(word.text() for word in command) or None,
        mounts=mounts,
        env=env,
        env_files=env_files,
    )
    return Interpreted(container, tuple(problems), refused)


def _mounts(scene: Scene, parsed: Parsed, name: str) -> MountList:
    if scene.program == "podman":
        from volint.assemble.podmanmounts import PodmanMounts

        return PodmanMounts(scene, parsed, name)
    from volint.assemble.dockermounts import DockerMounts

    return DockerMounts(scene, parsed, name)


def assemble(
    parsed: Parsed,
    span: Span,
    *,
    name: Text,
    program: str,
    image: Text | None,
    command: tuple[Text, ...] | None,
    mounts: MountList,
    env: tuple[EnvVar, ...],
    env_files: tuple[EnvFile, ...],
    replicas: int = 1,
) -> Container:
    """Return the container that the flags describe."""
    entrypoint = parsed.last("entrypoint")
    memory = parsed.last("memory") or parsed.last("limit-memory")
    user, workdir = parsed.last("user"), parsed.last("workdir")
    health = parsed.last("health-cmd")
    keys = {given.name: given.flag for given in parsed.given}
    if image:
        keys["image"] = image.span
    donors: tuple[VolumesFrom, ...] = tuple(mounts.volumes_from)
    return Container(
        name,
        ContainerKind.RUN,
        span,
        image,
        mounts=tuple(mounts.mounts),
        env=env,
        env_files=env_files,
        volumes_from=donors,
        user=user.text() if user and user.value else None,
        read_only=parsed.is_set("read-only"),
        command=command,
        entrypoint=(
            None if entrypoint is None else (entrypoint.text(),) if entrypoint.value else ()
        ),
        healthcheck=(health.text(),) if health and health.value else (),
        working_dir=workdir.text() if workdir and workdir.value else None,
        labels=_labels(parsed, mounts.scene),
        memory_limit=(memory_bytes(memory.value) or None) if memory else None,
        replicas=replicas,
        devices=_devices(parsed),
        remove=parsed.is_set("rm"),
        detached=parsed.is_set("detach"),
        program=program,
        privileged=parsed.is_set("privileged"),
        unresolved=tuple(dict.fromkeys((*parsed.unresolved, *mounts.unresolved))),
        keys=keys,
    )


def image_name(image: Word) -> Text:
    """Return the short name of an image: 'app' of 'ghcr.io/o/app:v1@sha256:...'."""
    value = image.value
    if image.pieces and image.unresolved():
        return image.text()
    start = value.rfind("/") + 1
    end = len(value)
    for separator in ("@", ":"):
        at = value.find(separator, start)
        end = at if start < at < end else end
    return image.slice(start, end)


def _labels(parsed: Parsed, scene: Scene) -> dict[str, str]:
    labels: dict[str, str] = {}
    for word in parsed.values("label-file"):
        path = _resolve(word, scene)
        source = scene.reader.read(path) if scene.reader and path else None
        pairs = read_pairs(source, False)[0] if source else ()
        labels.update((name.value, value.value) for name, value in pairs if value)
    for word in parsed.values("label"):
        key, _, value = word.value.partition("=")
        labels[key] = value
    return labels


def _devices(parsed: Parsed) -> tuple[Device, ...]:
    devices: list[Device] = []
    for word in parsed.values("device"):
        parts = device_parts(word.value)
        if isinstance(parts, tuple):
            host, target, permissions = parts
            devices.append(Device(word.slice(0, len(host)), target, permissions, word.span))
    return tuple(devices)


def _conflicts(parsed: Parsed, program: str) -> list[Problem]:
    """Return the flags that exclude each other."""
    problems: list[Problem] = []

    def add(word: Word | None, message: str, help: str) -> None:
        if word:
            problems.append(Problem("VL615", message, word.span, help))

    restart = parsed.last("restart")
    if parsed.is_set("rm") and restart and restart.value.partition(":")[0] not in ("", "no"):
        add(restart, "'--restart' and '--rm' exclude each other", "leave one of them out")
    if program == "podman":
        name = parsed.last("name")
        if parsed.is_set("replace") and not (name and name.value):
            add(parsed.last("replace"), "'--replace' needs '--name'", "add '--name'")
        return problems
    if parsed.is_set("no-healthcheck"):
        health = next((g for g in parsed.given if g.name.startswith("health-")), None)
        if health and health.value.value not in ("", "0", "0s"):
            add(health.value, "'--no-healthcheck' excludes '--health-*'", "leave one of them out")
    driver = parsed.last("log-driver")
    if driver and driver.value == "none" and parsed.values("log-opt"):
        add(parsed.values("log-opt")[0], "the log driver 'none' has no options", "leave it out")
    seen: dict[str, bool] = {}
    for word in parsed.values("network"):
        network = _network_name(word.value)
        own = network not in ("default", "bridge", "host", "none") and not network.startswith(
            "container:"
        )
        if network in seen:
            add(word, f"the network '{network}' is given a second time", "leave it out")
        elif seen and own not in seen.values():
            add(word, f"'{network}' cannot be combined with the other network", "keep one")
        seen[network] = own
    return problems


def _network_name(value: str) -> str:
    for field in value.split(","):
        key, equals, name = field.partition("=")
        if equals and key.lower() == "name":
            return name
    return value


def environment(
    parsed: Parsed, scene: Scene
) -> tuple[tuple[EnvVar, ...], tuple[EnvFile, ...], list[Problem]]:
    """Return the variables in force, the env files, and what is wrong with these."""
    variables: dict[str, EnvVar] = {}
    files: list[EnvFile] = []
    problems: list[Problem] = []
    for word in parsed.values("env-file"):
        resolved = _resolve(word, scene)
        source = scene.reader.read(resolved) if scene.reader and resolved else None
        exists = None
        if scene.reader and resolved:
            exists = True if source else scene.reader.exists(resolved)
        files.append(EnvFile(word.text(), resolved, True, exists))
        if not word.value:
            problems.append(Problem("VL615", "'--env-file' names no file", word.span))
        elif exists is False:
            message = f"the env file '{word.value}' is not there"
            problems.append(Problem("VL004", message, word.span))
        elif exists and source is None:
            message = f"the env file '{word.value}' cannot be read"
            problems.append(Problem("VL004", message, word.span))
        if source is None:
            continue
        pairs, wrong = read_pairs(source, scene.program != "podman")
        for key, value in pairs:
            if value is not None or scene.env is None or key.value in scene.env:
                variables[key.value] = EnvVar(key, value, "--env-file")
        if wrong:
            message = f"{scene.program} cannot read the env file '{word.value}': {wrong}"
            problems.append(Problem("VL615", message, word.span))
    client = scene.env
    for word in parsed.values("env"):
        name, equals, _ = word.value.partition("=")
        place = word.slice(0, len(name))
        if equals:
            text = word.slice(len(name) + 1)
            variables[name] = EnvVar(place, text, "-e")
        elif scene.program == "podman" and name.endswith("*"):
            for known in client or ():
                if known.startswith(name[:-1]):
                    variables[known] = EnvVar(place._replace(value=known), None, "-e")
        elif scene.program != "podman" or client is None or name in client:
            variables[name] = EnvVar(place, None, "-e")
    return tuple(variables.values()), tuple(files), problems


def _resolve(word: Word, scene: Scene) -> str | None:
    value = word.value
    if not value or word.unresolved():
        return None
    if word.tilde:
        at_home = scene.home is not None and (value == "~" or value.startswith("~/"))
        return clean(f"{scene.home}{value[1:]}") if at_home else None
    if value.startswith("/"):
        return clean(value)
    return clean(f"{scene.cwd}/{value}") if scene.cwd else None


def read_pairs(source: Source, strict: bool) -> tuple[list[tuple[Text, Text | None]], str | None]:
    """Read NAME=VALUE lines without quotes or expansion, and why docker refuses the file.

    A line without '=' has no value. `strict` refuses blanks in names.
    """
    pairs: list[tuple[Text, Text | None]] = []
    start = 0
    for number, raw in enumerate(source.text.split("\n"), 1):
        line = raw.removesuffix("\r").lstrip(SPACES)
        at = start + len(raw.removesuffix("\r")) - len(line)
        start += len(raw) + 1
        if not line or line[0] == "#":
            continue
        name, equals, value = line.partition("=")
        if not name:
            return pairs, f"line {number} has no name"
        if strict and (" " in name or "\t" in name):
            return pairs, f"the name in line {number} has a blank in it"
        begin = at + len(name) + 1
        text = Text(value, Span(source, begin, begin + len(value))) if equals else None
        pairs.append((Text(name, Span(source, at, at + len(name))), text))
    return pairs, None
