"""The mounts of one docker or podman command line, as its client and its engine combine them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from volint.model import Mount, MountKind, Option, Syntax, VolumesFrom
from volint.parse import enginespec, mountflag, podmanspec
from volint.parse.flagvalues import image_problem
from volint.parse.mountspec import UNKNOWN, Complaint, Field, Reading, clean, cli_short
from volint.parse.quantities import tmpfs_bytes
from volint.source import Label, Problem, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from volint.assemble.run import Reader
    from volint.model import Container
    from volint.parse.runflags import Parsed
    from volint.source import Span, Word

__all__ = ["DockerMounts", "PodmanMounts", "Scene", "masked"]

_API_SOCKET = "/var/run/docker.sock"


class Scene(NamedTuple):
    """Where a command line runs."""

    program: str
    """docker, podman, nerdctl or compose."""
    cwd: str | None
    """Absolute working directory; None where unknown."""
    home: str | None
    """Absolute home directory; None where unknown."""
    env: Mapping[str, str] | None
    """The client's environment; None where unknown."""
    reader: Reader | None
    """What reads files; None: nothing is read."""
    donors: Mapping[str, Container]
    """Containers that --volumes-from can inherit from."""
    version: str
    """Docker's version, '28' or '29'."""

    def absolute(self, path: str) -> str | None:
        """Return a relative path of the client as an absolute one; None where that is unknown."""
        return clean(f"{self.cwd}/{path}") if self.cwd else None


class Spec(NamedTuple):
    """A word that describes mounts, prepared for reading."""

    word: Word
    """The word."""
    text: str
    """Its value with every character of an unknown variable, and of a leading '~' that the shell
    expands, replaced by UNKNOWN."""
    path: bool
    """Whether a source that begins with something unknown is a host path and no volume's name."""


def masked(word: Word) -> Spec:
    """Prepare a word for reading."""
    value = word.value
    chars: list[str] | None = None
    first = ""
    for index, piece in enumerate(word.pieces):
        if piece.unresolved:
            following = word.pieces[index + 1 : index + 2]
            end = following[0].at if following else len(value)
            chars = chars or list(value)
            chars[piece.at : end] = UNKNOWN * (end - piece.at)
            if piece.at == 0:
                first = piece.unresolved
    if word.tilde and value[:1] == "~":
        end = next((at for at, char in enumerate(value) if char in "/:"), len(value))
        chars = chars or list(value)
        chars[:end] = UNKNOWN * end
        return Spec(word, "".join(chars), True)
    if chars is None:
        return Spec(word, value, False)
    text = "".join(chars)
    return Spec(word, text, _is_path(text, first))


def _is_path(text: str, name: str) -> bool:
    """Guess whether a source that begins with the unknown variable `name` is a host path."""
    source = text.partition(":")[0]
    if "/" in source:
        return True
    upper = name.upper()
    return not source.strip(UNKNOWN) and "VOL" not in upper and not upper.endswith("NAME")


def _rewritten(text: str, spec: Spec) -> str:
    """Return a message that quotes what was read with the text that was written."""
    if UNKNOWN not in text:
        return text
    if spec.text in text:
        return text.replace(spec.text, spec.word.value)
    for part in spec.text.split(":"):
        if UNKNOWN in part and part in text:
            start = spec.text.index(part)
            text = text.replace(part, spec.word.value[start : start + len(part)])
    return text.replace(UNKNOWN, "")


class _Mounts:
    """What the mount flags of one command line give, in the order of the line."""

    def __init__(self, scene: Scene, parsed: Parsed, container: str) -> None:
        self.scene = scene
        self.parsed = parsed
        self.container = container
        self.mounts: list[Mount] = []
        self.volumes_from: list[VolumesFrom] = []
        self.problems: list[Problem] = []
        self.unresolved: list[str] = []
        self.refused = False

    def entries(self, name: str) -> Iterator[Spec]:
        """Yield the values of a flag; what is unknown as a whole only leaves its variables."""
        for word in self.parsed.values(name):
            spec = masked(word)
            if spec.text and not spec.text.strip(UNKNOWN) and not word.tilde:
                self.unresolved.extend(word.unresolved())
                continue
            yield spec

    def complain(
        self, spec: Spec, complaint: Complaint, *, code: str = "VL601", level: str | None = None
    ) -> None:
        """Turn a complaint into a problem; one about unknown text is dropped."""
        part = spec.text[complaint.start : complaint.end]
        if part and not part.strip(UNKNOWN):
            self.unresolved.extend(spec.word.unresolved())
            return
        place = spec.word.span
        if complaint.end > complaint.start:
            place = spec.word.slice(complaint.start, complaint.end).span
        message = _rewritten(complaint.message, spec)
        advice = _rewritten(complaint.help, spec)
        self.problems.append(
            Problem(code, message, place, advice, level=level, container=self.container)
        )
        if not complaint.starting and level is None:
            self.refused = True

    def text(self, spec: Spec, field: Field, value: str | None = None) -> Text:
        """Return a field as a text, its value as written unless another is given."""
        text = spec.word.slice(field.start, field.end)
        if value is None:
            value = text.value if UNKNOWN in field.text else field.text
        return text._replace(value=value)

    def lower(self, spec: Spec, reading: Reading, syntax: Syntax) -> Mount:
        """Return a reading as a mount of the model."""
        word = spec.word
        target = self.text(spec, reading.target)
        source = self.text(spec, reading.source) if reading.source else None
        kind = MountKind(reading.kind)
        tilde = word.tilde and reading.source is not None and reading.source.start == 0
        resolved = reading.resolved
        if tilde and source and kind is MountKind.BIND:
            resolved = self._at_home(spec, source)
        return Mount(
            kind,
            source,
            target,
            reading.read_only,
            syntax,
            word.span,
            {
                name: Option(value, word.slice(start, end).span)
                for name, (value, start, end) in reading.options.items()
                if not (isinstance(value, str) and UNKNOWN in value)
            },
            resolved,
            word.unresolved() if word.pieces else (),
            spec=word.text(),
            mode=self.text(spec, reading.mode) if reading.mode else None,
            unquoted=tuple(
                word.span._replace(start=piece.start, end=piece.end)
                for piece in word.pieces
                if piece.unquoted
            ),
            tilde=tilde,
        )

    def _at_home(self, spec: Spec, source: Text) -> str | None:
        home = self.scene.home
        value = source.value
        if home is None or source.unresolved or not (value == "~" or value.startswith("~/")):
            return None
        return clean(f"{home}{value[1:]}")

    def donate(self, spec: Spec, donor: Field, read_only: bool) -> list[Mount]:
        """Record a donor and return the mounts it gives, none if it is not known."""
        name = self.text(spec, donor)
        span = spec.word.span
        self.volumes_from.append(VolumesFrom(name, read_only, span))
        known = self.scene.donors.get(name.value)
        if known is None or name.unresolved:
            return []
        return [
            mount._replace(
                read_only=mount.read_only or read_only,
                syntax=Syntax.VOLUMES_FROM,
                span=span,
                donor=name.value,
                shadowed=False,
                via=(mount.span, *mount.via),
            )
            for mount in known.mounts
            if mount.syntax is not Syntax.TMPFS and not mount.shadowed
        ]

    def duplicate(self, mount: Mount, first: Span | None) -> None:
        """Object to a second mount on one target."""
        target = mount.target
        self.problems.append(
            Problem(
                "VL602",
                f"'{target.value}' is the target of another mount already",
                target.span,
                "give each mount a target of its own",
                (Label(first, "the other mount"),) if first else (),
                container=self.container,
                target=target.value,
            )
        )
        self.refused = True


class DockerMounts(_Mounts):
    """docker's: -v, --mount, --tmpfs, --volumes-from and --use-api-socket, in the Engine's order."""

    def build(self) -> None:
        """Read all flags; fills `mounts`, `volumes_from`, `problems`, `refused`."""
        tmpfs = self._tmpfs()
        taken: dict[str, Span] = {}
        own: list[tuple[Span, Mount]] = []
        anonymous: list[Mount] = []
        for mount, implicit in self._volumes():
            if implicit:
                anonymous.append(mount)
                continue
            target = mount.target.value
            if target in taken or target in tmpfs:
                self.duplicate(mount, taken.get(target) or tmpfs[target].span)
                continue
            taken[target] = mount.span
            own.append((mount.span, mount))
        for mount in self._mounts():
            target = mount.target.value
            if target in taken:
                self.duplicate(mount, taken[target])
                continue
            taken[target] = mount.span
            hidden = target in tmpfs and mount.kind is not MountKind.TMPFS
            own.append((mount.span, mount._replace(shadowed=hidden)))
        for target, mount in self._inherited().items():
            if target not in taken:
                taken[target] = mount.span
                own.append((mount.span, mount._replace(shadowed=target in tmpfs)))
        for mount in anonymous:
            target = mount.target.value
            if target not in taken and target not in tmpfs:
                taken[target] = mount.span
                own.append((mount.span, mount))
        own.extend((mount.span, mount) for mount in tmpfs.values())
        own.sort(key=lambda entry: entry[0].start)
        self.mounts = [mount for _, mount in own]

    def _volumes(self) -> Iterator[tuple[Mount, bool]]:
        driver = self.parsed.last("volume-driver")
        seen: set[str] = set()
        for spec in self.entries("volume"):
            if spec.word.value in seen:
                continue
            seen.add(spec.word.value)
            fields = cli_short(spec.text)
            if isinstance(fields, Complaint):
                self.complain(spec, fields)
            elif len(fields) == 1:
                target = Field(spec.text, 0, len(spec.text))
                reading = Reading("volume", None, _cleaned(target), implicit=True)
                mount = self.lower(spec, reading, Syntax.V)
                if mount.target.value == "/":
                    self._never_starts(spec)
                yield mount, True
            else:
                read = enginespec.bind(
                    spec.text,
                    driver=driver.value if driver else "",
                    path=spec.path,
                    resolve=self.scene.absolute,
                )
                if isinstance(read, Complaint):
                    self.complain(spec, read)
                else:
                    mount = self.lower(spec, read, Syntax.V)
                    if driver and driver.value and mount.kind is MountKind.VOLUME:
                        mount.options["driver"] = Option(driver.value, driver.span)  # type: ignore[index]
                    yield mount, False

    def _never_starts(self, spec: Spec) -> None:
        complaint = Complaint(
            f"'{spec.word.value}' mounts an unnamed volume at the container's root",
            0,
            len(spec.text),
            "write SOURCE:TARGET",
            starting=True,
        )
        self.complain(spec, complaint)

    def _read_mount(self, spec: Spec, version: str) -> Reading | Complaint | None:
        request = mountflag.read(spec.text, version=version)
        if isinstance(request, Complaint):
            return request
        if UNKNOWN in request.kind:
            return None
        source = request.source
        if request.kind == "image" and source and UNKNOWN not in source.text:
            request = request._replace(image_problem=image_problem(source.text))
        return enginespec.mount(request, version=version, resolve=self.scene.absolute)

    def _mounts(self) -> Iterator[Mount]:
        version = self.scene.version
        other = "28" if version == "29" else "29"
        for spec in self.entries("mount"):
            read = self._read_mount(spec, version)
            second = read
            if mountflag.versions_differ(spec.text):
                second = self._read_mount(spec, other)
            if isinstance(read, Complaint):
                if isinstance(second, Complaint):
                    self.complain(spec, read)
                else:
                    message = f"{read.message}, as Docker {version} reads it; {other} accepts it"
                    self.complain(spec, read._replace(message=message), level="note")
                    self.refused = True
                continue
            if isinstance(second, Complaint):
                message = f"Docker {other} refuses what {version} accepts: {second.message}"
                self.complain(spec, second._replace(message=message), level="note")
            if read is not None:
                # An image is never written through its mount, whatever `readonly` says.
                read_only = read.read_only or read.kind == "image"
                yield self.lower(spec, read._replace(read_only=read_only), Syntax.MOUNT)
            else:
                self.unresolved.extend(spec.word.unresolved())
        if self.parsed.is_set("use-api-socket"):
            yield self._api_socket()

    def _api_socket(self) -> Mount:
        flag = next(given.flag for given in self.parsed.given if given.name == "use-api-socket")
        host = (self.scene.env or {}).get("DOCKER_HOST", "")
        path = host.removeprefix("unix://") if host.startswith("unix://") else _API_SOCKET
        return Mount(
            MountKind.BIND,
            Text(path, flag),
            Text(_API_SOCKET, flag),
            False,
            Syntax.API_SOCKET,
            flag,
            resolved_source=path,
        )

    def _tmpfs(self) -> dict[str, Mount]:
        found: dict[str, Mount] = {}
        failing: dict[str, tuple[Spec, Complaint]] = {}
        for spec in self.entries("tmpfs"):
            path, colon, rest = spec.text.partition(":")
            target = Field(path, 0, len(path))
            reason = enginespec.target_problem(path)
            if reason:
                advice = f"write '/{path.removeprefix('./')}'" if path.strip("/") else ""
                self.complain(spec, Complaint(reason, 0, len(path), advice))
                continue
            mode = Field(rest, len(path) + 1, len(spec.text)) if colon else None
            options: dict[str, Any] = {}
            read_only = False
            failing.pop(path, None)
            if mode and mode.text:
                problem = enginespec.tmpfs_option_problem(mode)
                if problem:
                    failing[path] = (spec, problem)
                options, read_only = _tmpfs_options(mode)
            reading = Reading("tmpfs", None, target, read_only, options, mode)
            mount = self.lower(spec, reading, Syntax.TMPFS)
            found[mount.target.value] = mount
        for spec, problem in failing.values():
            self.complain(spec, problem)
        return found

    def _inherited(self) -> dict[str, Mount]:
        found: dict[str, Mount] = {}
        for spec in self.entries("volumes-from"):
            read = enginespec.volumes_from(spec.text)
            if isinstance(read, tuple) and not isinstance(read, Complaint) and not read[0].text:
                read = Complaint("--volumes-from names no container", 0, len(spec.text))
            if isinstance(read, Complaint):
                self.complain(spec, read)
                continue
            for mount in self.donate(spec, *read):
                found[mount.target.value] = mount
        return found


def _cleaned(target: Field) -> Field:
    return target if UNKNOWN in target.text else target._replace(text=clean(target.text))


_EXECUTABLE = frozenset({"exec", "noexec", "suid", "nosuid", "dev", "nodev"})


def _tmpfs_options(mode: Field) -> tuple[dict[str, Any], bool]:
    """Read --tmpfs options as the kernel would; the last of two that contradict each other counts."""
    options: dict[str, Any] = {}
    read_only = False
    start = mode.start
    for word in mode.text.split(","):
        place = (start, start + len(word))
        start += len(word) + 1
        name, equals, value = word.partition("=")
        if word in ("ro", "rw"):
            read_only = word == "ro"
        elif word in _EXECUTABLE:
            options.pop(word.removeprefix("no") if word.startswith("no") else f"no{word}", None)
            options[word] = (True, *place)
        elif name == "size" and equals:
            size = tmpfs_bytes(value)
            options["size"] = (value if size is None else size, *place)
        elif name == "mode" and value and not value.strip("01234567"):
            options["mode"] = (int(value, 8), *place)
        elif name in ("uid", "gid") and value:
            options[name] = (value, *place)
    return options, read_only


class PodmanMounts(_Mounts):
    """podman's: what its client refuses and what it sends."""

    def build(self) -> None:
        """Read all flags; fills `mounts`, `volumes_from`, `problems`, `refused`."""
        files: dict[str, tuple[podmanspec.PodmanMount, Mount]] = {}
        others: dict[str, dict[str, tuple[podmanspec.PodmanMount, Mount]]] = {}

        def place(entry: podmanspec.PodmanMount, mount: Mount, lenient: bool, group: str) -> None:
            table = files if group == "file" else others.setdefault(group, {})
            found = table.get(entry.destination)
            if found is None:
                table[entry.destination] = (entry, mount)
            elif not (lenient and self._same(found, entry, mount, group)):
                self.duplicate(mount, found[1].span)

        for spec in self.entries("mount"):
            entry = podmanspec.mount(spec.text)
            if isinstance(entry, Complaint):
                self.complain(spec, entry)
            else:
                mount = self.lower(spec, self._resolved(entry.reading), Syntax.MOUNT)
                place(entry, mount, False, _group(entry))
        self._volumes(place)
        self._tmpfs(files)
        self._cross(files, others)
        for spec in self.entries("volumes-from"):
            name, _, mode = spec.text.partition(":")
            donor = Field(name, 0, len(name))
            for mount in self.donate(spec, donor, "ro" in mode.split(",")):
                if all(mount.target.value != one.target.value for one in self.mounts):
                    self.mounts.append(mount)
        self._secrets()
        self.mounts.sort(key=lambda mount: mount.span.start)

    def _same(
        self,
        found: tuple[podmanspec.PodmanMount, Mount],
        entry: podmanspec.PodmanMount,
        mount: Mount,
        group: str,
    ) -> bool:
        """Return whether podman takes a second mount for a repetition of the first."""
        first, other = found
        same = (other.source.value if other.source else "") == (
            mount.source.value if mount.source else ""
        )
        # Two -v of one named volume are not compared by their options.
        if group == "volume" and other.syntax is Syntax.V and mount.syntax is Syntax.V:
            return same
        return same and first.words == entry.words

    def _resolved(self, reading: Reading) -> Reading:
        source = reading.source
        if reading.kind not in ("bind", "overlay") or source is None or UNKNOWN in source.text:
            return reading
        path = source.text
        resolved = clean(path) if path.startswith("/") else None
        if path.startswith("."):
            resolved = self.scene.absolute(path)
        return reading._replace(resolved=resolved)

    def _volumes(self, place: Any) -> None:
        for spec in self.entries("volume"):
            entry = podmanspec.volume(spec.text, path=spec.path)
            if isinstance(entry, Complaint):
                self.complain(spec, entry)
                continue
            missing = self._missing(spec)
            if missing:
                self.complain(spec, missing)
                continue
            reading = self._resolved(entry.reading)
            if reading.implicit and spec.text.startswith("./") and self.scene.cwd:
                # podman makes even a lone ./x absolute, so it is a target in the container.
                at = self.scene.absolute(spec.text) or spec.text
                reading = reading._replace(target=reading.target._replace(text=at))
                entry = entry._replace(destination=at)
            place(entry, self.lower(spec, reading, Syntax.V), True, _group(entry))

    def _missing(self, spec: Spec) -> Complaint | None:
        """podman's client follows the links of './x', which must be there."""
        source = spec.text.partition(":")[0]
        reader, cwd = self.scene.reader, self.scene.cwd
        if not source.startswith("./") or UNKNOWN in source or reader is None or cwd is None:
            return None
        at = cwd
        # A step into what is not there fails even where '..' leaves it again.
        for part in source.split("/"):
            at = clean(f"{at}/{part}")
            if reader.exists(at) is False:
                return Complaint(
                    f"'{source}' does not exist, and podman does not create it",
                    0,
                    len(source),
                    "create it first",
                )
        return None

    def _tmpfs(self, files: dict[str, tuple[podmanspec.PodmanMount, Mount]]) -> None:
        own: dict[str, tuple[podmanspec.PodmanMount, Mount]] = {}
        for spec in self.entries("tmpfs"):
            entry = podmanspec.tmpfs(spec.text)
            if isinstance(entry, Complaint):
                self.complain(spec, entry)
                continue
            mount = self.lower(spec, entry.reading, Syntax.TMPFS)
            found = own.get(entry.destination)
            if found is None:
                own[entry.destination] = (entry, mount)
            elif found[0].words != entry.words:
                self.duplicate(mount, found[1].span)
        for destination, (entry, mount) in own.items():
            taken = files.get(destination)
            if taken is None:
                files[destination] = (entry, mount)
            elif taken[1].kind is not MountKind.TMPFS:
                self.duplicate(mount, taken[1].span)

    def _cross(
        self,
        files: dict[str, tuple[podmanspec.PodmanMount, Mount]],
        others: dict[str, dict[str, tuple[podmanspec.PodmanMount, Mount]]],
    ) -> None:
        taken: dict[str, Mount] = {}
        for table in (files, *others.values()):
            for destination, (_, mount) in table.items():
                if destination in taken:
                    self.duplicate(mount, taken[destination].span)
                else:
                    taken[destination] = mount
                    self.mounts.append(mount)

    def _secrets(self) -> None:
        for spec in self.entries("secret"):
            name, *pairs = spec.text.split(",")
            settings = dict(pair.partition("=")[::2] for pair in pairs)
            kind = settings.get("type", "mount")
            if kind not in ("mount", "env"):
                at = spec.text.index("type=") + 5
                end = at + len(kind)
                message = f"'{kind}' is no type of a secret"
                self.complain(spec, Complaint(message, at, end, "use mount or env"), code="VL615")
            elif kind == "mount":
                target = settings.get("target") or name
                if not target.startswith("/"):
                    target = f"/run/secrets/{target}"
                source = Field(name, 0, len(name))
                reading = Reading("secret", source, source, True)
                mount = self.lower(spec, reading, Syntax.SECRET)
                self.mounts.append(mount._replace(target=mount.target._replace(value=target)))


def _group(entry: podmanspec.PodmanMount) -> str:
    kind = entry.reading.kind
    return kind if kind in ("volume", "overlay", "image") else "file"
