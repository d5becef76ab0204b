"""VL111 volume-naming."""

from __future__ import annotations

import re
from collections.abc import Iterator

from volint.api import (
    CommandKind,
    Finding,
    Level,
    MountKind,
    Option,
    Part,
    Project,
    ProjectKind,
    Regex,
    Rule,
    Text,
)

_DEFAULT = r"[a-z0-9-]+(_[a-z0-9-]+){2,}"


class VolumeNaming(Rule):
    """The name of a volume does not match the agreed pattern.

    ## What it does
    Compares the names of named volumes, as Docker knows them, with a regular expression: those of Compose with the
    project's name in front, those of `docker volume create`, and those that run lines mount. It is off until it is configured.

    ## Why is this bad?
    On a host with many projects the name is all that tells whose a volume is, what wrote it and whether it may
    be removed.

    ## Example
    ```shell bad
    docker volume create data
    ```
    ```compose bad
    name: shop
    services:
      db:
        image: postgres:17
        volumes:
          - data:/var/lib/postgresql/data
    volumes:
      data:
    ```

    Use instead:
    ```shell good
    docker volume create shop_postgres_data
    ```
    ```compose good
    name: shop
    services:
      db:
        image: postgres:17
        volumes:
          - postgres_data:/var/lib/postgresql/data
    volumes:
      postgres_data:
    ```

    ## Exceptions
    - Names that depend on a variable nobody sets, and external volumes, which somebody else has named.

    ## Level
    Note; off by default.

    ## Options
    - `pattern`: the regular expression a whole name has to match (default: project_service_datatype, three or more
      words of small letters, digits and '-', joined by '_').

    ## References
    - Docker, "Volumes"; Compose, "Specify a project name"
    """

    code = "VL111"
    name = "volume-naming"
    level = Level.NOTE
    needs = (Part.CONTAINERS, Part.VOLUMES, Part.COMMANDS)
    enabled = False
    options = (
        Option(
            "pattern",
            Regex,
            _DEFAULT,
            "The regular expression that a volume's whole name has to match.",
        ),
    )

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield one finding for each name, where it is declared or first written."""
        pattern = str(self.settings["pattern"])
        expression = re.compile(pattern)
        seen: set[str] = set()
        for name, place in _names(project):
            if name not in seen and expression.fullmatch(name) is None:
                seen.add(name)
                yield self.finding(
                    place.span,
                    f"The volume name '{name}' does not match '{pattern}'",
                    help="rename it, e.g. project_service_datatype"
                    if pattern == _DEFAULT
                    else "rename it",
                    source=name,
                )


def _names(project: Project) -> Iterator[tuple[str, Text]]:
    """Yield the names of a project's volumes as Docker knows them, and where they are written."""
    for volume in project.volumes:
        if volume.real_name is not None and not volume.external and not volume.real_name.unresolved:
            yield volume.real_name.value, volume.real_name
    if project.kind is ProjectKind.COMPOSE:
        return
    for command in project.commands:
        if command.kind is CommandKind.VOLUME_CREATE:
            for operand in command.operands:
                if not operand.unresolved:
                    yield operand.value, operand
    for _, mount in project.mounts(MountKind.VOLUME):
        if mount.source is not None and not mount.source.unresolved:
            yield mount.source.value, mount.source
