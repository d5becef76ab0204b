"""EX001 unowned-volume."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from volint.api import Finding, Level, Option, Part, Project, Rule


def _blank(label: Any) -> str | None:
    return "takes a label without blanks" if label.split() != [label] else None


class UnownedVolume(Rule):
    """A volume does not say whose it is.

    ## What it does
    Reports volumes that a Compose file declares without a label that names their owner.

    ## Why is this bad?
    Years later nobody knows whom to ask before the volume is deleted.

    ## Example
    ```compose bad
    services:
      db:
        image: postgres:17
        volumes: [db-data:/var/lib/postgresql/data]
    volumes:
      db-data:
    ```

    Use instead:
    ```compose good
    services:
      db:
        image: postgres:17
        volumes: [db-data:/var/lib/postgresql/data]
    volumes:
      db-data:
        labels: {owner: shop}
    ```

    ## Exceptions
    - External volumes: who made them has labelled them.
    - Projects that do not run in one of `environments`.

    ## Options
    - `label`: the label that names the owner.
    - `environments`: where a volume has to have an owner.
    """

    code = "EX001"
    name = "unowned-volume"
    level = Level.NOTE
    needs = (Part.VOLUMES,)
    options = (
        Option("label", str, "owner", "The label that names the owner.", check=_blank),
        Option(
            "environments",
            list,
            ["production", "staging", "unknown"],
            "Where a volume has to have an owner.",
            choices=("production", "staging", "development", "test", "example", "unknown"),
        ),
    )

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield the volumes without an owner, at their names."""
        label = self.settings["label"]
        if project.environment.value.value not in self.settings["environments"]:
            return
        for volume in project.volumes:
            if not volume.external and label not in volume.labels:
                yield self.finding(
                    volume.name.span,
                    f"The volume '{volume.name}' does not say whose it is",
                    help=f"add the label '{label}'",
                    source=volume.name.value,
                )
