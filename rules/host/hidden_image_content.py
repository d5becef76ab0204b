"""VL212 hidden-image-content."""

from __future__ import annotations

import os
from collections.abc import Iterator

from volint.api import (
    Confidence,
    Container,
    Finding,
    Install,
    Label,
    Mount,
    MountKind,
    Project,
    Rule,
    Syntax,
    installs,
    installs_at_start,
    knowledge,
    source_binds,
)

_KEEPS = frozenset((MountKind.VOLUME, MountKind.BIND, MountKind.TMPFS, MountKind.CLUSTER))


class HiddenImageContent(Rule):
    """A bind mount hides what the image installed below it.

    ## What it does
    Reports bind mounts of directories over a place where the Dockerfile installs dependencies (`npm ci`, `composer install`,
    `uv sync` ...), builds a program, or copies from another stage, if nothing is mounted over what is installed.

    ## Why is this bad?
    In the container there is what lies on the host, and nothing else: the packages that the image brought are not to be
    found, or those of the host are taken, which were built for another system.

    ## Example
    ```compose bad
    services:
      web:
        build: .
        volumes:
          - .:/app
    ```
    ```dockerfile bad and
    FROM node:22
    WORKDIR /app
    COPY package*.json ./
    RUN npm ci
    COPY . .
    CMD ["node", "server.js"]
    ```

    Use instead:
    ```compose good
    services:
      web:
        build: .
        volumes:
          - .:/app
          - /app/node_modules
    ```
    ```dockerfile good and
    FROM node:22
    WORKDIR /app
    COPY package*.json ./
    RUN npm ci
    COPY . .
    CMD ["node", "server.js"]
    ```
    ```compose good
    services:
      web:
        build: .
        volumes:
          - ./src:/app/src
    ```
    ```dockerfile good and
    FROM node:22
    WORKDIR /app
    COPY package*.json ./
    RUN npm ci
    COPY . .
    CMD ["node", "server.js"]
    ```

    ## Exceptions
    - A mount over what is installed (an anonymous volume at `/app/node_modules`).
    - What lies on the host as well, as after `npm ci` there.
    - Containers that install when they start, or start with a script, which may.
    - Global installs, and what cannot be told from the commands.

    ## Level
    Warning, of medium confidence: the host may have it when the project runs.

    ## References
    - Docker, "Bind mounts": mounting over existing data
    """

    code = "VL212"
    name = "hidden-image-content"
    confidence = Confidence.MEDIUM

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield one finding for each service, at the mount that hides something."""
        for container in project.containers:
            binds = [
                bind
                for bind in source_binds(container)
                if bind.syntax is not Syntax.DEVELOP_WATCH
                and bind.donor is None
                and not bind.target.unresolved
            ]
            if not binds or container.build is None:
                continue
            made = installs(container)
            if not made or installs_at_start(container):
                continue
            for bind in binds:
                hidden = [
                    install
                    for install in made
                    if install.path != bind.target.value
                    and knowledge.within(install.path, bind.target.value)
                    and not _is_masked(container, bind, install.path)
                    and not _is_on_the_host(project, bind, install.path)
                ]
                if hidden:
                    yield self._report(container, bind, hidden)
                    break

    def _report(self, container: Container, bind: Mount, hidden: list[Install]) -> Finding:
        paths = list(dict.fromkeys(install.path for install in hidden))
        return self.finding(
            bind.target.span,
            f"'{bind.source}' at '{bind.target}' hides {' and '.join(paths)} of the image of '{container.name}'",
            *(Label(install.span, f"{install.path} is made here") for install in hidden),
            help=f"mount a volume over it, '- {paths[0]}', or only the folders that are edited",
            container=container,
            mount=bind,
        )


def _is_masked(container: Container, bind: Mount, path: str) -> bool:
    """Return whether a deeper mount shows something at a path below a bind mount."""
    target = bind.target.value
    return any(
        other is not bind
        and other.kind in _KEEPS
        and len(other.target.value) > len(target)
        and (
            knowledge.within(path, other.target.value) or knowledge.within(other.target.value, path)
        )
        for other in container.mounts
    )


def _is_on_the_host(project: Project, bind: Mount, path: str) -> bool:
    around, host = project.surroundings, bind.resolved_source
    if around is None or host is None:
        return False
    below = path[len(bind.target.value.rstrip("/")) :].lstrip("/")
    return around.kind(os.path.join(host, below)) in ("directory", "file")
