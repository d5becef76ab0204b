"""EX002 foreign-registry."""

from __future__ import annotations

from collections.abc import Iterator

from volint.api import Edit, Finding, Fix, Option, Project, Rule, Text


class ForeignRegistry(Rule):
    """An image does not come from the company's registry.

    ## What it does
    Reports containers whose image is pulled from anywhere but the configured registry.

    ## Why is this bad?
    What is pulled from elsewhere has not been scanned, and is gone when it is taken down there.

    ## Example
    ```compose bad
    services: {web: {image: "nginx:1.27"}}
    ```

    Use instead:
    ```compose good
    services: {web: {image: "registry.example.com/nginx:1.27"}}
    ```

    ## Exceptions
    - Images that the project builds itself, and those whose name depends on a variable.
    - Those that `allowed` names.

    ## Options
    - `registry`: the registry, with a path where it has one.
    - `allowed`: beginnings of names that may come from elsewhere.
    """

    code = "EX002"
    name = "foreign-registry"
    options = (
        Option("registry", str, "registry.example.com", "The registry that images come from."),
        Option("allowed", list, [], "Beginnings of names that may come from elsewhere."),
    )

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield the containers with such images, at the name of the image."""
        registry = f"{self.settings['registry']}/"
        may = (registry, *self.settings["allowed"])
        for container in project.containers:
            image = container.image
            if image is None or image.unresolved or container.build is not None:
                continue
            if not image.value.startswith(may):
                yield self.finding(
                    image.span,
                    f"'{image}' does not come from {self.settings['registry']}",
                    help=f"pull it through the registry: '{registry}{image}'",
                    fix=_mirrored(image, registry),
                    container=container,
                )


def _mirrored(image: Text, registry: str) -> Fix | None:
    if (
        image.span.text() != image.value
    ):  # an escape or a variable: the place of the name is not known
        return None
    edit = Edit(image.span, registry + image.value)
    return Fix(f"pull it from '{registry[:-1]}'", (edit,), safe=False)
