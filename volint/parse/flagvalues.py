"""What docker and podman refuse of a flag's value before anything runs.

Only what can be told from the text: whether a file, network or driver exists is not asked. A message
never quotes what may be a secret: values of -e, --label and the like.
Source: docker CLI 28.2 and 29.7, opts/ and cli/command/container; podman 5.8.2, cmd/podman/common.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from volint.parse.flaglists import gpus_problem, network_problem
from volint.parse.flagtypes import TYPES, Reason
from volint.parse.quantities import memory_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["device_parts", "problem_of"]


_CGROUP_RULE = r"[acb] ([0-9]+|\*):([0-9]+|\*) [rwm]{1,3}"
_CDI = r"(?a)[A-Za-z][\w.-]*[A-Za-z0-9]/[A-Za-z][\w.-]*=[A-Za-z0-9][\w.:-]*"
_NAME = r"/?[a-zA-Z0-9][a-zA-Z0-9_.-]*"
_DOMAIN = r"([a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?\.)*[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?\.?\s*"
_ULIMITS = frozenset(
    [
        "core",
        "cpu",
        "data",
        "fsize",
        "locks",
        "memlock",
        "msgqueue",
        "nice",
        "nofile",
        "nproc",
        "rss",
        "rtprio",
        "rttime",
        "sigpending",
        "stack",
    ]
)
_CAPABILITIES = frozenset(
    [
        "ALL",
        "AUDIT_CONTROL",
        "AUDIT_READ",
        "AUDIT_WRITE",
        "BLOCK_SUSPEND",
        "BPF",
        "CHECKPOINT_RESTORE",
        "CHOWN",
        "DAC_OVERRIDE",
        "DAC_READ_SEARCH",
        "FOWNER",
        "FSETID",
        "IPC_LOCK",
        "IPC_OWNER",
        "KILL",
        "LEASE",
        "LINUX_IMMUTABLE",
        "MAC_ADMIN",
        "MAC_OVERRIDE",
        "MKNOD",
        "NET_ADMIN",
        "NET_BIND_SERVICE",
        "NET_BROADCAST",
        "NET_RAW",
        "PERFMON",
        "SETFCAP",
        "SETGID",
        "SETPCAP",
        "SETUID",
        "SYSLOG",
        "SYS_ADMIN",
        "SYS_BOOT",
        "SYS_CHROOT",
        "SYS_MODULE",
        "SYS_NICE",
        "SYS_PACCT",
        "SYS_PTRACE",
        "SYS_RAWIO",
        "SYS_RESOURCE",
        "SYS_TIME",
        "SYS_TTY_CONFIG",
        "WAKE_ALARM",
    ]
)
_SYSCTLS = frozenset(
    [
        "kernel.msgmax",
        "kernel.msgmnb",
        "kernel.msgmni",
        "kernel.sem",
        "kernel.shmall",
        "kernel.shmmax",
        "kernel.shmmni",
        "kernel.shm_rmid_forced",
    ]
)
_WINDOWS = frozenset({"cpu-count", "cpu-percent", "io-maxbandwidth", "io-maxiops"})
_LOG_LEVELS = ("panic", "fatal", "error", "warn", "warning", "info", "debug", "trace")


def problem_of(name: str, kind: str, value: str, command: str) -> Reason | None:
    """Return why a command refuses a flag's value, with what to type instead; None if it does not.

    `kind` is the flag's type, `command` the table's name: what a value means is known of run and
    create alone.
    """
    by_type = TYPES.get(kind)
    reason = by_type(name, value) if by_type else None
    if reason or kind == "bool":
        return reason
    program, _, verb = command.partition(" ")
    if verb not in ("run", "create") or program in ("compose", "service"):
        judge = _ELSEWHERE.get((command, name))
        return judge(value) if judge else None
    if program == "podman":
        judge = _PODMAN.get(name)
    elif program == "nerdctl":
        judge = _DOCKER[name] if name in _NERDCTL else None
    else:
        if name in _WINDOWS:
            return f"'--{name}' works on Windows only", "leave it out"
        if name in ("cpu-rt-period", "cpu-rt-runtime") and value not in ("0", ""):
            return (
                f"'--{name}' needs a kernel with a real-time scheduler for cgroups",
                "leave it out",
            )
        judge = _DOCKER.get(name)
    return judge(value) if judge else None


def _is_ip(text: str) -> bool:
    """Return whether a text is an IPv4 or IPv6 address, with blanks around it or not."""
    text = text.strip()
    parts = text.split(".")
    if ":" not in text:
        return len(parts) == 4 and all(
            part.isascii() and part.isdigit() and int(part) < 256 and str(int(part)) == part
            for part in parts
        )
    from ipaddress import AddressValueError, IPv6Address

    try:
        IPv6Address(text.partition("%")[0])
    except AddressValueError:
        return False
    return True


def _env(value: str) -> Reason | None:
    if value and value[0] != "=":
        return None
    return "'-e' names no variable", "write NAME=VALUE"


def _label(value: str) -> Reason | None:
    key = value.partition("=")[0].lstrip(" \t")
    if not key:
        return "a label has no name", "write NAME=VALUE"
    if " " in key or "\t" in key:
        return f"the label '{key}' has a blank in its name", "remove it"
    return None


def _add_host(value: str) -> Reason | None:
    name, separator, address = value.partition("=")
    if not separator:
        name, separator, address = value.partition(":")
    if len(address) > 2 and address[0] == "[" and address[-1] == "]":
        address = address[1:-1]
    if separator and name and ":" not in name and (address == "host-gateway" or _is_ip(address)):
        return None
    return f"'{value}' is no HOST:IP for '--add-host'", "write NAME:ADDRESS"


def _one_of(flag: str, *words: str) -> Callable[[str], Reason | None]:
    def judge(value: str) -> Reason | None:
        if value in words:
            return None
        named = ", ".join(word for word in words if word)
        return f"'{value}' is no value for '{flag}'", f"it knows {named}"

    return judge


def _attach(value: str) -> Reason | None:
    return _one_of("--attach", "stdin", "stdout", "stderr")(value.lower())


def _address(flag: str) -> Callable[[str], Reason | None]:
    def judge(value: str) -> Reason | None:
        return None if _is_ip(value) else (f"'{value}' is no IP address for '{flag}'", "")

    return judge


def _dns_search(value: str) -> Reason | None:
    text = value.strip(" ")
    if text == "." or (
        any(c.isascii() and c.isalpha() for c in text) and re.fullmatch(_DOMAIN, text)
    ):
        return None
    return f"'{value}' is no domain", ""


def _link(value: str) -> Reason | None:
    if value and value.count(":") < 2:
        return None
    return f"'{value}' is no CONTAINER:ALIAS for '--link'", ""


def _cgroup_rule(value: str) -> Reason | None:
    if re.fullmatch(_CGROUP_RULE, value):
        return None
    return f"'{value}' is no device rule", "write for example 'c 1:3 rwm'"


def _blkio(size: bool) -> Callable[[str], Reason | None]:
    def judge(value: str) -> Reason | None:
        path, _, rate = value.partition(":")
        fits = memory_bytes(rate) is not None if size else rate.isascii() and rate.isdigit()
        if path.startswith("/dev/") and fits:
            return None
        return f"'{value}' is no device with a rate", "write /dev/NAME:RATE"

    return judge


def _ulimit(value: str) -> Reason | None:
    name, _, limits = value.partition("=")
    soft, _, hard = limits.partition(":")
    numbers = [text.removeprefix("-") for text in (soft, hard or soft)]
    digits = all(text.isascii() and text.isdigit() for text in numbers)
    if name in _ULIMITS and digits and ("-1" in (soft, hard) or not hard or int(soft) <= int(hard)):
        return None
    return f"'{value}' is no limit for '--ulimit'", "write for example nofile=1024:2048"


def _sysctl(value: str) -> Reason | None:
    name, equals, _ = value.partition("=")
    if equals and (name in _SYSCTLS or name.startswith(("net.", "fs.mqueue."))):
        return None
    return f"'{name}' cannot be set with '--sysctl'", "only namespaced kernel settings can"


def _security(value: str) -> Reason | None:
    name, equals, text = value.partition("=")
    if not equals and name != "no-new-privileges":
        name, equals, text = value.partition(":")
    if name == "no-new-privileges" or (equals and text):
        return None
    return f"'{value}' is no security option", "write NAME=VALUE"


def _storage(value: str) -> Reason | None:
    return None if "=" in value else (f"'{value}' is no storage option", "write NAME=VALUE")


def _namespace(flag: str, *words: str, container: bool = True) -> Callable[[str], Reason | None]:
    def judge(value: str) -> Reason | None:
        if value in ("", *words) or (container and value.startswith("container:") and value[10:]):
            return None
        return f"'{value}' is no mode for '{flag}'", f"it knows {', '.join(words)}"

    return judge


def _restart(value: str) -> Reason | None:
    name, colon, count = value.partition(":")
    known = ("", "no", "always", "on-failure", "unless-stopped")
    digits = count.removeprefix("-")
    counted = not count or (digits.isascii() and digits.isdigit())
    limited = not count.strip("0") or name == "on-failure"
    if name in known and counted and limited and (name or not colon):
        return None
    return f"'{value}' is no restart policy", "use no, always, unless-stopped or on-failure[:N]"


def _capability(value: str) -> Reason | None:
    if value.upper().removeprefix("CAP_") in _CAPABILITIES:
        return None
    return f"'{value}' is no capability", ""


def _workdir(value: str) -> Reason | None:
    if value[:1] in ("", "/"):
        return None
    return f"the working directory '{value}' is not an absolute path", f"write '/{value}'"


def _container_name(value: str) -> Reason | None:
    if not value or re.fullmatch(_NAME, value):
        return None
    return f"'{value}' is no valid name for a container", "use letters, digits, '_', '.' and '-'"


def _swappiness(value: str) -> Reason | None:
    number = int(value, 0) if value.lstrip("+-").isdigit() else -1
    if -1 <= number <= 100:
        return None
    return f"'{value}' is no swappiness", "write a number from 0 to 100"


def _port_range(text: str) -> tuple[int, int] | None:
    low, dash, high = text.partition("-")
    if not dash:
        high = low
    if not all(part.isascii() and part.isdigit() and int(part) < 65536 for part in (low, high)):
        return None
    return (int(low), int(high)) if int(low) <= int(high) else None


def _publish(value: str) -> Reason | None:
    text = value
    if "=" in value:
        pairs = [item.partition("=") for item in value.split(",")]
        fields = {name: given for name, _, given in pairs}
        if not all(name and equals for name, equals, _ in pairs):
            return f"'{value}' is no published port", "write HOST:CONTAINER"
        text = f"{fields.get('published', '')}:{fields.get('target', '')}/{fields.get('protocol', 'tcp')}"
    address, _, container = text.rpartition(":")
    address, _, host = address.rpartition(":")
    port, slash, protocol = container.partition("/")
    inner = _port_range(port)
    outer = _port_range(host) if host else inner
    named = not slash or protocol.lower() in ("", "tcp", "udp", "sctp")
    if address.startswith("[") and address.endswith("]"):
        address = address[1:-1]
    if inner and outer and named and (not address or _is_ip(address)):
        same = inner[1] - inner[0] == outer[1] - outer[0]
        if same or inner[0] == inner[1]:
            return None
    return f"'{value}' is no published port", "write HOST:CONTAINER, both of them numbers"


def _expose(value: str) -> Reason | None:
    port, slash, protocol = value.partition("/")
    if _port_range(port) and (not slash or protocol.lower() in ("tcp", "udp", "sctp", "")):
        return None
    return f"'{value}' is no port for '--expose'", "write a port or a range"


def device_parts(value: str) -> tuple[str, str, str] | str | None:
    """Split --device into host path, container path and permissions, as docker does.

    Returns a str, the reason, where it is refused; None for a CDI name such as 'nvidia.com/gpu=all'.
    """
    if re.fullmatch(_CDI, value):
        return None
    parts = value.split(":")
    if len(parts) > 3 or not parts[0]:
        return f"'{value}' is no device"
    host, target, mode = parts[0], "", "rwm"
    if len(parts) == 3:
        target, mode = parts[1], parts[2]
        if not _device_mode(mode):
            return f"'{mode}' is no permission for a device"
        if _device_mode(target):
            target = ""
    elif len(parts) == 2:
        if _device_mode(parts[1]):
            mode = parts[1]
        else:
            target = parts[1]
    inner = parts[1] if len(parts) == 3 else target or host
    if not inner.startswith("/"):
        return f"'{inner}' is not an absolute path"
    return host, target or host, mode


def _device_mode(text: str) -> bool:
    return bool(text) and set(text) <= set("rwm") and len(set(text)) == len(text)


def _device(value: str) -> Reason | None:
    parts = device_parts(value)
    return (parts, "write /dev/HOST:/dev/CONTAINER:rwm") if isinstance(parts, str) else None


_DOCKER: dict[str, Callable[[str], Reason | None]] = {
    "env": _env,
    "label": _label,
    "add-host": _add_host,
    "attach": _attach,
    "dns": _address("--dns"),
    "dns-search": _dns_search,
    "link": _link,
    "device-cgroup-rule": _cgroup_rule,
    "blkio-weight-device": _blkio(False),
    "device-read-bps": _blkio(True),
    "device-write-bps": _blkio(True),
    "device-read-iops": _blkio(False),
    "device-write-iops": _blkio(False),
    "ulimit": _ulimit,
    "sysctl": _sysctl,
    "security-opt": _security,
    "storage-opt": _storage,
    "pid": _namespace("--pid", "host"),
    "uts": _namespace("--uts", "host", container=False),
    "userns": _namespace("--userns", "host", container=False),
    "cgroupns": _namespace("--cgroupns", "host", "private", container=False),
    "restart": _restart,
    "cap-add": _capability,
    "cap-drop": _capability,
    "workdir": _workdir,
    "name": _container_name,
    "memory-swappiness": _swappiness,
    "publish": _publish,
    "expose": _expose,
    "device": _device,
    "pull": _one_of("--pull", "always", "missing", "never"),
    "isolation": _one_of("--isolation", "default", ""),
    "network": network_problem,
    "gpus": gpus_problem,
}
_NERDCTL = frozenset(("env", "label", "add-host", "workdir", "name", "publish", "expose", "pull"))
"""Flags whose values nerdctl reads as docker does."""
_PODMAN: dict[str, Callable[[str], Reason | None]] = {
    "env": _env,
    "publish": _publish,
    "image-volume": _one_of("--image-volume", "bind", "anonymous", "tmpfs", "ignore"),
}
_ELSEWHERE: dict[tuple[str, str], Callable[[str], Reason | None]] = {
    ("docker volume create", "label"): _label,
    ("docker", "log-level"): _one_of("--log-level", *_LOG_LEVELS),
}
