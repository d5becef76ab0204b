"""The mounts of one podman command line, as its client combines them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from volint.assemble.mountlist import MountList
from volint.assemble.podmanglob import glob
from volint.model import Mount, MountKind, Option, Syntax
from volint.parse import podmanmount, podmanspec
from volint.parse.gopath import BadPatternError, has_wildcard
from volint.parse.mountspec import UNKNOWN, Complaint, Field, Reading, clean

if TYPE_CHECKING:
    from volint.assemble.mountlist import Spec

__all__ = ["PodmanMounts"]


class PodmanMounts(MountList):
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
            entry = podmanmount.mount(spec.text)
            if isinstance(entry, Complaint):
                self.complain(spec, entry)
                continue
            for one in self._globbed(spec, entry) if entry.glob else (entry,):
                mount = self.lower(spec, self._resolved(one.reading), Syntax.MOUNT)
                place(one, mount, False, _group(one))
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

    def _globbed(self, spec: Spec, entry: podmanspec.PodmanMount) -> list[podmanspec.PodmanMount]:
        """Return a mount for each path that a glob matches; where that is not known, one for the pattern."""
        reading = entry.reading
        source = reading.source or reading.target._replace(text="")
        paths: tuple[str, ...] | None = None
        if UNKNOWN not in source.text:
            try:
                paths = glob(source.text, self.scene)
            except BadPatternError:
                problem = Complaint(
                    f"'{source.text}' is no pattern that podman can read",
                    source.start,
                    source.end,
                    "close the bracket, or put a backslash before it",
                )
                self.complain(spec, problem)
                return []
        if paths is None:
            paths = (source.text,)
        elif not paths:
            problem = Complaint(
                f"nothing matches '{source.text}', and podman does not start without",
                source.start,
                source.end,
                "create it first, or correct the pattern",
            )
            self.complain(spec, problem)
            return []
        found: list[podmanspec.PodmanMount] = []
        for path in paths:
            target = path
            if entry.destination and has_wildcard(path):
                target = entry.destination
            elif entry.destination:
                base = path.rstrip("/").rpartition("/")[2]
                target = clean(f"{entry.destination}/{base}")
            one = reading._replace(
                source=source._replace(text=path), target=reading.target._replace(text=target)
            )
            found.append(entry._replace(reading=one, destination=target))
        return found

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
                self.mounts.append(
                    mount._replace(
                        target=mount.target._replace(value=target),
                        options={**mount.options, **_secret_options(spec)},
                    )
                )


def _secret_options(spec: Spec) -> dict[str, Option]:
    """Return owner and mode of a secret; podman reads a mode as octal."""
    found: dict[str, Option] = {}
    start = 0
    for pair in spec.text.split(","):
        key, _, value = pair.partition("=")
        place = spec.word.slice(start, start + len(pair)).span
        if key == "mode" and value and all(digit in "01234567" for digit in value):
            found[key] = Option(int(value, 8), place)
        elif key in ("uid", "gid") and value:
            found[key] = Option(value, place)
        start += len(pair) + 1
    return found


def _group(entry: podmanspec.PodmanMount) -> str:
    kind = entry.reading.kind
    return kind if kind in ("volume", "overlay", "image") else "file"
