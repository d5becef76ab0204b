"""Storage commands other than run: volumes, prune, rm, build, Compose, stacks and services."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.assemble.runcontainer import assemble, image_name
from volint.assemble.runenv import environment
from volint.assemble.runscene import Interpreted
from volint.lazy import regex
from volint.model import (
    Command,
    CommandKind,
    Container,
    ContainerKind,
    Mount,
    MountKind,
    Option,
    Syntax,
    Volume,
)
from volint.parse.enginemount import local_driver_problem
from volint.parse.enginespec import volume_name_problem
from volint.parse.flagtable import table
from volint.parse.mountspec import Field, compose_short
from volint.parse.runflags import Parsed, parse_flags
from volint.source import Problem, Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from volint.assemble.runscene import Scene
    from volint.parse.invocation import Invocation
    from volint.source import Span, Word

__all__ = ["command", "compose_run", "service"]

_VANISHING = regex(r"[^\n;|&#]*[$`]")
_KINDS = {
    "volume create": CommandKind.VOLUME_CREATE,
    "volume rm": CommandKind.VOLUME_RM,
    "volume prune": CommandKind.VOLUME_PRUNE,
    "system prune": CommandKind.SYSTEM_PRUNE,
    "container prune": CommandKind.OTHER,
    "rm": CommandKind.CONTAINER_RM,
    "stop": CommandKind.CONTAINER_STOP,
    "exec": CommandKind.CONTAINER_EXEC,
    "build": CommandKind.BUILD,
    "bake": CommandKind.OTHER,
    "stack deploy": CommandKind.STACK_DEPLOY,
    "compose up": CommandKind.COMPOSE_UP,
    "compose down": CommandKind.COMPOSE_DOWN,
    "compose rm": CommandKind.COMPOSE_RM,
}

_OPERANDS: dict[str, tuple[int, int | None]] = {
    "volume create": (0, 1),
    "volume ls": (0, 0),
    "volume inspect": (1, None),
    "volume rm": (1, None),
    "volume prune": (0, 0),
    "system prune": (0, 0),
    "container prune": (0, 0),
    "rm": (1, None),
    "stop": (1, None),
    "exec": (2, None),
    "update": (1, None),
    "rename": (2, 2),
}
"""Number of operands that docker's own commands take, at least and at most."""


def command(found: Invocation, arguments: Sequence[Word], span: Span) -> Interpreted | None:
    """Return the storage command that a line is; None if it is none."""
    own = f"{found.dialect or found.program} {found.command}"
    checked = table(own) is not None
    kind = _KINDS.get(found.command)
    if kind is None and found.compose is not None:
        kind = CommandKind.COMPOSE_OTHER
    if kind is None and not checked:
        return None
    parsed = parse_flags(
        found.words,
        own if checked else found.command,
        interspersed=found.command != "exec",
        lenient=found.program != "docker" or not checked,
    )
    if parsed.help or (found.compose is not None and found.compose.help):
        return Interpreted(None)
    if parsed.problem:
        return Interpreted(None, (parsed.problem,), True)
    problem = _arguments_problem(found, parsed)
    if kind is None:
        return Interpreted(None, (problem,) if problem else (), problem is not None)
    options = _options(parsed, found.compose)
    made = None
    if kind is CommandKind.VOLUME_CREATE:
        made = _volume(parsed, span)
        problem = problem or _volume_problem(parsed, made)
    thing = Command(
        kind,
        span,
        tuple(word.text() for word in arguments),
        tuple(word.text() for word in parsed.operands),
        options,
        found.program,
        made,
        unresolved=(*(found.compose.unresolved if found.compose else ()), *parsed.unresolved),
    )
    return Interpreted(thing, (problem,) if problem else (), problem is not None)


def _options(parsed: Parsed | None, compose: Parsed | None) -> dict[str, tuple[Text, ...]]:
    options: dict[str, tuple[Text, ...]] = {}
    for given in (*(compose.given if compose else ()), *(parsed.given if parsed else ())):
        options[given.name] = (*options.get(given.name, ()), given.value.text())
    return options


def _arguments_problem(found: Invocation, parsed: Parsed) -> Problem | None:
    """Return the complaint about a word too many, or one too few."""
    least, most = _OPERANDS.get(found.command, (0, None))
    words = parsed.operands
    if parsed.unresolved or any(word.pieces and word.unresolved() for word in words):
        return None
    if most is not None and len(words) > most:
        word = words[most]
        message = f"'{found.program} {found.command}' does not take '{word.value}'"
        return Problem("VL615", message, word.span, "leave it out")
    if found.command == "update" and words and not parsed.given:
        return Problem("VL615", "'docker update' changes nothing", words[0].span, "add a flag")
    if len(words) < least and (found.program == "docker" or not parsed.given):
        place = found.word.span if found.word else parsed.given[0].flag
        # What a shell's variables come to by the end of a script is no reason to say that nothing is written.
        if _VANISHING.match(place.source.text, place.end):
            return None
        lacks = (
            f"lacks what it works on ({len(words)} of {least} words)" if words else "names nothing"
        )
        message = f"'{found.program} {found.command}' {lacks}"
        return Problem("VL615", message, place, "name what it works on")
    return None


def _driver_options(parsed: Parsed) -> dict[str, Word]:
    """Return the values of --opt by the options' names; the last of one name counts."""
    return {word.value.partition("=")[0]: word for word in parsed.values("opt")}


def _volume(parsed: Parsed, span: Span) -> Volume | None:
    named = parsed.operands[:1] or parsed.values("name")[-1:]
    if not named or not named[0].value:
        return None
    name = named[0].text()
    driver = parsed.last("driver")
    labels: dict[str, str] = {}
    for word in parsed.values("label"):
        key, _, value = word.value.partition("=")
        labels[key] = value
    return Volume(
        name,
        span,
        None if name.unresolved else name,
        driver=driver.text() if driver and driver.value else None,
        driver_opts={
            key: word.slice(min(len(key) + 1, len(word.value)))
            for key, word in _driver_options(parsed).items()
        },
        labels=labels,
    )


def _volume_problem(parsed: Parsed, volume: Volume | None) -> Problem | None:
    name = parsed.last("name")
    if name and name.value and parsed.operands:
        message = f"the volume is named twice, '{name.value}' and '{parsed.operands[0].value}'"
        return Problem("VL615", message, parsed.operands[0].span, "leave '--name' out")
    driver = parsed.last("driver")
    if driver and driver.value not in ("", "local"):
        return None
    if volume and not volume.name.unresolved:
        reason = volume_name_problem(volume.name.value)
        if reason:
            return Problem(
                "VL615", reason, volume.name.span, "write letters, digits, '_', '.' and '-'"
            )
    words = _driver_options(parsed)
    if any(word.unresolved() for word in words.values()):
        return None
    fields = {key: Field(key, 0, len(key)) for key in words}
    complaint = local_driver_problem(fields, Field("", 0, 0))
    if complaint is None:
        return None
    word = next(
        (word for key, word in words.items() if complaint.message.find(f"'{key}'") >= 0),
        next(iter(words.values())),
    )
    return Problem("VL615", complaint.message, word.span, complaint.help)


def service(found: Invocation, scene: Scene, span: Span) -> Interpreted:
    """Return the container that `docker service create` describes.

    Of `service update`, of which only what is added is known: one without an image, if there are mounts.
    """
    from volint.assemble.dockermounts import DockerMounts

    interspersed = found.command == "service update"
    parsed = parse_flags(found.words, found.command, interspersed=interspersed, lenient=True)
    if parsed.problem and not parsed.help:
        return Interpreted(None, (parsed.problem,), True)
    if parsed.help or not parsed.operands:
        return Interpreted(None)
    image, *words = parsed.operands
    name = parsed.last("name")
    shown = name.text() if name and name.value else image_name(image)
    update = found.command == "service update"
    if update:
        shown = image.text()
        if not parsed.values("mount"):
            return Interpreted(None)
    mounts = DockerMounts(scene, parsed, shown.value)
    mounts.build()
    surroundings = environment(parsed, scene)
    wrong = surroundings.problems
    replicas = parsed.last("replicas")
    count = int(replicas.value) if replicas and replicas.value.isdecimal() else 1
    container = assemble(
        parsed,
        span,
        name=shown,
        program=found.program,
        image=None if update else image.text(),
        command=tuple(word.text() for word in words) or None,
        mounts=mounts,
        environment=surroundings,
        replicas=count,
    )
    refused = mounts.refused or bool(wrong)
    return Interpreted(container, (*mounts.problems, *wrong), refused)


def compose_run(found: Invocation, scene: Scene, span: Span) -> Interpreted:
    """Return the one-off container of `docker compose run` with the mounts that its -v add."""
    own = f"{found.dialect} {found.command}"
    name = own if table(own) is not None else found.command
    parsed = parse_flags(found.words, name, interspersed=False, lenient=True)
    if parsed.help or (found.compose and found.compose.help):
        return Interpreted(None)
    if parsed.problem:
        return Interpreted(None, (parsed.problem,), True)
    if not parsed.operands:
        return Interpreted(None)
    service, *words = parsed.operands
    mounts: list[Mount] = []
    problems: list[Problem] = []
    for word in parsed.values("volume"):
        read = _compose_mount(word, scene)
        if isinstance(read, Problem):
            problems.append(read)
        else:
            mounts.append(read)
    container = Container(
        service.text(),
        ContainerKind.RUN,
        span,
        mounts=tuple(mounts),
        env=environment(parsed, scene).variables,
        command=tuple(word.text() for word in words) or None,
        remove=parsed.is_set("rm"),
        detached=parsed.is_set("detach"),
        program="compose",
        keys={given.name: given.flag for given in parsed.given},
    )
    line = Command(
        CommandKind.COMPOSE_OTHER,
        span,
        (),
        (service.text(),),
        _options(None, found.compose),
        found.program,
        unresolved=found.compose.unresolved if found.compose else (),
    )
    return Interpreted(container, tuple(problems), bool(problems), line)


def _compose_mount(word: Word, scene: Scene) -> Mount | Problem:
    from volint.assemble.mountlist import masked

    spec = masked(word)
    short = compose_short(spec.text)
    if isinstance(short, str):
        message = f"'{word.value}' is no valid volume: {short}"
        return Problem("VL601", message, word.span, "write 'SOURCE:TARGET'")
    place = short.fields[min(1, len(short.fields) - 1)]
    target = word.slice(*place)
    start = target.value[:3]
    if not target.unresolved and start[:1] not in "/\\" and start[1:] not in (":\\", ":/"):
        message = f"The target '{target}' is not an absolute path"
        return Problem("VL601", message, target.span, "write 'SOURCE:/TARGET'")
    source = word.slice(*short.fields[0]) if short.source is not None else None
    bind = short.kind == "bind" or (source is not None and spec.path)
    resolved = None
    if bind and source and not source.unresolved:
        if source.value.startswith("/"):
            resolved = source.value
        elif not source.value.startswith("~"):
            resolved = scene.absolute(source.value)
    options = {}
    if len(short.fields) == 3:
        mode = word.slice(*short.fields[2]).span
        pairs = (("propagation", short.propagation), ("selinux", short.selinux))
        options = {key: Option(value, mode) for key, value in pairs if value}
        if short.nocopy:
            options["nocopy"] = Option(True, mode)
    return Mount(
        MountKind.BIND if bind else MountKind.VOLUME,
        source,
        target if target.unresolved else target._replace(value=short.target),
        short.read_only,
        Syntax.V,
        word.span,
        options,
        resolved,
        word.unresolved(),
        spec=word.text(),
        mode=word.slice(*short.fields[2]) if len(short.fields) == 3 else None,
        tilde=word.tilde or bool(source and source.value.startswith("~")),
    )
