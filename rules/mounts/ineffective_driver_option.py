"""VL605 ineffective-driver-option."""

from __future__ import annotations

from collections.abc import Iterator

from volint.api import (
    Confidence,
    Finding,
    Label,
    Level,
    Part,
    Project,
    ProjectKind,
    Rule,
    Span,
    Text,
    Volume,
    regex,
)

_KEYS = ("type", "device", "o", "size")
_SECURITY = regex(r"(?i)(?:en)?crypt|cipher|kms|luks|secure")
_NFS = regex(r"nfs[34]?")


class IneffectiveDriverOption(Rule):
    """An option of a volume's driver does not do what it says.

    ## What it does
    Looks at volumes of the `local` driver, which does nothing but hand `type`, `device` and `o` to mount(2), and reports
    options that encrypt nothing (`encryption=aes-256`), NFS without the server's address, `type: none` without `bind`,
    `size` outside of `o`, and options that the driver does not know.

    ## Why is this bad?
    Some are refused when the first container starts: the mount fails with a message about an invalid argument. Worse is an
    option that makes people believe that their data is encrypted. There is no encryption in the `local` driver.

    ## Example
    ```compose bad
    services:
      app:
        image: registry.example.com/app:1
        volumes:
          - private:/data
    volumes:
      private:
        driver_opts:
          type: tmpfs
          device: tmpfs
          o: size=1g,encryption=aes-256
    ```
    ```compose bad
    services:
      app:
        image: registry.example.com/app:1
        volumes:
          - shared:/data
    volumes:
      shared:
        driver_opts:
          type: nfs
          device: ":/export/data"
          o: rw
    ```
    ```shell bad
    docker volume create --opt type=nfs --opt device=:/export/data --opt o=rw shared
    ```

    Use instead:
    ```compose good
    services:
      app:
        image: registry.example.com/app:1
        volumes:
          - shared:/data
    volumes:
      shared:
        driver_opts:
          type: nfs
          device: ":/export/data"
          o: addr=nfs.example.com,rw
    ```
    ```shell good
    docker volume create --opt type=nfs --opt device=:/export/data --opt o=addr=nfs.example.com,rw shared
    ```

    ## Exceptions
    - Volumes of other drivers, whose options are their own business, and external ones.
    - Options that depend on a variable nobody sets.
    - What `docker volume create` refuses on the spot is VL615's.

    ## Level
    Error where it pretends to be secure, else warning; of medium confidence for `size`, which works where the Engine's
    data lies on XFS with project quotas.

    ## References
    - moby, `daemon/volume/local`: options; mount(8), nfs(5)
    """

    code = "VL605"
    name = "ineffective-driver-option"
    needs = (Part.VOLUMES,)
    breaks = True

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield one finding for each volume, the worst first."""
        for volume in project.volumes:
            options = volume.driver_opts
            if (
                volume.external
                or not options
                or (volume.driver is not None and volume.driver.value != "local")
                or any(option.unresolved for option in options.values())
            ):
                continue
            in_compose = project.kind is ProjectKind.COMPOSE
            found = _insecure(volume, in_compose) or _broken(volume, in_compose)
            if found is not None:
                place, message, advice = found
                secure = bool(_SECURITY.search(place.value) or "encrypts nothing" in message)
                sized = message.startswith("'size'")
                yield self.finding(
                    place.span,
                    message,
                    Label(volume.name.span, "of this volume"),
                    help=advice,
                    level=Level.ERROR if secure else Level.WARNING,
                    confidence=Confidence.MEDIUM if sized else Confidence.HIGH,
                    source=volume.name.value,
                )


def _words(option: Text | None) -> Iterator[Text]:
    """Yield the words of a mount's options with their places."""
    if option is None:
        return
    at = option.span.start
    exact = option.span.text() == option.value
    for word in option.value.split(","):
        span = Span(option.span.source, at, at + len(word)) if exact else option.span
        at += len(word) + 1
        yield Text(word, span)


def _insecure(volume: Volume, in_compose: bool) -> tuple[Text, str, str] | None:
    """Return an option that pretends to encrypt: its place, what is wrong, what to do."""
    advice = "encrypt the disk below the Engine's data, or use a volume plug-in that encrypts"
    kind = volume.driver_opts.get("type")
    if kind is not None and kind.value == "tmpfs":
        advice += "; a tmpfs is emptied when the last container that uses it stops"
    for word in _words(volume.driver_opts.get("o")):
        if _SECURITY.search(word.value.partition("=")[0]):
            return (
                word,
                f"'{word.value}' encrypts nothing: the local driver hands it to mount(2), which refuses it",
                advice,
            )
    for key, value in volume.driver_opts.items():
        if in_compose and key not in _KEYS and _SECURITY.search(key):
            return value, f"'{key}' encrypts nothing: the local driver has no such option", advice
    return None


def _broken(volume: Volume, in_compose: bool) -> tuple[Text, str, str] | None:
    """Return an option that keeps the volume from being mounted: its place, what is wrong, what to do."""
    options = volume.driver_opts
    kind, device, given = options.get("type"), options.get("device"), options.get("o")
    words = {word.value.partition("=")[0] for word in _words(given)}
    if in_compose:
        for key, value in options.items():
            if key not in _KEYS:
                return (
                    value,
                    f"'{key}' is no option of the local driver, which refuses it",
                    "it knows type, o, device and size",
                )
    if kind is not None and _NFS.fullmatch(kind.value) and "addr" not in words:
        return (
            given or kind,
            f"'{kind}' is mounted without the server's address, which mount(2) needs in 'o'",
            "add 'addr=SERVER' to 'o'",
        )
    bound = bool(words & {"bind", "rbind"})
    if kind is not None and kind.value == "none" and not bound:
        return kind, "'none' is no file system, and 'o' does not say 'bind'", "write 'o: bind'"
    if bound and device is not None and not in_compose and not device.value.startswith("/"):
        return (
            device,
            f"'{device}' is no absolute path, and the Engine does not know from where it counts",
            f"write '\"$PWD/{device.value.removeprefix('./')}\"'",
        )
    size = options.get("size")
    if size is not None:
        return (
            size,
            "'size' limits a volume only where the Engine's data lies on XFS with project quotas; elsewhere it is"
            " refused",
            "for a tmpfs write it into 'o', as in 'o: size=64m'",
        )
    return None
