"""VL116 floating-stateful-image."""

from __future__ import annotations

from collections.abc import Iterator

from volint.api import (
    Container,
    Finding,
    Held,
    Label,
    Level,
    MountKind,
    Persona,
    Project,
    Rule,
    Span,
    Storage,
    is_throwaway,
    known_name,
    storages,
)

_OWN = ("local", "dev", "test")
"""Tags of what is built on the spot."""
_TO_FILL_IN = ("tag", "version")
"""Tags that a document leaves to its reader."""
_REPLACEABLE = frozenset(("cache", "models", "proxy"))
"""Categories whose data can be had again."""


class FloatingStatefulImage(Rule):
    """An image without a version runs on data that is kept.

    ## What it does
    Reports a stateful image with no tag, or with one that names no version (`latest`, `alpine`, `stable`), whose data
    path is on a volume or on the host.

    ## Why is this bad?
    The next pull can bring a major version whose data has another format on disk, or lies at another path. A
    database then refuses to start, or converts its files, and there is no way back to the version before.

    ## Example
    ```compose bad
    services:
      db:
        image: mysql:latest
        volumes:
          - db-data:/var/lib/mysql
    volumes:
      db-data:
    ```
    ```shell bad
    docker run -d -v db-data:/var/lib/mysql mysql
    ```
    ```compose bad
    services:
      db:
        build: .
        volumes:
          - db-data:/var/lib/mysql
    volumes:
      db-data:
    ```
    ```dockerfile bad and Dockerfile
    FROM mysql
    COPY my.cnf /etc/mysql/conf.d/
    ```

    Use instead:
    ```compose good
    services:
      db:
        image: mysql:8.4
        volumes:
          - db-data:/var/lib/mysql
    volumes:
      db-data:
    ```
    ```shell good
    docker run -d -v db-data:/var/lib/mysql mysql:8.4
    ```
    ```compose good
    services:
      db:
        build: .
        volumes:
          - db-data:/var/lib/mysql
    volumes:
      db-data:
    ```
    ```dockerfile good and Dockerfile
    FROM mysql:8.4
    COPY my.cnf /etc/mysql/conf.d/
    ```

    ## Exceptions
    - A digest, a tag with a number, and a tag that a variable without a default hides. `tag` and `version`, which a
      document leaves to be filled in.
    - Data that is not kept: nothing mounted, tmpfs, anonymous volumes; clients and tests.
    - Data that can be had again: caches, models, certificates. Tags of local builds (`local`, `dev`, `test`).
    - A mount that is at the path of older versions is VL103's.

    ## Level
    Note, for the pedantic persona; warning for everybody where the knowledge records that a newer version of the image
    keeps its data at another path (PostgreSQL 18).

    ## References
    - docker-library/docs, `postgres/content.md`, "Upgrading between major versions"
    """

    code = "VL116"
    name = "floating-stateful-image"
    level = Level.NOTE
    persona = Persona.PEDANTIC

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield one finding for each image, at the first place that names it."""
        found: dict[str, list[tuple[Storage, Held, Span]]] = {}
        for storage in storages(project):
            image = storage.image
            if (
                storage.misplaced is not None
                or not image.ref.is_floating
                or image.ref.tag in _OWN
                or (image.ref.tag or "").lower() in _TO_FILL_IN
                or image.state == "optional"
                or image.category in _REPLACEABLE
                or is_throwaway(project, storage.container)
            ):
                continue
            kept = next((held for held in storage.held if _is_kept(held)), None)
            if kept is not None:
                place = _place(storage.container)
                found.setdefault(image.ref.text, []).append((storage, kept, place))
        for uses in found.values():
            yield self._report(*uses[0], [place for _, _, place in uses[1:]])

    def _report(self, storage: Storage, held: Held, place: Span, others: list[Span]) -> Finding:
        image = storage.image
        breaks = image.breaks_between_versions and image.is_verified
        why = (
            "a newer version may keep it at another path"
            if breaks
            else "the next pull may change its format on disk"
        )
        name = known_name(image)
        return self.finding(
            place,
            f"'{image.ref.text}' names no version, and its data is kept: {why}",
            Label(held.mount.target.span, "its data is kept here"),
            *(Label(other, "the same image") for other in dict.fromkeys(others) if other != place),
            help=f"name the version of {name} that the data is from, e.g. '{_repository(image.ref.text)}:<version>'",
            level=Level.WARNING if breaks else None,
            persona=Persona.REGULAR if breaks else None,
            confidence=storage.confidence,
            container=storage.container,
            target=held.data.path,
        )


def _is_kept(held: Held) -> bool:
    kind = held.mount.kind
    return kind is MountKind.BIND or (kind is MountKind.VOLUME and held.mount.source is not None)


def _repository(reference: str) -> str:
    """Return a reference without its tag."""
    head, colon, tag = reference.rpartition(":")
    return head if colon and "/" not in tag else reference


def _place(container: Container) -> Span:
    """Return where the image is named: in the container, or in the FROM of what it builds."""
    build = container.build
    if build is not None and build.target_index is not None:
        stage = build.stages[build.target_index]
        while stage.base_index is not None:
            stage = build.stages[stage.base_index]
        return stage.base.span
    return container.image.span if container.image is not None else container.name.span
