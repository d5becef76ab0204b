"""The mounts of one nerdctl command line.

nerdctl reads -v more loosely than docker: what is no volume's name is a path, a mode it does not know is a
warning, one target may be given twice. What docker's own grammar refuses is therefore not refused here.
Source: nerdctl 2, pkg/mountutil.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.assemble.dockermounts import DockerMounts
from volint.lazy import regex
from volint.model import Mount, Syntax
from volint.parse.mountspec import (
    PROPAGATIONS,
    UNKNOWN,
    Complaint,
    Field,
    Reading,
    clean,
    cli_short,
    list_options,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from volint.assemble.mountlist import Spec
    from volint.source import Span

__all__ = ["NerdctlMounts"]

_NAME = regex(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


class NerdctlMounts(DockerMounts):
    """nerdctl's: what docker's flags mean to it."""

    def complain(
        self, spec: Spec, complaint: Complaint, *, code: str = "VL601", level: str | None = None
    ) -> None:
        """Leave out what cannot be read: the grammar is not docker's."""
        self.unresolved.extend(spec.word.unresolved())

    def duplicate(self, mount: Mount, first: Span | None) -> None:
        """Leave out a second mount on one target."""

    def _volumes(self) -> Iterator[tuple[Mount, bool]]:
        for spec in self.entries("volume"):
            fields = cli_short(spec.text)
            if isinstance(fields, Complaint):
                self.complain(spec, fields)
                continue
            parts = [Field(spec.text[start:end], start, end) for start, end in fields]
            target = parts[-1] if len(parts) == 1 else parts[1]
            cleaned = target._replace(text=clean(target.text))
            if len(parts) == 1:
                reading = Reading("volume", None, cleaned, implicit=True)
                yield self.lower(spec, reading, Syntax.V), True
            else:
                yield self.lower(spec, self._reading(spec, parts, cleaned), Syntax.V), False

    def _reading(self, spec: Spec, parts: list[Field], target: Field) -> Reading:
        source = parts[0]
        unknown = source.text[:1] == UNKNOWN
        bind = spec.path if unknown else not _NAME.fullmatch(source.text.replace(UNKNOWN, "x"))
        resolved = None
        if bind and UNKNOWN not in source.text:
            absolute = source.text.startswith("/")
            resolved = clean(source.text) if absolute else self.scene.absolute(source.text)
        options: dict[str, tuple[str | int | bool, int, int]] = {}
        read_only = False
        for word in list_options(parts[2]) if len(parts) == 3 else ():
            place = word.start, word.end
            if word.text in ("ro", "rro"):
                read_only = True
            elif word.text in ("z", "Z"):
                options["selinux"] = (word.text, *place)
            elif word.text in PROPAGATIONS:
                options["propagation"] = (word.text, *place)
            elif word.text in ("bind", "rbind"):
                options["recursive"] = ("disabled" if word.text == "bind" else "enabled", *place)
        mode = parts[2] if len(parts) == 3 else None
        kind = "bind" if bind else "volume"
        return Reading(kind, source, target, read_only, options, mode, resolved)
