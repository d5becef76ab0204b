"""Command lines of docker, podman, nerdctl and Compose into the mount model.

Words come as the shell passes them, with their places; what the CLI or the Engine refuses becomes a
problem at the smallest wrong token. Behaviour: docker CLI and Engine 28.2 and 29.7, podman 5.8.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.assemble.runcontainer import assemble, image_name
from volint.assemble.runenv import environment
from volint.assemble.runscene import Interpreted, Reader, Scene
from volint.lazy import regex
from volint.parse.dockercommands import DOCKER_COMMANDS, SUBCOMMANDS
from volint.parse.imageref import image_problem
from volint.parse.invocation import Invocation, locate
from volint.parse.runflags import Parsed, parse_flags, similar
from volint.source import Problem, Span, Word

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from volint.assemble.mountlist import MountList
    from volint.model import Container

__all__ = ["Interpreted", "Reader", "interpret"]


_NOTHING = Interpreted(None)
_SHORTEST = 4
"""Letters that a name needs for its resemblance to a command to say anything: 'mcp' is a plug-in."""
_PLUGIN = regex("[a-z][a-z0-9]*")
_SEVERAL_TAGS = regex(r"(?:.*/)?[^/:@\s]+:[^/:@\s]+:[^/@\s]+")


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
        return Interpreted(
            None, (Problem("VL615", message, hosts[1].span, "leave one of them out"),), True
        )
    if found.options.help and not found.command:
        return _NOTHING
    scene = Scene(found.program, cwd, home, env, reader, donors or {}, version)
    if found.command in ("run", "create"):
        return _run(found, scene, span)
    from volint.assemble import commands

    if found.command in ("service create", "service update"):
        return commands.service(found, scene, span)
    if found.command == "compose run":
        return commands.compose_run(found, scene, span)
    made = commands.command(found, words[1:], span)
    if made is not None:
        return made
    return _unknown(found)


def _unknown(found: Invocation) -> Interpreted:
    """Object to a command that docker or one of its groups does not have.

    A plug-in may have any name of small letters and digits: at the top only one that is a letter
    away from a known one is judged. What a document shows may be prose: a word counts that resembles a
    command, or that flags follow.
    """
    word = found.word
    if found.program != "docker" or word is None or word.pieces:
        return _NOTHING
    name = word.value
    group, blank, _ = found.command.partition(" ")
    known = SUBCOMMANDS.get(group, frozenset()) if blank else DOCKER_COMMANDS
    if name in known or (blank and not known):
        return _NOTHING
    # docker asked for its version or for help ignores the command.
    ignored = ("-h", "--help") if blank else ("-v", "--version", "-h", "--help")
    if any(later.value in ignored for later in found.words):
        return _NOTHING
    stem = name.removesuffix("s")
    meant = next((one for one in (name.lower(), stem, name + "s") if one in known), "")
    flags = any(later.value[:1] == "-" and later.value != "-" for later in found.words)
    if blank:
        meant = meant or similar(name, sorted(known))
        advice = f"write 'docker {group} {meant}'" if meant else _other(name)
        message = f"'docker {group}' has no command '{name}'"
    else:
        if not meant and len(name) >= _SHORTEST:
            meant = similar(name, sorted(known))
        advice = f"write 'docker {meant}'" if meant else ""
        message = f"docker has no command '{name}'"
        flags = flags and not _PLUGIN.fullmatch(name)
    if not advice and not flags:
        return _NOTHING
    return Interpreted(None, (Problem("VL615", message, word.span, advice),), True)


def _other(name: str) -> str:
    """Return what to write for a command that stands in the wrong group."""
    if name in DOCKER_COMMANDS:
        return f"write 'docker {name}'"
    groups = [group for group, names in SUBCOMMANDS.items() if name in names]
    return f"write 'docker {groups[0]} {name}'" if groups else ""


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
        advice = "write the image behind the options"
        return Interpreted(None, (Problem("VL615", message, place, advice),), True)
    image, *command = parsed.operands
    problems: list[Problem] = list(_conflicts(parsed, program))
    refused = bool(problems)
    if program != "podman" and not image.unresolved():
        reason = image_problem(image.value)
        if reason:
            advice = _image_advice(image.value)
            problems.append(Problem("VL615", reason, image.span, advice))
            refused = True
    name = parsed.last("name")
    shown_name = name.text() if name and name.value else image_name(image)
    # A name that a variable holds is written elsewhere; the container is where the command is.
    words = (image, *([found.word] if found.word else []))
    places = [shown_name.span, *(word.span for word in words)]
    inside = (one for one in places if span.start <= one.start and one.end <= span.end)
    shown_name = shown_name._replace(span=next(inside, span))
    mounts = _mounts(scene, parsed, shown_name.value)
    mounts.build()
    problems += mounts.problems
    surroundings = environment(parsed, scene)
    files = [*surroundings.problems, *_key_files(parsed, scene)]
    problems += files
    refused = refused or mounts.refused or bool(files)
    container = assemble(
        parsed,
        span,
        name=shown_name,
        program=program,
        image=image.text(),
        command=tuple(word.text() for word in command) or None,
        mounts=mounts,
        environment=surroundings,
    )
    return Interpreted(container, tuple(problems), refused)


def _image_advice(text: str) -> str:
    """Return what to write instead of a text that is no image reference."""
    if not text.strip():
        return "take away the blanks behind the '\\' that ends the line"
    if _SEVERAL_TAGS.fullmatch(text):
        return "a reference has one ':' with a tag behind it; join the parts of a name by '/'"
    return "put the image before its command"


def _key_files(parsed: Parsed, scene: Scene) -> Iterator[Problem]:
    """Yield what is wrong with the files that podman's client reads before it does anything."""
    reader = scene.reader
    if scene.program != "podman" or reader is None:
        return
    for name in ("authfile", "decryption-key"):
        for word in parsed.values(name):
            path = scene.path(word)
            if path and name == "decryption-key":
                path = path.partition(":")[0]
            source = reader.read(path) if path else None
            if path and source is None and reader.exists(path) is False:
                message = f"'--{name}' names '{word.value}', which is not there"
                yield Problem(
                    "VL004", message, word.span, "write its path relative to where this runs"
                )
            elif name == "authfile" and source is not None and not _is_json(source.text):
                message = f"'--authfile' names '{word.value}', which is no JSON"
                yield Problem("VL615", message, word.span, "name the file of 'podman login'")


def _is_json(text: str) -> bool:
    import json

    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _mounts(scene: Scene, parsed: Parsed, name: str) -> MountList:
    if scene.program == "podman":
        from volint.assemble.podmanmounts import PodmanMounts

        return PodmanMounts(scene, parsed, name)
    if scene.program == "nerdctl":
        from volint.assemble.nerdctlmounts import NerdctlMounts

        return NerdctlMounts(scene, parsed, name)
    from volint.assemble.dockermounts import DockerMounts

    return DockerMounts(scene, parsed, name)


def _conflicts(parsed: Parsed, program: str) -> list[Problem]:
    """Return the flags that exclude each other."""
    problems: list[Problem] = []

    def add(word: Word | None, message: str, help: str) -> None:
        if word:
            problems.append(Problem("VL615", message, word.span, help))

    restart = parsed.last("restart")
    if parsed.is_set("rm") and restart and restart.value.partition(":")[0] not in ("", "no"):
        add(restart, "'--restart' and '--rm' exclude each other", "leave one of them out")
    if program == "nerdctl":
        return problems
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
    aliases = parsed.values("network-alias")
    hidden = bool(parsed.unresolved)
    if (
        aliases
        and not hidden
        and not any(_is_own(_network_name(w.value)) for w in parsed.values("network"))
    ):
        add(aliases[0], "'--network-alias' needs a network of its own", "add '--network NAME'")
    seen: dict[str, bool] = {}
    for word in parsed.values("network"):
        network = _network_name(word.value)
        own = _is_own(network)
        if network in seen:
            add(word, f"the network '{network}' is given a second time", "leave it out")
        elif seen and own not in seen.values():
            add(word, f"'{network}' cannot be combined with the other network", "keep one")
        seen[network] = own
    return problems


def _is_own(network: str) -> bool:
    """Return whether a network is none of those that every Engine has."""
    return network not in ("default", "bridge", "host", "none") and network[:10] != "container:"


def _network_name(value: str) -> str:
    for field in value.split(","):
        key, equals, name = field.partition("=")
        if equals and key.lower() == "name":
            return name
    return value
