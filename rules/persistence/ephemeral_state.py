"""VL101 ephemeral-state."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from volint.api import (
    Confidence,
    Container,
    ContainerKind,
    DataPath,
    Environment,
    EnvironmentKind,
    Finding,
    Image,
    Label,
    Level,
    Persona,
    Project,
    Rule,
    Span,
    Storage,
    is_throwaway,
    knowledge,
    regex,
    storages,
)

_SUPPORTING = frozenset(("metrics", "logs", "dns", "tool", "models", "notebook"))
_FILLED = frozenset(("database", "search", "vector-db", "broker", "object-store"))
_LESSON = regex(r"(?i)\b(?:tutorial|quickstart|playground|workshop|walkthrough|cve)")
"""Names of what is tried once and thrown away; a vulnerability's number is one."""
_SHOWN = regex(
    r"(?i)(?:^|[-_.+])(?:demos?|recipes?|quick-?starts?|tutorials?|workshops?|playgrounds?"
    r"|walkthroughs?|labs?|code-samples|courses?|lessons?|[a-z]*camp)(?:$|[-_.])"
)
"""Folders and repositories of projects that show something; those called examples are copied, too."""
_LOG = regex(r"--appendonly[=\s]+[\"']?yes\b")
_RELAXED = (EnvironmentKind.EXAMPLE, EnvironmentKind.DEVELOPMENT)
_OWN_TAGS = frozenset(("local", "dev", "test"))
"""Tags of what is built on the spot to try it."""


class EphemeralState(Rule):
    """A stateful image runs with nothing mounted where it keeps its data.

    ## What it does
    Looks up where the image keeps its data, follows what moves it (`PGDATA`, `--datadir`, `--dbpath`, the
    arguments of `minio server` ...), and reports a container that has no mount there, nor above it.

    ## Why is this bad?
    The data goes to the container's writable layer, or to an anonymous volume where the image declares one.
    When the container is made anew (an update, `docker compose down`, a changed option) the database starts empty.

    ## Example
    ```compose bad
    services:
      db:
        image: postgres:17
    ```
    ```shell bad
    docker run -d --name search -p 9200:9200 elasticsearch:8.15.0
    ```

    Use instead:
    ```compose good
    services:
      db:
        image: postgres:17
        volumes:
          - db-data:/var/lib/postgresql/data
    volumes:
      db-data:
    ```
    ```shell good
    docker run -d --name search -p 9200:9200 -v search-data:/usr/share/elasticsearch/data elasticsearch:8.15.0
    ```

    ## Exceptions
    - Test environments and CI files, `docker run --rm`, a run of which only the output is wanted (`$(docker run ...)`,
      `docker run ... | sed ...`, `docker run ... > plugins.txt`), and a container that the same script removes further
      down: nobody expects to find the data again.
    - A data path that a setting puts in `/tmp` or `/dev/shm`.
    - A command that is only a client (`psql`, `pg_dump`, `redis-cli` ...) or a shell.
    - Settings that keep nothing: Redis with `--save ""`, `--appendonly no` or an eviction policy, a service called
      cache, an application that is told to use an external database.
    - A second container of an application's image with a command of its own, beside one that keeps the data.
    - What is not known: a variable in the path, a configuration file of one's own that may set it, a script of
      one's own as command, one that prepares a server elsewhere (`kafka-setup.sh`), a fragment, a base that cannot be read.
    - What lies in a folder of a tutorial, a workshop, a quick start, a playground or of a vulnerability (`CVE-2021-1234`): shown to
      the pedantic persona.
    - Brokers in a project of several services that keeps nothing at all (no mount at a data path) and restarts none of
      them, outside of production: shown to the pedantic persona. Metrics, dashboards and the like are a note there.
      Databases are shown to the pedantic persona where such a project builds nothing, declares no volume and init scripts fill it.
    - Databases, brokers, metrics and the like of several services that keep nothing at all, where a folder, or the repository,
      is called demo, recipes, quickstarts, tutorials, workshop, labs, course or code-samples: shown to the pedantic persona.
    - A file of five or more services that say no more than their images: a list for `docker compose pull`.
    - Directories mounted below the data path. A volume of the image between mount and data is VL103's, a volume
      mounted at the data path without a name VL102's.

    ## Level
    Error in production, else warning; warning where only variables say it is production, or where the facts
    about the image are not from its own files (with lower confidence then). A note for what can be had again:
    metrics, dashboards and models in examples and in development; for caches and images that mostly keep nothing it is shown to the
    pedantic persona, outside of production, unless `--appendonly yes` says that it must survive; and so are the certificates of a proxy and the tags of local builds
    (`local`, `dev`, `test`) everywhere.

    ## References
    - Docker, "Persisting container data"; each image's own documentation (`volint/knowledge/images.txt`)
    """

    code = "VL101"
    name = "ephemeral-state"

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield one finding for each container, at its image."""
        if _is_list_of_images(project):
            return
        found = storages(project)
        tried = _is_tried_out(project, found)
        shown = _keeps_nothing(project, found) and (
            _is_shown(project) or (tried and _is_filled_anew(project))
        )
        reported: dict[tuple[Span, str, Level, Persona], Finding] = {}
        for storage in found:
            if (
                storage.bare
                and storage.misplaced is None
                and not is_throwaway(project, storage.container)
            ):
                container = storage.container
                finding = self._report(storage, project.environment_of(container), tried, shown)
                key = (finding.span, finding.message, finding.level, finding.persona)
                first = reported.setdefault(key, finding)
                if first is not finding:
                    label = Label(
                        container.name.span, f"'{container.name.value}' takes this line, too"
                    )
                    reported[key] = first._replace(labels=(*first.labels, label))
        yield from reported.values()

    def _report(
        self, storage: Storage, environment: Environment, tried: bool, shown: bool
    ) -> Finding:
        container, image = storage.container, storage.image
        data = storage.bare[0]
        # Paths of older versions are told apart from further paths of the newest.
        conditions = [condition for other in storage.bare for condition in other.place.when]
        older = any(not condition.startswith(">=") for condition in conditions)
        joint = " or " if storage.state.version_dependent and older else " and "
        paths = joint.join(dict.fromkeys(other.path for other in storage.bare))
        where = (
            "to an anonymous volume"
            if data.path in storage.state.volumes
            else "to the container's writable layer"
        )
        labels = []
        if data.moved_by is not None and data.missing:
            label = f"has no '{data.missing} {data.place.path}'"
            labels.append(Label(data.moved_by.span, label))
        elif data.moved_by is not None:
            labels.append(Label(data.moved_by.span, "its data path is set here"))
        if environment.is_production:
            labels.append(Label(container.name.span, f"runs in production ({environment.reason})"))
        level, persona = _weight(image, environment, tried, shown)
        if (
            image.category == "cache"
            and environment.value not in _RELAXED
            and _is_told_to_keep(container)
        ):
            level, persona = Level.WARNING, Persona.REGULAR
        confidence = storage.confidence
        if not environment.certain and environment.is_production:
            confidence = min(confidence, Confidence.MEDIUM, key=lambda item: item.rank)
        if level is Level.ERROR and confidence is not Confidence.HIGH:
            level = Level.WARNING
        return self.finding(
            image_place(container),
            f"{_subject(container, image)} keeps its data in {paths}, where nothing is mounted: it goes {where}",
            *labels,
            help=_help(container, data),
            level=level,
            persona=persona,
            confidence=confidence,
            container=container,
            target=data.path,
        )


def _is_list_of_images(project: Project) -> bool:
    """Return whether a file only names images, as one that is there for `docker compose pull`."""
    return len(project.containers) > 4 and all(
        container.keys.keys() == {"image"} for container in project.containers
    )


def _is_lesson(environment: Environment) -> bool:
    return environment.value is EnvironmentKind.EXAMPLE and bool(_LESSON.search(environment.reason))


def _is_tried_out(project: Project, found: Sequence[Storage]) -> bool:
    """Return whether a project of several services keeps nothing of any of them, and restarts none."""
    return _keeps_nothing(project, found) and not any(
        "deploy" in container.keys or "restart" in container.keys
        for container in project.containers
    )


def _keeps_nothing(project: Project, found: Sequence[Storage]) -> bool:
    return len(project.containers) > 1 and not any(storage.held for storage in found)


def _is_filled_anew(project: Project) -> bool:
    """Return whether init scripts fill a project of other people's images: nobody writes an application here."""
    if project.volumes or any("build" in container.keys for container in project.containers):
        return False
    return any(knowledge.is_init_directory(mount.target.value) for _, mount in project.mounts())


def _is_shown(project: Project) -> bool:
    """Return whether a folder of a project, or its repository, is called after what is shown and thrown away."""
    folders = project.sources[0].path.split("/")[:-1]
    around = project.surroundings
    top = project.root
    if around is not None and top is not None and around.in_repository(top):
        while around.in_repository(parent := os.path.dirname(top)) and parent != top:
            top = parent
        folders.append(os.path.basename(top))
    return any(_SHOWN.search(folder) for folder in folders)


def image_place(container: Container) -> Span:
    """Return where a container says what it runs."""
    if container.image is not None:
        return container.image.span
    return container.keys.get("build", container.name.span)


def _subject(container: Container, image: Image) -> str:
    if container.image is not None and container.build is None:
        return f"'{container.image.value.partition('@')[0]}'"
    return f"'{container.name.value}', built from {image.ref.text},"


def _help(container: Container, data: DataPath) -> str:
    if not data.missing:
        return f"mount a named volume there, e.g. {_wanted(container, data.path)}"
    path = data.place.path
    return f"add '{data.missing} {path}' to the command, and mount a named volume there, e.g. {_wanted(container, path)}"


def _wanted(container: Container, path: str) -> str:
    """Return what to type."""
    mount = f"{container.name.value}-data:{path}"
    return f"'-v {mount}'" if container.kind is ContainerKind.RUN else f"'- {mount}'"


def _is_told_to_keep(container: Container) -> bool:
    """Return whether a command turns Redis' log on, which is for what must survive."""
    words = (*(container.entrypoint or ()), *(container.command or ()))
    return _LOG.search(" ".join(word.value for word in words)) is not None


def _weight(
    image: Image, environment: Environment, tried: bool, shown: bool
) -> tuple[Level, Persona]:
    """Return how bad it is to lose what an image keeps, and who wants to know."""
    production = environment.is_production
    if _is_lesson(environment) or (
        not production
        and (
            (tried and image.category == "broker")
            or (shown and image.category in _FILLED | _SUPPORTING)
        )
    ):
        return Level.NOTE, Persona.PEDANTIC
    if image.category == "proxy" or image.ref.tag in _OWN_TAGS:
        return Level.NOTE, Persona.PEDANTIC
    if image.category == "cache" or image.state == "optional":
        return (Level.WARNING, Persona.REGULAR) if production else (Level.NOTE, Persona.PEDANTIC)
    if image.category in _SUPPORTING:
        mild = environment.value in (EnvironmentKind.EXAMPLE, EnvironmentKind.DEVELOPMENT)
        mild = mild or (tried and not production)
        return (Level.NOTE if mild else Level.WARNING), Persona.REGULAR
    return (Level.ERROR if production else Level.WARNING), Persona.REGULAR
