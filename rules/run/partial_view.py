"""VL004 partial-view."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from volint.api import Finding, Level, Part, Project, Rule, Span


class PartialView(Rule):
    """Something that belongs to the project could not be looked at.

    ## What it does
    Reports an `extends` or `include` file that is missing, remote or outside of the repository, an env file
    that is not there, a Dockerfile or build context that is missing, a fragment whose base is not known.

    ## Why is this bad?
    What that file adds, takes away or replaces is not in the report. From level warning on the exit
    status is 2, because a report over a part of a project must not look clean.

    ## Example
    ```compose bad
    services:
      web:
        extends:
          file: common/base.yaml
          service: web
    ```

    Use instead:
    ```compose good
    services:
      web:
        extends:
          file: base.yaml
          service: web
    ```
    ```compose good and base.yaml
    services:
      web:
        image: nginx:1.27
    ```

    ## Exceptions
    A missing env file is a note where git ignores it, where it is called `.env` something or `stack.env` (which
    Portainer writes), or where an example of it stands beside it: such files are not committed on purpose. So is a
    fragment that is judged only by its own lines, the paths of which may start anywhere, and a missing Dockerfile or build context where the service names an image as well,
    where git ignores it, where it is a submodule's, or outside of the repository. Whoever applies a template of a dev
    container has the Dockerfile, so that nothing is said beside `devcontainer-template.json`. An env file that lies beside an overlay whose base is only guessed is there.
    """

    code = "VL004"
    name = "partial-view"
    needs = (Part.PROBLEMS, Part.BUILDS)
    breaks = True
    joins = True

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield what could not be looked at."""
        return self.problems(project)

    def check_all(self, projects: Sequence[Project]) -> Iterator[Finding]:
        """Yield the build contexts that other rules asked for and could not see whole."""
        seen: set[str] = set()
        for project in projects:
            for build in project.builds:
                reason = build.files.unseen() if build.files else ""
                if reason and build.source is not None and build.root and build.root not in seen:
                    seen.add(build.root)
                    yield self.finding(
                        build.context.span if build.context else Span(build.source, 0, 0),
                        f"The build context of '{build.dockerfile}' was not seen whole: {reason}",
                        help="leave out with .dockerignore what the image does not need",
                        level=Level.NOTE,
                    )
