"""VL701 destructive-command."""

from __future__ import annotations

from collections.abc import Iterator

from volint.api import (
    Command,
    CommandKind,
    EnvironmentKind,
    Finding,
    Kind,
    Level,
    Part,
    Persona,
    Project,
    Rule,
    Span,
    regex,
)

_PRODUCTION = regex(r"(?i)(?:^|[./_-])(?:prod|production|live|staging)(?:[./_-]|$)")
_OF_TESTS = regex(
    r"(?i)(?:^|[./_-])(?:tests?|testing|ci|e2e|integration|smoke|dev|development|local|demo|examples?|tmp|temp|bench\w*)(?:[./_-]|$)"
)
_SAYS_SO = regex(
    r"(?i)(?:^|[^a-z])(?:clean|cleanup|reset|teardown|tear-down|destroy|purge|nuke|uninstall|wipe|prune|scratch|fresh)(?:[^a-z]|$)"
)
_REPLACEABLE = regex(r"(?i)cache|tmp|temp|test|scratch|build|e2e")
_HOSTED = regex(r"runs-on:\s*[\"']?(?:ubuntu|windows|macos)-")
_TARGET = regex(r"(?m)^([\w./%-]+)[^\n:=]*:(?!=)")
_ALL_VOLUMES = regex(r"volume\s+ls")
_ALL_CONTAINERS = regex(r"\bps\s+-\w*[aq]|container\s+ls")
_FILTERED = regex(r"(?:--filter|-\w*f)[\s=]+[\"']?(?!dangling|status|driver)\w")
_ASKS = regex(r"\bread[ \t]+(?:-\w+[ \t]+)*-\w*p\b|\bselect[ \t]+\w+[ \t]+in\b|\bread -q\b")
_NEAR = 500
"""Characters above a command in which its question is looked for."""
_AGENT = regex(r"(?:^|/)\.buildkite/hooks/")
_TESTING = frozenset((EnvironmentKind.TEST, EnvironmentKind.DEVELOPMENT, EnvironmentKind.EXAMPLE))
_STARTS = frozenset((CommandKind.COMPOSE_UP, CommandKind.STACK_DEPLOY))


class DestructiveCommand(Rule):
    """A command deletes volumes and asks nobody.

    ## What it does
    Reports `docker volume prune --force`, `docker system prune --volumes --force`, `docker volume rm --force`, the removal of
    whatever `docker volume ls` lists, `docker compose down --volumes`, and `rm --volumes` in scripts, CI files and
    recipes, where nothing narrows them down.

    ## Why is this bad?
    What is in a volume is gone with it, and there is no way back. A prune takes every volume that happens not to be in use:
    that of a database that is stopped for a moment, those of other projects on the machine. `down --volumes` takes the
    project's data with its containers.

    ## Example
    ```shell bad
    docker volume prune --all --force
    ```
    ```shell bad
    docker system prune --all --volumes --force
    ```
    ```shell bad
    docker compose down -v
    ```
    ```shell bad
    docker volume rm $(docker volume ls -q)
    ```

    Use instead:
    ```shell good
    docker volume prune --all --force --filter label=purpose=build
    ```
    ```shell good
    docker compose down
    ```
    ```shell good
    docker volume rm shop_build-cache
    ```

    ## Exceptions
    - Commands that ask (no `--force`), and those that a filter narrows down. Where the script asks just above (`read -p`),
      and where a hook of a build agent tidies up its machine (`.buildkite/hooks`): a note for the pedantic persona.
    - Clean-up of their own project in tests and CI: `compose down --volumes`, `rm --volumes` and `volume rm` of what is
      named, pruning on a machine that GitHub throws away after the job.
    - Volumes that the same file makes or mounts, and those whose name says that they can be had again (`cache`, `tmp`).

    ## Level
    Warning; error where the script or the Compose file it names is for production. A note for the pedantic persona where the
    file's own name says that it cleans up (`reset.sh`), for `volume rm` of what is named in a target that is called so
    (`clean-volumes:`), and for `down --volumes` where the same file starts the project.

    ## References
    - docker volume prune, docker system prune: since Docker 23 a prune takes named volumes only with `--all`
    """

    code = "VL701"
    name = "destructive-command"
    needs = (Part.COMMANDS,)

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield one finding for each command that deletes what nobody named, or a project's data."""
        for command in project.commands:
            found = _judge(project, command)
            if found is None:
                continue
            span, message, advice, mild = found
            level, persona = Level.WARNING, Persona.REGULAR
            if _is_for_production(project, command):
                level = Level.ERROR
            elif mild or _is_meant(command):
                level, persona = Level.NOTE, Persona.PEDANTIC
            yield self.finding(span, message, help=advice, level=level, persona=persona)


def _is_meant(command: Command) -> bool:
    """Return whether a file says that it cleans up, or asks before it does."""
    source, at = command.span.source, command.span.start
    return (
        _SAYS_SO.search(source.path.rpartition("/")[2]) is not None
        or (source.kind is Kind.SHELL and _AGENT.search(source.path) is not None)
        or (
            source.kind is Kind.SHELL
            and _ASKS.search(source.text, max(0, at - _NEAR), at) is not None
        )
    )


def _target(span: Span) -> str:
    """Return the target of the Makefile's rule that a place is in, '' in other files."""
    if span.source.kind is not Kind.MAKEFILE:
        return ""
    return next(iter(_TARGET.findall(span.source.text[: span.start])[-1:]), "")


def _judge(project: Project, command: Command) -> tuple[Span, str, str, bool] | None:
    """Return the place, what is wrong, what to do, and whether it is a small matter; None: nothing is wrong."""
    kind = command.kind
    forced = _flag(command, "force")
    if kind in (CommandKind.VOLUME_PRUNE, CommandKind.SYSTEM_PRUNE):
        place = _flag(command, "volumes") if kind is CommandKind.SYSTEM_PRUNE else forced
        if place is None or forced is None or _narrowed(command) or _thrown_away(command):
            return None
        return (
            place,
            _pruned(command),
            "narrow it with '--filter label=...', or name the volumes",
            False,
        )
    if kind is CommandKind.VOLUME_RM:
        return _removed(project, command, forced)
    if kind in (CommandKind.COMPOSE_DOWN, CommandKind.COMPOSE_RM):
        place = _flag(command, "volumes")
        if place is None or _is_a_test(project, command):
            return None
        started = any(other.kind in _STARTS for other in project.commands)
        what = (
            "its anonymous volumes"
            if kind is CommandKind.COMPOSE_RM
            else "all volumes of the project"
        )
        return (
            place,
            f"'{_written(command)}' deletes {what}, and the data in them",
            "leave it out, and delete volumes by name where they are to go",
            started or kind is CommandKind.COMPOSE_RM,
        )
    if kind is CommandKind.CONTAINER_RM:
        place = _flag(command, "volumes")
        for word in command.operands:
            if (
                place is not None
                and _ALL_CONTAINERS.search(word.value)
                and not _FILTERED.search(word.value)
            ):
                return (
                    place,
                    f"'{_written(command)}' deletes the anonymous volumes of every container on the machine",
                    "leave it out, or name the containers",
                    _is_a_test(project, command),
                )
    return None


def _removed(
    project: Project, command: Command, forced: Span | None
) -> tuple[Span, str, str, bool] | None:
    for word in command.operands:
        if _ALL_VOLUMES.search(word.value) and not _FILTERED.search(word.value):
            if _thrown_away(command):
                return None
            return (
                word.span,
                f"'{word.span.text()}' names every volume of the machine, and they are all deleted",
                "narrow it with '--filter label=...', or name the volumes",
                False,
            )
    if forced is None or _is_a_test(project, command):
        return None
    own = {mount.source.value for _, mount in project.mounts() if mount.source is not None}
    own.update(volume.name.value for volume in project.volumes)
    for word in command.operands:
        if word.unresolved or word.value in own or _REPLACEABLE.search(word.value):
            continue
        return (
            word.span,
            f"The volume '{word}' is deleted, and nothing is said if it is not there",
            "leave '--force' out, so that a wrong name is noticed",
            _SAYS_SO.search(_target(word.span)) is not None,
        )
    return None


def _pruned(command: Command) -> str:
    written = _written(command)
    if command.kind is CommandKind.SYSTEM_PRUNE or not (
        command.program == "podman" or _flag(command, "all") is not None
    ):
        return (
            f"'{written}' deletes every anonymous volume that no container uses just now; before Docker 23 the named ones, too"
            if command.program != "podman"
            else f"'{written}' deletes every volume that no container uses just now"
        )
    return f"'{written}' deletes every volume that no container uses just now, the named ones too"


def _written(command: Command) -> str:
    text = " ".join(command.span.text().split())
    return text if len(text) <= 70 else f"{text[:69]}…"


def _flag(command: Command, name: str) -> Span | None:
    """Return where a boolean flag is set; None where it is not."""
    given = command.options.get(name, ())
    return given[-1].span if given and given[-1].value == "true" else None


def _narrowed(command: Command) -> bool:
    return any(
        not value.value.startswith(("until", "dangling", "all")) and "!=" not in value.value
        for value in command.options.get("filter", ())
    )


def _thrown_away(command: Command) -> bool:
    """Return whether a command runs on a machine that is thrown away after the job."""
    source = command.span.source
    return (
        source.kind is Kind.CI
        and bool(_HOSTED.search(source.text))
        and "self-hosted" not in source.text
    )


def _is_a_test(project: Project, command: Command) -> bool:
    """Return whether a command cleans up after a test, a CI job or somebody's own work."""
    source = command.span.source
    if source.kind is Kind.CI or project.environment.value in _TESTING:
        return True
    return any(
        _OF_TESTS.search(value.value)
        for name in ("file", "project-name", "env-file", "profile")
        for value in command.options.get(name, ())
    )


def _is_for_production(project: Project, command: Command) -> bool:
    if project.environment.is_production and project.environment.certain:
        return True
    return any(
        _PRODUCTION.search(value.value)
        for name in ("file", "project-name", "env-file")
        for value in command.options.get(name, ())
    )
