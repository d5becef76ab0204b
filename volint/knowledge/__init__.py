"""What volint knows of images, host paths, names of files and variables: the functions rules ask.

Facts live in the text files beside this module, one place per fact, and are read when first asked
for. `extend` makes a `Knowledge` with a user's own facts, `using` puts it in force for a run.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from volint.knowledge.contents import Verdict
    from volint.knowledge.credentials import Credential, Credentials
    from volint.knowledge.entries import Images
    from volint.knowledge.hostpaths import HostPath, HostPaths
    from volint.knowledge.images import Image
    from volint.knowledge.patterns import Download, ModelFile, Patterns, SecretFile
    from volint.knowledge.references import ImageRef
    from volint.knowledge.state import State
    from volint.model import Container, Mount
    from volint.source import Text

__all__ = [
    "Knowledge",
    "abandoned_driver",
    "control_socket",
    "covering_mount",
    "credential_name",
    "current",
    "find_credential",
    "image_of",
    "is_build_output",
    "is_cache_directory",
    "is_certificate",
    "is_config_directory",
    "is_config_file",
    "is_dependency_directory",
    "is_harmless_path",
    "is_host_view",
    "is_init_directory",
    "is_public_file",
    "lookup",
    "mistaken_driver",
    "model_directory",
    "model_downloads",
    "model_file",
    "parse_reference",
    "secret_file",
    "secret_verdict",
    "sensitive_path",
    "state_of",
    "using",
    "variables_of",
    "within",
]


class Knowledge:
    """All facts of a run: the shipped ones and a user's own. Immutable; parts are read when first used."""

    __slots__ = ("_credentials", "_extra", "_hostpaths", "_images", "_patterns")

    def __init__(self, extra: Mapping[str, str] | None = None) -> None:
        """Take texts in the form of the shipped files, by their names without '.txt'."""
        self._extra = dict(extra or {})
        self._images: Images | None = None
        self._patterns: Patterns | None = None
        self._hostpaths: HostPaths | None = None
        self._credentials: Credentials | None = None

    def extend(
        self,
        *,
        images: Iterable[Mapping[str, object]] = (),
        secret_files: Iterable[str] = (),
        public_files: Iterable[str] = (),
        model_files: Iterable[str] = (),
        sensitive_paths: Iterable[str] = (),
        harmless_paths: Iterable[str] = (),
    ) -> Knowledge:
        """Return knowledge with a user's facts added; they win over shipped ones.

        An image is a mapping: `name` (or a list `names`), and any of `data` (list of paths), `volumes`
        (those of them that the image declares), `category`, `state` ('yes', 'optional', 'no'), `writers`
        ('corrupt', 'refuse', 'share', 'safe'), `moved-by` (variables or --flags), `socket` ('manages',
        'views'), `clients`, `scratch`. Patterns are globs of file names, paths those of hostpaths.txt.
        Raises ValueError with a sentence for the user.
        """
        from volint.knowledge.extension import texts

        added = texts(
            images, secret_files, public_files, model_files, sensitive_paths, harmless_paths
        )
        merged = dict(self._extra)
        for name, text in added.items():
            if text:
                merged[name] = f"{merged[name]}\n{text}" if name in merged else text
        return Knowledge(merged)

    @property
    def images(self) -> Images:
        """The images."""
        if self._images is None:
            from volint.knowledge import entries

            self._images = entries.Images((entries.shipped(), self._extra.get("images", "")))
        return self._images

    @property
    def patterns(self) -> Patterns:
        """The names of files and directories."""
        if self._patterns is None:
            from volint.knowledge import patterns

            self._patterns = patterns.Patterns(
                (self._extra.get("patterns", ""), patterns.shipped())
            )
        return self._patterns

    @property
    def hostpaths(self) -> HostPaths:
        """The host paths."""
        if self._hostpaths is None:
            from volint.knowledge import hostpaths

            self._hostpaths = hostpaths.HostPaths(
                (hostpaths.shipped(), self._extra.get("hostpaths", ""))
            )
        return self._hostpaths

    @property
    def credentials(self) -> Credentials:
        """The variables."""
        if self._credentials is None:
            from volint.knowledge import credentials

            self._credentials = credentials.Credentials((credentials.shipped(),))
        return self._credentials


_in_force = [Knowledge()]


def current() -> Knowledge:
    """Return the knowledge in force."""
    return _in_force[-1]


@contextmanager
def using(knowledge: Knowledge) -> Iterator[None]:
    """Put knowledge in force within a `with` block."""
    _in_force.append(knowledge)
    try:
        yield
    finally:
        _in_force.pop()


# -- images --------------------------------------------------------------------------------------


def parse_reference(text: str) -> ImageRef:
    """Return the parts of an image reference; `${VAR:-default}` takes its default. Never raises."""
    from volint.knowledge.references import ImageRef

    return ImageRef.parse(text)


def lookup(reference: str) -> Image | None:
    """Return what is known of an image; None where nothing is."""
    return current().images.lookup(reference)


def image_of(container: Container) -> Image | None:
    """Return what is known of the image a container runs; of a built one, the image it is built FROM."""
    from volint.knowledge import state

    return state.image_of(container, current().images)


def state_of(container: Container) -> State | None:
    """Return where a container keeps state, as tag, variables and command have it; None if unknown."""
    from volint.knowledge import state

    return state.state_of(container, current().images)


def variables_of(container: Container) -> dict[str, Text | None]:
    """Return the variables a container is given, under them those of the image it builds; None: from outside."""
    from volint.knowledge.commands import variables

    return variables(container)


def covering_mount(container: Container, path: str, volumes: Sequence[str] = ()) -> Mount | None:
    """Return the mount that keeps what is written at a container path; None if none does.

    `volumes` are the paths at which the image declares volumes (`State.volumes`): one that lies below
    the mount and at or above the path becomes an anonymous volume and hides the mount.
    """
    from volint.knowledge import state

    return state.covering_mount(container, path, volumes)


def within(path: str, directory: str) -> bool:
    """Return whether a cleaned path is a directory or lies below it."""
    return path == directory or path.startswith(directory.rstrip("/") + "/")


# -- host paths ----------------------------------------------------------------------------------


def sensitive_path(path: str) -> HostPath | None:
    """Return what a host path gives away: exact paths and listed children, never a mere parent."""
    return current().hostpaths.sensitive(path)


def is_harmless_path(path: str) -> bool:
    """Return whether a host path is listed as harmless."""
    return current().hostpaths.is_harmless(path)


def control_socket(path: str) -> HostPath | None:
    """Return the entry of a container engine's control socket, by its path on the host or in a container."""
    return current().hostpaths.socket(path)


def is_host_view(path: str, target: str) -> bool:
    """Return whether a mount shows a host path at its own place below /host, /rootfs and the like."""
    return current().hostpaths.is_host_view(path, target)


# -- files and directories -----------------------------------------------------------------------


def secret_file(path: str) -> SecretFile | None:
    """Return what kind of secret a file's or directory's name says it is; None for public names."""
    return current().patterns.secret_file(path)


def secret_verdict(path: str, content: bytes) -> Verdict:
    """Return what the beginning of a file says about the secret that its name promises.

    Harmless for names that promise none; unknown for what is no text.
    """
    from volint.knowledge.contents import Verdict, verdict

    entry = secret_file(path)
    if entry is None:
        return Verdict.HARMLESS
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        if error.reason != "unexpected end of data":
            return Verdict.UNKNOWN
        text = content[: error.start].decode()
    return verdict(entry, path.rpartition("/")[2], text, current().credentials)


def is_public_file(path: str) -> bool:
    """Return whether a name looks like a secret's and is none: examples, public keys, certificates."""
    return current().patterns.is_public(path)


def is_certificate(path: str) -> bool:
    """Return whether a name is that of a public certificate."""
    return current().patterns.is_certificate(path)


def model_file(path: str) -> ModelFile | None:
    """Return what kind of model or data set a file's name says it is."""
    return current().patterns.model_file(path)


def model_directory(path: str) -> str | None:
    """Return the confidence ('high', 'medium', 'low') that a directory's name says models, or None."""
    return current().patterns.model_directory(path)


def model_downloads(text: str) -> list[Download]:
    """Return the commands in a shell text that fetch models or data sets, with their offsets."""
    return current().patterns.model_downloads(text)


def is_dependency_directory(path: str) -> bool:
    """Return whether a directory's name is one that holds installed dependencies."""
    return current().patterns.is_dependency_directory(path)


def is_cache_directory(path: str) -> bool:
    """Return whether a directory's name is one that tools keep caches in."""
    return current().patterns.is_cache_directory(path)


def is_build_output(path: str) -> bool:
    """Return whether a directory's name is one that builds write to."""
    return current().patterns.is_build_output(path)


def is_init_directory(path: str) -> bool:
    """Return whether a container path is, or lies in, a directory of scripts run at first start."""
    return current().patterns.is_init_directory(path)


def is_config_file(path: str) -> bool:
    """Return whether a file's name is one that configuration has."""
    return current().patterns.is_config_file(path)


def is_config_directory(path: str) -> bool:
    """Return whether a container path is a directory that programs only read configuration from."""
    return current().patterns.is_config_directory(path)


def mistaken_driver(name: str) -> str | None:
    """Return what does the work of something that is mistaken for a volume driver; None if it may be one."""
    return current().patterns.mistaken_driver(name)


def abandoned_driver(name: str) -> str | None:
    """Return why a volume driver is no longer maintained; None if nothing is known against it."""
    return current().patterns.abandoned_driver(name)


# -- variables -----------------------------------------------------------------------------------


def credential_name(name: str) -> str | None:
    """Return the kind of credential a variable's name says it holds ('password', 'token' ...), or None."""
    return current().credentials.name(name)


def find_credential(
    name: str,
    value: str,
    *,
    unresolved: Sequence[str] | None = None,
    companions: Iterable[str] = (),
) -> Credential | None:
    """Return the literal credential that a variable holds; None if it holds none.

    `unresolved` is `Text.unresolved` of the value; `companions` are values such as user names: a
    password equal to one of them is a demo value. The value itself is never returned.
    """
    return current().credentials.find(name, value, unresolved=unresolved, companions=companions)
