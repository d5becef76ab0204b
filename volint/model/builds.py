"""What an image is built from: a Dockerfile's stages and steps as one build uses them."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from volint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from volint.model.containers import EnvVar
    from volint.model.mounts import Mount
    from volint.model.protocols import ContextFiles
    from volint.source import Source, Span, Text

__all__ = [
    "Build",
    "ContextFile",
    "NamedContext",
    "Stage",
    "Step",
    "StepKind",
]

_NOTHING: Mapping[str, str] = {}


class StepKind(str, Enum):
    """The instructions of a Dockerfile."""

    RUN = "RUN"
    COPY = "COPY"
    ADD = "ADD"
    VOLUME = "VOLUME"
    ENV = "ENV"
    ARG = "ARG"
    USER = "USER"
    WORKDIR = "WORKDIR"
    CMD = "CMD"
    ENTRYPOINT = "ENTRYPOINT"
    HEALTHCHECK = "HEALTHCHECK"
    LABEL = "LABEL"
    SHELL = "SHELL"
    EXPOSE = "EXPOSE"
    ONBUILD = "ONBUILD"
    STOPSIGNAL = "STOPSIGNAL"
    MAINTAINER = "MAINTAINER"


class Step(NamedTuple):
    """One instruction of a stage, with the state it runs in."""

    kind: StepKind
    """The instruction."""
    keyword: Span
    """The instruction's word."""
    span: Span
    """The whole instruction, here-documents included."""
    words: tuple[Text, ...] = ()
    """Arguments after expansion: COPY's sources and target, VOLUME's paths, the words of a JSON form; a shell form is one word."""
    flags: Mapping[str, tuple[Text, ...]] = {}
    """Values of --from, --chown, --chmod, --exclude ... by name; '' for a flag without a value."""
    mounts: tuple[Mount, ...] = ()
    """RUN --mount. `options['type']` is bind, cache, tmpfs, secret or ssh; the kind of a cache is VOLUME, that
    of ssh SECRET. Sources are paths below the context or below `options['from']`, or the secret's id. A secret
    that is only a variable (`options['env']`) has an empty target."""
    heredocs: tuple[Text, ...] = ()
    """Bodies of its here-documents."""
    pairs: tuple[tuple[Text, Text | None], ...] = ()
    """Names and values of ENV, ARG and LABEL."""
    json_form: bool = False
    """True for the JSON (exec) form."""
    user: str = ""
    """USER in force; empty: the base image's."""
    workdir: str = "/"
    """WORKDIR in force."""
    environment: Mapping[str, str] = _NOTHING
    """ENV and ARG in force before it (own and inherited from stages, not from unknown base images); names
    whose value is not known are left out."""
    onbuild: bool = False
    """True if it stands behind ONBUILD: of kind ONBUILD where it is declared, its words as written, and of its
    own kind in a stage that is built on that one and runs it."""
    from_index: int | None = None
    """Index of the stage that --from names; None for an image, a named context or the build context."""


class Stage(NamedTuple):
    """One build stage, its state at the end, stages it is based on included."""

    name: Text | None
    """Its name; None without AS."""
    base: Text
    """What it is built FROM, after expansion."""
    base_index: int | None
    """Index of the stage it is built on; None for an image."""
    span: Span
    """The FROM line."""
    steps: tuple[Step, ...] = ()
    """Its own instructions in order (ONBUILD steps of a base stage first)."""
    user: Text | None = None
    """USER at its end; None: the base image's."""
    workdir: str = "/"
    """WORKDIR at its end."""
    workdir_span: Span | None = None
    """Where it is set; None: the base image's."""
    env: Mapping[str, Text] = {}
    """ENV at its end."""
    volumes: tuple[Text, ...] = ()
    """VOLUMEs at its end, those of stages below included."""
    command: tuple[Text, ...] | None = None
    """CMD at its end."""
    entrypoint: tuple[Text, ...] | None = None
    """ENTRYPOINT at its end."""


class ContextFile(NamedTuple):
    """A file of a build context."""

    path: str
    """Relative to the context's root, with '/'."""
    size: int
    """Bytes; for a Git LFS pointer the size it names."""
    is_link: bool = False
    """True for a symbolic link."""
    leaves: bool = False
    """True for a symbolic link that points out of the context."""
    is_directory: bool = False
    """True for `.git`, which stands for all that is in it; its size is not known."""


class NamedContext(NamedTuple):
    """A directory of this machine that a build is given under a name, beside its context."""

    root: str
    """Its absolute path."""
    ignore_file: Source | None = None
    """The `.dockerignore` in it; None if there is none."""
    ignore_path: str | None = None
    """Shown path of that file, or of the place Docker would look for one; None before it is looked at."""
    files: ContextFiles | None = None
    """Its files; None where it is not on this disk."""


class Build(NamedTuple):
    """A Dockerfile with its context, as one service or one build line uses it."""

    context: Text | None
    """The context as written; None where nothing names it."""
    root: str | None
    """Absolute path of the context; None for remote and unknown ones."""
    root_certain: bool
    """False where the context is only guessed (the Dockerfile's folder)."""
    dockerfile: str | None
    """Shown path of the Dockerfile; None for inline ones, or where it is not known."""
    source: Source | None
    """The Dockerfile's text; None if it could not be read."""
    ignore_file: Source | None
    """The ignore file Docker reads for this build; None if there is none."""
    ignore_path: str | None
    """Shown path of the ignore file, or of the place Docker would look for one."""
    stages: tuple[Stage, ...] = ()
    """Its stages in order."""
    target: Text | None = None
    """The stage that is built; None: the last."""
    target_index: int | None = None
    """Index of the stage that is built; None if it is not there."""
    args: tuple[EnvVar, ...] = ()
    """Build arguments given from outside (origin 'build.args' or '--build-arg')."""
    additional_contexts: Mapping[str, Text] = {}
    """Named contexts as written."""
    named_contexts: Mapping[str, NamedContext] = {}
    """Those of them that are directories of this machine."""
    files: ContextFiles | None = None
    """The context's files; None where the context is not on this disk."""
    reachable: frozenset[int] = frozenset()
    """Indexes of the stages that building the target needs."""
    global_args: tuple[Step, ...] = ()
    """ARG instructions before the first FROM."""
    secrets: tuple[Text, ...] = ()
    """Names of the declared secrets that the build is given."""
    other_ignore_files: tuple[str, ...] = ()
    """Shown paths of ignore files that one might expect to be read and that are not: beside the Dockerfile, at
    the repository's root."""
