from collections.abc import Iterator

from volint.api import Finding, Project, Rule


class RootUser(Rule):
    """A container runs as root by name.

    ## Why is this bad?
    Files that it writes to a bind mount belong to root.
    """

    code = "ACME001"
    name = "root-user"

    def check(self, project: Project) -> Iterator[Finding]:
        for container in project.containers:
            if container.user is not None and container.user.value == "root":
                yield self.finding(
                    container.user.span,
                    f"'{container.name}' runs as root",
                    help="take 'user: root' out",
                    container=container,
                )
