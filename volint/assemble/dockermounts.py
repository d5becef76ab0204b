"""The mounts of one docker command line, as the CLI and the Engine combine them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from volint.assemble.mountlist import MountList
from volint.model import Mount, MountKind, Option, Syntax
from volint.parse import enginemount, enginespec, mountflag
from volint.parse.imageref import image_problem
from volint.parse.mountspec import UNKNOWN, Complaint, Field, Reading, clean, cli_short
from volint.parse.quantities import tmpfs_bytes
from volint.source import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from volint.assemble.mountlist import Spec
    from volint.source import Span

__all__ = ["DockerMounts"]

_API_SOCKET = "/var/run/docker.sock"


class DockerMounts(MountList):
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
                        option = Option(driver.value, driver.span)
                        mount = mount._replace(options={**mount.options, "driver": option})
                    yield mount, False

    def _never_starts(self, spec: Spec) -> None:
        complaint = Complaint(
            f"'{spec.word.value}' mounts an unnamed volume at the container's root",
            0,
            len(spec.text),
            "write 'SOURCE:TARGET'",
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
        return enginemount.mount(request, version=version, resolve=self.scene.absolute)

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
