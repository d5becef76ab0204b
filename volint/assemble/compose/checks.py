"""Keys of one set of files that exclude each other or that must be there.

Source of the behaviour: compose-go 2.14, validation/.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.assemble.compose.access import child, items, mapping
from volint.assemble.compose.units import is_ip
from volint.assemble.compose.values import Map, Scalar
from volint.source import Label

if TYPE_CHECKING:
    from volint.assemble.compose.report import Report
    from volint.assemble.compose.values import Value

__all__ = ["validate"]

_FILE_KEYS = {"configs": ("file", "environment", "content"), "secrets": ("file", "environment")}


def validate(tree: Map, report: Report, *, partial: bool) -> None:
    """Report exclusive and missing keys of one set of files."""
    for name, volume in mapping(tree.entries.get("volumes")).items():
        if isinstance(volume, Map):
            _external(name, volume, report)
    for section, keys in _FILE_KEYS.items():
        for name, item in mapping(tree.entries.get(section)).items():
            if isinstance(item, Map):
                _file_object(section, name, item, keys, report, partial)
    for name, service in mapping(tree.entries.get("services")).items():
        _ports(name, service, report)
        for watch in items(child(service, "develop", "watch")):
            path = child(watch, "path")
            if isinstance(path, Scalar) and path.data == "":
                report.refuse("VL615", "A path to watch is empty", path.span, container=name)
        requests = items(child(service, "deploy", "resources", "reservations", "devices"))
        for request in (*requests, *items(child(service, "gpus"))):
            if (
                isinstance(request, Map)
                and "count" in request.entries
                and "device_ids" in request.entries
            ):
                report.refuse(
                    "VL615",
                    "'count' and 'device_ids' exclude each other",
                    request.key_span("device_ids"),
                    "keep one of the two",
                    container=name,
                )


def _external(name: str, volume: Map, report: Report) -> None:
    external = volume.entries.get("external")
    if not isinstance(external, Scalar) or external.data is not True:
        return
    for key in volume.entries:
        if key not in ("name", "external") and not key.startswith("x-"):
            report.refuse(
                "VL615",
                f"'{key}' says how to create volume '{name}', which is external",
                volume.key_span(key),
                f"remove '{key}', or 'external'",
                (Label(external.span, "made outside of the project"),),
            )


def _file_object(
    section: str, name: str, item: Map, keys: tuple[str, ...], report: Report, partial: bool
) -> None:
    given = [key for key in keys if key in item.entries]
    what = section[:-1]
    if len(given) > 1:
        report.refuse(
            "VL615",
            f"{what} '{name}' has more than one source: " + ", ".join(f"'{key}'" for key in given),
            item.key_span(given[1]),
            "keep one of them",
            (Label(item.key_span(given[0]), "the first one"),),
        )
    elif (
        not given
        and "driver" not in item.entries
        and "external" not in item.entries
        and not partial
    ):
        report.refuse(
            "VL615",
            f"{what} '{name}' has no source",
            item.span,
            "add one of: " + ", ".join(keys),
        )


def _ports(name: str, service: Value, report: Report) -> None:
    for port in items(child(service, "ports")):
        address = child(port, "host_ip")
        if (
            isinstance(address, Scalar)
            and isinstance(address.data, str)
            and not address.unresolved
            and not is_ip(address.data)
        ):
            report.refuse(
                "VL615",
                f"'{address.data}' is no IP address",
                address.span,
                "write an address such as 127.0.0.1",
                container=name,
            )
