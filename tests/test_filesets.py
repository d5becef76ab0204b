"""Which Compose files belong together: what the small repositories of test_projects.py do not show."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from volint.assemble.catalog import Catalog
from volint.assemble.filesets import file_sets
from volint.engine import check
from volint.files import Files
from volint.model import Project
from volint.rule import Finding, Level
from volint.session import Session
from volint.source import Kind, Source

WEB = "services: {web: {image: nginx, ports: ['80:80']}}\n"
TWEAK = "services: {web: {restart: always}}\n"


def projects(root: Path, files: dict[str, str]) -> list[Project]:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
    session = Session({"paths": (".",)}, cwd=str(root))
    discovery = session.discovery()
    with session.knowledge():
        return list(session.workspace(discovery).projects)


def views(made: list[Project]) -> list[Finding]:
    """Return what could not be seen of some projects."""
    enabled = Session({"paths": (".",), "select": ("VL004",)}).enabled()
    return [finding for finding in check(made, enabled) if finding.code == "VL004"]


def sets(root: Path, files: dict[str, str]) -> list[tuple[str, str]]:
    """Return the files and the reason of each Compose project."""
    return [
        (" ".join(source.path for source in project.sources), project.file_set.reason)
        for project in projects(root, files)
        if project.file_set is not None
    ]


@pytest.mark.parametrize(
    ("name", "base"),
    [
        ("compose.prod.yaml", "compose.yaml"),
        ("compose-prod.yml", "compose.yml"),
        ("docker-compose_prod.yml", "docker-compose.yml"),
        ("prod.compose.yaml", "compose.yaml"),
        ("prod-docker-compose.yml", "docker-compose.yml"),
        ("compose.prod.yaml", "docker-compose.yml"),
        ("stack.prod.compose.yaml", "compose.yaml"),
        ("compose.prod.yaml", "compose.base.yaml"),
        ("compose.prod.yaml", "docker-compose.common.yml"),
        ("shop.compose.prod.yaml", "shop.compose.yaml"),
    ],
)
def test_names_point_from_an_overlay_to_its_base(tmp_path: Path, name: str, base: str) -> None:
    found = sets(tmp_path, {base: WEB, name: TWEAK})
    assert (f"{base} {name}", f"{name} is an overlay of {base}") in found


def test_the_nearest_of_several_bases_is_taken(tmp_path: Path) -> None:
    files = {"compose.yaml": WEB, "compose.eu.yaml": WEB, "compose.eu.prod.yaml": TWEAK}
    assert ("compose.eu.yaml compose.eu.prod.yaml", "compose.eu.prod.yaml is an overlay of compose.eu.yaml") in sets(
        tmp_path, files
    )  # fmt: skip


def test_an_overlay_may_need_the_override(tmp_path: Path) -> None:
    files = {
        "compose.yaml": WEB,
        "compose.override.yaml": "services: {mail: {image: mailpit}}\n",
        "compose.debug.yaml": "services: {web: {command: [debug]}, mail: {command: [debug]}}\n",
    }
    both = "compose.yaml compose.override.yaml"
    assert (f"{both} compose.debug.yaml", "compose.debug.yaml is an overlay of compose.yaml and compose.override.yaml") in sets(
        tmp_path, files
    )  # fmt: skip


def test_a_base_may_give_what_it_includes(tmp_path: Path) -> None:
    files = {
        "compose.yaml": "include: [parts/web.yaml]\n",
        "parts/web.yaml": WEB,
        "compose.prod.yaml": TWEAK,
    }
    assert [reason for _, reason in sets(tmp_path, files)] == [
        "compose.prod.yaml is an overlay of compose.yaml",
        "default file",
    ]


def test_a_forgotten_volume_is_a_mistake_a_missing_service_a_fragment(tmp_path: Path) -> None:
    files = {
        "lone.compose.yaml": "services: {a: {image: alpine, volumes: ['data:/data']}}\n",
        "part.compose.yaml": "services: {a: {image: alpine, depends_on: [db]}}\n",
    }
    assert sets(tmp_path, files) == [
        ("lone.compose.yaml", "file of its own"),
        ("part.compose.yaml", "fragment"),
    ]


def test_what_may_be_missing_is_not_missed(tmp_path: Path) -> None:
    text = "services: {a: {image: alpine, depends_on: {db: {condition: service_started, required: false}}}}\n"
    assert sets(tmp_path, {"part.compose.yaml": text}) == [("part.compose.yaml", "file of its own")]


def test_extended_projects_stay_projects(tmp_path: Path) -> None:
    files = {
        "base/compose.yaml": WEB,
        "shop/compose.yaml": "services: {web: {extends: {file: ../base/compose.yaml, service: web}}}\n",
    }
    assert [reason for _, reason in sets(tmp_path, files)] == ["default file", "default file"]


def test_a_long_chain_of_includes_is_followed(tmp_path: Path) -> None:
    files = {
        f"p{number}.compose.yaml": f"include: [p{number + 1}.compose.yaml]\n{WEB}"
        for number in range(40)
    }
    files["p40.compose.yaml"] = WEB
    assert len(sets(tmp_path, files)) == 1


def test_paths_tell_where_a_file_with_services_of_its_own_is_run_from(tmp_path: Path) -> None:
    files = {
        "compose.yaml": WEB,
        "nginx/nginx.conf": "",
        "test/fake.compose.yaml": "services: {fake: {image: nginx, volumes: ['./nginx:/etc/nginx:ro']}}\n",
        "dev/dev.compose.yaml": "services: {web: {image: nginx, volumes: ['./nginx:/etc/nginx:ro', './data:/data']}}\n",
    }
    made = {
        project.sources[-1].path: project for project in projects(tmp_path, files) if project.root
    }
    assert len(made["test/fake.compose.yaml"].sources) == 2
    # The same service, but from another file: an alternative.
    alternative = made["dev/dev.compose.yaml"]
    assert len(alternative.sources) == 1
    assert [mount.resolved_source for _, mount in alternative.mounts()] == [
        str(tmp_path / "nginx"),
        str(tmp_path / "data"),
    ]


# -- commands


def script(root: Path, text: str, **files: str) -> list[str]:
    """Return what a script names, as 'files: reason', without the default file."""
    made = {"compose.yaml": WEB, "up.sh": text}
    made.update({name.replace("__", "/").replace("_", "."): text for name, text in files.items()})
    return [f"{names}: {why}" for names, why in sets(root, made) if why != "default file"]


def test_a_set_with_a_file_that_is_not_there_is_none(tmp_path: Path) -> None:
    assert script(tmp_path, "docker compose -f compose.yaml -f compose.mine.yaml up\n") == []


def test_an_overlay_named_without_its_base_has_it_all_the_same(tmp_path: Path) -> None:
    found = script(tmp_path, "docker compose -f compose.prod.yaml up\n", compose_prod_yaml=TWEAK)
    assert found == ["compose.yaml compose.prod.yaml: compose.prod.yaml is an overlay of compose.yaml"]  # fmt: skip


def test_default_values_of_variables_count(tmp_path: Path) -> None:
    text = 'docker compose -f compose.yaml -f "${FILE:-compose.extra.yaml}" up\n'
    found = script(tmp_path, text, compose_extra_yaml=TWEAK)
    assert found == ["compose.yaml compose.extra.yaml: named in up.sh:1"]


def test_a_variable_alone_stands_for_nothing(tmp_path: Path) -> None:
    found = script(tmp_path, 'docker compose -f "$FILE" up\n', compose_extra_yaml=WEB)
    assert found == ["compose.extra.yaml: file of its own"]


def test_options_that_cannot_be_read_leave_the_set_open(tmp_path: Path) -> None:
    assert script(tmp_path, 'docker compose $OPTIONS -p shop up\n') == []  # fmt: skip


def test_a_name_counts_where_something_is_started(tmp_path: Path) -> None:
    assert script(tmp_path, "docker compose -p other logs\n") == []
    assert script(tmp_path, "docker compose -p other up\n") == ["compose.yaml: default file, with -p other in up.sh:1"]  # fmt: skip


def test_the_name_that_the_folder_gives_anyway_is_no_other_set(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    root.mkdir()
    assert script(root, "docker compose -p shop up\n") == []


def test_an_env_file_beside_the_project_is_no_other_set(tmp_path: Path) -> None:
    assert script(tmp_path, "docker compose --env-file .env up\n") == []


def test_a_missing_env_file_does_not_bring_the_default_one(tmp_path: Path) -> None:
    files = {
        "compose.yaml": "services: {web: {image: 'nginx:${TAG}'}}\n",
        ".env": "TAG=1\n",
        "up.sh": "docker compose --env-file production.env up\n",
    }
    made = [project for project in projects(tmp_path, files) if project.file_set]
    images = {
        project.file_set.env_files: str(project.containers[0].image)
        for project in made
        if project.file_set
    }
    assert images == {(".env",): "nginx:1", (): "nginx:${TAG}"}


def test_a_profile_that_is_part_of_more_is_no_set_of_its_own(tmp_path: Path) -> None:
    files = {
        "compose.yaml": "services: {a: {image: a, profiles: [a]}, b: {image: b, profiles: [b]}}\n",
        "up.sh": "docker compose --profile a up\ndocker compose --profile a --profile b up\n",
    }
    assert [reason for _, reason in sets(tmp_path, files)] == [
        "default file",
        "default file, with --profile a --profile b in up.sh:2",
    ]


def test_a_file_on_the_disk_that_only_a_command_names_is_read(tmp_path: Path) -> None:
    # Nothing in it says that it is Compose.
    found = script(tmp_path, "docker compose -f compose.yaml -f limits.yml up\n", limits_yml=TWEAK)
    assert found == ["compose.yaml limits.yml: named in up.sh:1"]


def test_commands_of_documents_may_start_in_a_clone(tmp_path: Path) -> None:
    files = {
        "deploy/compose.yaml": WEB,
        "deploy/compose.prod.yaml": TWEAK,
        "docs/install.md": """\
        ```sh
        git clone https://git.example.com/shop && cd shop/deploy
        docker compose -f compose.yaml -f compose.prod.yaml up -d
        ```
        """,
        "deploy/README.md": """\
        ```sh
        cd /opt/shop
        docker compose -f compose.yaml -f compose.prod.yaml up -d
        ```
        """,
    }
    assert ("deploy/compose.yaml deploy/compose.prod.yaml", "named in deploy/README.md:3") in sets(
        tmp_path, files
    )


def test_what_documents_print_names_sets_too(tmp_path: Path) -> None:
    files = {
        "compose.yaml": WEB,
        "compose.prod.yaml": TWEAK,
        "README.md": "Run docker compose -f compose.yaml -f compose.prod.yaml up on the server.\n",
    }
    assert ("compose.yaml compose.prod.yaml", "named in README.md:1") in sets(tmp_path, files)


def test_stacks_take_the_place_of_the_default_set(tmp_path: Path) -> None:
    files = {"compose.yaml": WEB, "up.sh": "docker stack deploy -c compose.yaml shop\n"}
    assert sets(tmp_path, files) == [("compose.yaml", "deployed as a stack in up.sh:1")]
    (project,) = [project for project in projects(tmp_path, files) if project.file_set]
    assert project.swarm
    assert project.name == "shop"


def test_a_default_set_that_is_run_beside_a_stack_stays(tmp_path: Path) -> None:
    files = {
        "compose.yaml": WEB,
        "up.sh": "docker compose up\ndocker stack deploy -c compose.yaml shop\n",
    }
    assert {reason for _, reason in sets(tmp_path, files)} == {
        "default file",
        "deployed as a stack in up.sh:2",
    }


def test_a_stack_may_be_written_by_config(tmp_path: Path) -> None:
    text = """\
    docker compose -f compose.yaml -f compose.prod.yaml config > stack.yaml
    docker stack deploy -c stack.yaml shop
    """
    found = script(tmp_path, dedent(text), compose_prod_yaml=TWEAK)
    assert "compose.yaml compose.prod.yaml: deployed as a stack in up.sh:2" in found


def test_a_stack_may_be_handed_over_by_config(tmp_path: Path) -> None:
    text = "docker stack deploy -c <(docker compose -f compose.yaml -f compose.prod.yaml config) shop\n"
    found = script(tmp_path, text, compose_prod_yaml=TWEAK)
    assert found == ["compose.yaml compose.prod.yaml: deployed as a stack in up.sh:1"]


# -- whatever the files

NAMES = (
    "compose.yaml", "compose.override.yaml", "docker-compose.yml", "compose.prod.yaml", "compose.a.b.yaml", "base.yaml",
    "sub/compose.yaml", "sub/compose.prod.yaml", "sub/deep/other.yml",
)  # fmt: skip
NAME = st.sampled_from(NAMES)
SERVICE = st.sampled_from(("a", "b"))
ENTRY = st.one_of(
    st.builds("{}: {{image: alpine}}".format, SERVICE),
    st.builds("{}: {{restart: always}}".format, SERVICE),
    st.builds("{}: {{image: alpine, depends_on: [{}]}}".format, SERVICE, SERVICE),
    st.builds("{}: {{image: alpine, volumes: ['v:/v']}}".format, SERVICE),
    st.builds("{}: {{extends: {{service: a, file: {}}}}}".format, SERVICE, NAME),
)
TEXT = st.builds(
    lambda entries, included, volumes: (
        f"services: {{{', '.join(entries)}}}\n"
        + (f"include: [{', '.join(included)}]\n" if included else "")
        + ("volumes: {v: {}}\n" if volumes else "")
    ),
    st.lists(ENTRY, max_size=2, unique_by=lambda entry: entry[0]),
    st.lists(NAME, max_size=2),
    st.booleans(),
)


@given(st.dictionaries(NAME, TEXT, max_size=6))
@settings(max_examples=150, deadline=None)
def test_every_file_is_in_a_project(texts: dict[str, str]) -> None:
    root = "/nowhere/shop"
    sources = {
        f"{root}/{name}": Source(name, text, Kind.COMPOSE, f"{root}/{name}")
        for name, text in texts.items()
    }
    catalog = Catalog(sources, Files((root,), root))
    found = file_sets(catalog, ())
    assert set(sources) <= catalog.reachable(path for spec in found for path in spec.files)
    assert len({(spec.files, spec.partial) for spec in found}) == len(found)


PARTS = {
    "suites/compose.yml": "networks: {lan: {}}\n",
    "suites/one/compose.yml": "services: {api: {environment: {A: b}, depends_on: [db]}}\n",
    "suites/parts/db/compose.yml": "services: {db: {image: postgres:17, networks: [lan]}}\n",
    "suites/parts/api/compose.dev.yml": "services: {api: {build: nowhere, networks: [lan]}}\n",
}


def test_parts_in_folders_of_their_own_are_no_projects_whatever_they_are_called(
    tmp_path: Path,
) -> None:
    found = dict(sets(tmp_path, PARTS))
    assert found == {
        "suites/compose.yml": "default file",
        "suites/one/compose.yml": "fragment",
        "suites/parts/db/compose.yml": "fragment",
        "suites/parts/api/compose.dev.yml": "fragment",
    }


def test_parts_are_not_refused_for_what_others_give(tmp_path: Path) -> None:
    found = projects(tmp_path, PARTS)
    problems = [problem for project in found for problem in project.problems]
    assert {(problem.code, problem.level) for problem in problems} == {("VL004", "note")}


@pytest.mark.parametrize(
    "other",
    [
        {},
        # A whole project beside it is another project.
        {"b/compose.yaml": "services: {web: {image: nginx, networks: [lan]}}\nnetworks: {lan: {}}\n"},
        # What lies in the folder is laid over it.
        {"a/compose.dev.yaml": "services: {web: {command: [dev]}}\nnetworks: {lan: {}}\n"},
        # Another one that lacks the same gives nothing.
        {"b/compose.yaml": "services: {web: {networks: [lan]}}\n"},
    ],
)  # fmt: skip
def test_what_nobody_else_describes_is_a_mistake(tmp_path: Path, other: dict[str, str]) -> None:
    files = {"a/compose.yaml": "services: {web: {image: nginx, networks: [lan]}}\n", **other}
    found = dict(sets(tmp_path, files))
    assert found["a/compose.yaml"] == "default file"


def test_a_part_whose_image_a_file_beside_it_gives(tmp_path: Path) -> None:
    files = {
        "suites/compose.yml": "networks: {lan: {}}\n",
        "suites/proxy/compose.yml": "services: {proxy: {command: [run], networks: [lan]}}\n",
        "suites/proxy/compose.v2.yml": "services: {proxy: {image: 'traefik:2'}}\n",
        "suites/proxy/compose.v3.yml": "services: {proxy: {image: 'traefik:3'}}\n",
    }
    assert dict(sets(tmp_path, files))["suites/proxy/compose.yml"] == "fragment"
    # Without anything from outside it is a project that its folder completes.
    files["suites/proxy/compose.yml"] = "services: {proxy: {command: [run]}}\n"
    assert dict(sets(tmp_path, files))["suites/proxy/compose.yml"] == "default file"


def test_a_service_without_an_image_that_nobody_describes_is_a_mistake(tmp_path: Path) -> None:
    files = {
        "a/compose.yaml": "services: {web: {ports: ['80:80']}}\n",
        "b/compose.yaml": "services: {web: {image: nginx}}\n",
    }
    assert dict(sets(tmp_path, files))["a/compose.yaml"] == "default file"


def test_an_override_with_nothing_to_override_is_a_fragment(tmp_path: Path) -> None:
    files = {"extras/docker-compose.override.yml": "services: {web: {build: ./data/web}}\n"}
    [project] = projects(tmp_path, files)
    assert project.partial
    assert [problem.level for problem in project.problems] == ["note"]


def test_a_missing_env_file_is_said_once_and_what_to_do(tmp_path: Path) -> None:
    text = "services:\n  a: {image: x, env_file: settings.conf}\n  b: {image: x, env_file: settings.conf}\n"
    portainer = "services: {a: {image: x, env_file: stack.env}}\n"
    made = projects(
        tmp_path, {"compose.yaml": text, "other.yaml": text, "portainer.yaml": portainer}
    )
    found = views(made)
    [finding] = [finding for finding in found if "settings.conf" in finding.message]
    assert finding.message == "The env file 'settings.conf' is not there"
    assert "required: false" in finding.help
    assert [label.span.source.path for label in finding.labels] == [
        "compose.yaml",
        "other.yaml",
        "other.yaml",
    ]
    [other] = [finding for finding in found if "stack.env" in finding.message]
    assert (finding.level, other.level) == (Level.WARNING, Level.NOTE)


@pytest.mark.parametrize(
    ("file", "text", "place"),
    [
        (".env", "A=b\nCOMPOSE_PROJECT_NAME=Shop\n", "Shop"),
        ("run.sh", "docker compose -p Store up\n", "docker compose -p Store up"),
    ],
)
def test_a_name_that_compose_refuses_is_shown_where_it_is_given(
    tmp_path: Path, file: str, text: str, place: str
) -> None:
    made = projects(tmp_path, {"compose.yaml": WEB, file: text})
    [problem] = [problem for project in made for problem in project.problems]
    assert (problem.span.source.path, problem.span.text()) == (file, place)


def test_files_of_another_program_are_no_set(tmp_path: Path) -> None:
    files = {"a.yml": WEB, "b.yml": TWEAK}
    for command in (
        "ytt",
        "kubectl apply",
        "helm upgrade shop",
        "set -e; ytt",
        "helm template x charts/x",
    ):
        made = projects(tmp_path, {**files, "make.sh": f"{command} -f a.yml -f b.yml\n"})
        assert max(len(project.sources) for project in made) == 1, command
    for line in ('FILES="-f a.yml -f b.yml"', "dc() { $COMPOSE -p x -f a.yml -f b.yml; }"):
        made = projects(tmp_path, {**files, "make.sh": f"{line}\n"})
        assert max(len(project.sources) for project in made) == 2, line
