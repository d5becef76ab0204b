"""Where projects run and why that is known; what a base file brings into production; one cause in several projects."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from volint.assemble import environment
from volint.folders import check_folder
from volint.model import EnvironmentKind, Project
from volint.rule import Finding, Level
from volint.session import Session


def written(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
    return root


def projects(root: Path, files: dict[str, str], **settings: object) -> list[Project]:
    session = Session({"paths": (".",), **settings}, cwd=str(written(root, files)))
    discovery = session.discovery()
    with session.knowledge():
        return list(session.workspace(discovery).projects)


def where(root: Path, files: dict[str, str], **settings: object) -> list[tuple[str, str]]:
    return [
        (project.environment.value.value, project.environment.reason)
        for project in projects(root, files, **settings)
    ]


WEB = 'services: {web: {image: "registry.example.com/web:1"}}\n'


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("compose.prod.yaml", "production"),
        ("docker-compose-production.yml", "production"),
        ("live_compose.yml", "production"),
        ("pre-prod.yaml", "staging"),
        ("preprod.yaml", "staging"),
        ("Dockerfile.uat", "staging"),
        ("docker-compose.stage.yml", "staging"),
        ("DEV", "development"),
        ("my-dev-stack", "development"),
        ("devenv", "development"),
        ("overrides", "development"),
        ("docker-compose.override.prod.yml", "production"),
        ("staging-overrides", "staging"),
        ("Makefile.local", "development"),
        ("compose.prod.local.yaml", "development"),
        ("prod-test", "test"),
        ("ui-tests", "test"),
        ("e2e", "test"),
        (".ci", "test"),
        ("samples", "example"),
        (".env.prod.example", "production"),
        ("multi-stage", None),
        ("live-reload", None),
        ("local-ai", None),
        ("non-production", None),
        ("latest", None),
        ("devices", None),
        ("product", None),
        ("cis-benchmark", None),
        ("integrations", None),
        ("reproduction", None),
    ],
)
def test_words_tell_an_environment(name: str, kind: str | None) -> None:
    found = environment.of_word(name)
    assert (found.value if found else None) == kind


def test_the_nearest_name_decides(tmp_path: Path) -> None:
    assert where(tmp_path, {"prod/examples/x/compose.yaml": WEB}) == [
        ("example", "folder name examples")
    ]


def test_a_file_name_is_nearer_than_a_folder(tmp_path: Path) -> None:
    assert where(tmp_path, {"tests/compose.prod.yaml": WEB}) == [
        ("production", "file name compose.prod.yaml")
    ]


def test_names_above_the_repository_tell_nothing(tmp_path: Path) -> None:
    assert where(tmp_path / "production" / "checkout", {"compose.yaml": WEB}) == [("unknown", "")]


def test_the_folder_of_an_overlay_is_nearer_than_that_of_its_base(tmp_path: Path) -> None:
    files = {
        "demo/compose.yaml": WEB,
        "demo/live/compose.yaml": "services: {web: {restart: always}}\n",
    }
    assert where(tmp_path, files) == [
        ("example", "folder name demo"),
        ("production", "folder name live"),
    ]


def test_an_env_file_that_a_command_names_tells(tmp_path: Path) -> None:
    files = {
        "compose.yaml": WEB,
        "up.sh": "docker compose --env-file .env.production up -d\n",
    }
    found = where(tmp_path, files)
    assert ("production", "file name .env.production") in found
    assert ("unknown", "") in found


def test_an_env_file_given_by_hand_tells(tmp_path: Path) -> None:
    session = Session(
        {"compose_files": ("compose.yaml",), "env_files": ("live.env",)},
        cwd=str(written(tmp_path, {"compose.yaml": WEB, "live.env": "TAG=1\n"})),
    )
    (project,) = session.workspace(None).projects
    assert project.environment.reason == "file name live.env"


def test_the_configuration_is_asked_before_names(tmp_path: Path) -> None:
    files = {
        "compose.dev.yaml": WEB,
        "volint.yaml": "environments: {compose.dev.yaml: production}\n",
    }
    assert where(tmp_path, files) == [("production", "'compose.dev.yaml' in volint.yaml")]


def test_the_command_line_is_asked_first(tmp_path: Path) -> None:
    files = {
        "compose.dev.yaml": WEB,
        "volint.yaml": "environments: {compose.dev.yaml: production}\n",
    }
    [(value, _)] = where(tmp_path, files, environment="test")
    assert value == "test"


def test_names_are_asked_before_variables(tmp_path: Path) -> None:
    text = "services: {web: {image: alpine, environment: {NODE_ENV: production}}}\n"
    assert where(tmp_path, {"compose.dev.yaml": text}) == [
        ("development", "file name compose.dev.yaml")
    ]


VARIABLES = """\
services:
  web: {image: alpine, environment: [NODE_ENV=production]}
  api: {image: alpine, environment: {DJANGO_SETTINGS_MODULE: shop.settings.production}}
  log: {image: alpine, environment: {LOG_LEVEL: debug}}
"""


def test_variables_that_agree_tell_without_certainty(tmp_path: Path) -> None:
    (project,) = projects(tmp_path, {"compose.yaml": VARIABLES})
    assert project.environment.value is EnvironmentKind.PRODUCTION
    assert project.environment.reason == "variable NODE_ENV of 'web'"
    assert not project.environment.certain


@pytest.mark.parametrize(
    "other",
    ["development", "staging"],
)
def test_variables_that_disagree_tell_nothing(tmp_path: Path, other: str) -> None:
    text = VARIABLES + f"  job: {{image: alpine, environment: {{APP_ENV: {other}}}}}\n"
    assert where(tmp_path, {"compose.yaml": text}) == [("unknown", "")]


def test_variables_that_are_not_known_tell_nothing(tmp_path: Path) -> None:
    text = "services: {web: {image: alpine, environment: {NODE_ENV: '${WHERE}-prod'}}}\n"
    assert where(tmp_path, {"compose.yaml": text}) == [("unknown", "")]


def test_variables_of_services_that_are_off_tell_nothing(tmp_path: Path) -> None:
    text = (
        "services: {web: {image: alpine, profiles: [extra], environment: {APP_ENV: production}}}\n"
    )
    assert where(tmp_path, {"compose.yaml": text}) == [("unknown", "")]


def test_a_profile_tells_where_its_container_runs(tmp_path: Path) -> None:
    text = """\
    services:
      web: {image: alpine, environment: {APP_ENV: production}}
      console: {image: alpine, profiles: [tools, dev], environment: {APP_ENV: development}}
      both: {image: alpine, profiles: [dev, prod]}
    """
    (project,) = projects(tmp_path, {"compose.yaml": text})
    assert project.environment.value is EnvironmentKind.PRODUCTION
    own = {str(one.name): one.environment for one in project.containers}
    assert own["web"] is None
    assert own["both"] is None
    console = own["console"]
    assert console is not None
    assert console.value is EnvironmentKind.DEVELOPMENT
    assert console.reason == "profile dev"
    assert console.certain


# -- what a base file brings into production

BASE = """\
services:
  web:
    image: registry.example.com/web:1
    volumes:
      - ./src:/app/src
  db:
    image: postgres:17
    volumes: ["db:/var/lib/postgresql/data"]
volumes: {db: {}}
"""


def binds(root: Path, files: dict[str, str]) -> list[Finding]:
    return check_folder(str(written(root, files)), select=("VL201",))


def test_a_bind_of_the_base_is_reported_at_its_own_line_as_production(tmp_path: Path) -> None:
    files = {
        "compose.yaml": BASE,
        "compose.prod.yaml": "services: {web: {restart: always}}\n",
    }
    (finding,) = binds(tmp_path, files)
    assert finding.span.source.path == "compose.yaml"
    assert finding.span.text() == "./src"
    assert finding.level is Level.ERROR
    assert [label.span.source.path for label in finding.labels] == ["compose.prod.yaml"]


def test_the_command_that_names_the_env_file_is_the_label(tmp_path: Path) -> None:
    files = {"compose.yaml": BASE, "up.sh": "docker compose --env-file .env.prod up -d\n"}
    (finding,) = binds(tmp_path, files)
    assert finding.span.source.path == "compose.yaml"
    assert [label.span.source.path for label in finding.labels] == ["up.sh"]


@pytest.mark.parametrize(
    "overlay",
    [
        "services: {web: {volumes: !reset []}}\n",
        "services: {web: {volumes: !override ['src:/app/src']}}\nvolumes: {src: {}}\n",
        "services: {web: {volumes: ['src:/app/src']}}\nvolumes: {src: {}}\n",
    ],
    ids=["reset", "override", "same target"],
)
def test_an_overlay_can_take_the_bind_away(tmp_path: Path, overlay: str) -> None:
    assert binds(tmp_path, {"compose.yaml": BASE, "compose.prod.yaml": overlay}) == []


def test_staging_is_judged_as_production(tmp_path: Path) -> None:
    files = {
        "compose.yaml": BASE,
        "compose.staging.yaml": "services: {web: {restart: always}}\n",
    }
    (finding,) = binds(tmp_path, files)
    assert "staging" in finding.message


def test_a_project_known_by_variables_alone_is_judged_more_gently(tmp_path: Path) -> None:
    text = BASE.replace(
        "    volumes:\n", "    environment: {NODE_ENV: production}\n    volumes:\n", 1
    )
    (finding,) = binds(tmp_path, {"compose.yaml": text})
    assert finding.level is Level.WARNING


# -- one cause seen by several projects


def test_one_cause_in_several_projects_is_one_finding_that_names_them(tmp_path: Path) -> None:
    text = "services: {db: {image: 'postgres:17'}}\n"
    files = {
        "compose.yaml": text,
        "compose.override.yaml": "services: {db: {ports: ['5432:5432']}}\n",
        "compose.prod.yaml": "name: live\nservices: {db: {restart: always}}\n",
    }
    (finding,) = check_folder(str(written(tmp_path / "shop", files)), select=("VL101",))
    assert finding.span.source.path == "compose.yaml"
    assert sorted(finding.projects) == ["live", "shop"]
    # What production says of it wins.
    assert finding.level is Level.ERROR


def test_what_only_one_project_does_wrong_names_that_one(tmp_path: Path) -> None:
    files = {
        "compose.yaml": "services: {db: {image: 'postgres:17', volumes: ['db:/var/lib/postgresql/data']}}\n"
        "volumes: {db: {}}\n",
        "compose.prod.yaml": "name: live\nservices: {db: {volumes: !reset []}}\n",
    }
    (finding,) = check_folder(str(written(tmp_path / "shop", files)), select=("VL101",))
    assert finding.projects == ("live",)
