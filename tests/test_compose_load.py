"""Places, unknown variables, overlays and problems of loaded Compose projects."""

from __future__ import annotations

import textwrap
import time

import pytest
from compose_answers import PROJECT, Memory
from hypothesis import given, settings
from hypothesis import strategies as st

from volint.assemble.compose import Request, compose_file_variable, load_project, to_project
from volint.model import Container, Mount, MountKind, Project, Syntax
from volint.source import Problem, Source, Span


def project(files: dict[str, str] | str, *names: str, **options: object) -> Project:
    if isinstance(files, str):
        files = {"compose.yaml": files}
    files = {name: textwrap.dedent(text) for name, text in files.items()}
    request = Request(PROJECT, names or ("compose.yaml",))._replace(**options)
    loaded = load_project(request, Memory(files))
    return to_project(loaded)


def service(made: Project, name: str) -> Container:
    return next(container for container in made.containers if container.name.value == name)


def mounts(made: Project, name: str) -> dict[str, Mount]:
    return {mount.target.value: mount for mount in service(made, name).mounts}


def at(span: Span) -> str:
    line, column = span.source.position(span.start)
    return f"{span.source.path}:{line}:{column} {span.text()}"


def problems(made: Project) -> list[tuple[str, str]]:
    return [(problem.code, problem.span.text()) for problem in made.problems]


def only(made: Project) -> Problem:
    [problem] = made.problems
    return problem


class TestPlaces:
    def test_fields_of_the_short_syntax(self) -> None:
        made = project(
            """\
            services:
              web:
                image: nginx
                volumes:
                  - "./conf:/etc/nginx:ro,z"
            """
        )
        mount = mounts(made, "web")["/etc/nginx"]
        assert mount.spec is not None
        assert at(mount.span) == "compose.yaml:5:10 ./conf:/etc/nginx:ro,z"
        assert mount.source is not None
        assert at(mount.source.span) == "compose.yaml:5:10 ./conf"
        assert at(mount.target.span) == "compose.yaml:5:17 /etc/nginx"
        assert mount.mode is not None
        assert at(mount.mode.span) == "compose.yaml:5:28 ro,z"
        assert at(mount.options["selinux"].span) == "compose.yaml:5:31 z"
        assert mount.read_only
        assert mount.resolved_source == f"{PROJECT}/conf"

    def test_target_is_cleaned_but_its_place_is_as_written(self) -> None:
        made = project("services: {a: {image: x, volumes: ['./a:/b/../c/']}}")
        mount = mounts(made, "a")["/c"]
        assert mount.target.span.text() == "/b/../c/"

    def test_a_default_has_its_own_place(self) -> None:
        made = project("services: {a: {image: x, volumes: ['${D:-./data}:/d']}}")
        mount = mounts(made, "a")["/d"]
        assert mount.source is not None
        assert mount.source.value == "./data"
        assert mount.source.span.text() == "./data"
        assert not mount.unresolved

    def test_name_and_keys_of_a_service(self) -> None:
        made = project("services:\n  web:\n    image: x\n    user: '1000'\n")
        web = service(made, "web")
        assert at(web.name.span) == "compose.yaml:2:3 web"
        assert at(web.keys["user"]) == "compose.yaml:4:5 user"
        assert web.user is not None
        assert at(web.user.span) == "compose.yaml:4:12 1000"

    def test_values_of_an_anchor_stand_where_they_are_written(self) -> None:
        made = project(
            """\
            x-volumes: &volumes
              - ./a:/a
            services:
              web: {image: x, volumes: *volumes}
            """
        )
        assert at(mounts(made, "web")["/a"].span) == "compose.yaml:2:5 ./a:/a"

    def test_words_of_a_command(self) -> None:
        made = project("services: {a: {image: x, command: serve --dir '/my data'}}")
        command = service(made, "a").command
        assert command is not None
        assert [(word.value, word.span.text()) for word in command] == [
            ("serve", "serve"),
            ("--dir", "--dir"),
            ("/my data", "'/my data'"),
        ]


class TestForms:
    def test_tmpfs_key(self) -> None:
        made = project("services: {a: {image: x, tmpfs: ['/t:size=64m,mode=0700,ro']}}")
        mount = mounts(made, "a")["/t"]
        assert (mount.kind, mount.syntax, mount.read_only) == (
            MountKind.TMPFS,
            Syntax.TMPFS_KEY,
            True,
        )
        assert {name: option.value for name, option in mount.options.items()} == {
            "size": 64 << 20,
            "mode": 0o700,
        }

    def test_secrets_and_configs_have_default_targets(self) -> None:
        made = project(
            """\
            services:
              a:
                image: x
                secrets: [s, {source: s, target: t, mode: 0440}]
                configs: [c, {source: c, target: /etc/c}]
            secrets: {s: {file: ./s.txt}}
            configs: {c: {content: hello}}
            """
        )
        found = mounts(made, "a")
        assert set(found) == {"/run/secrets/s", "/run/secrets/t", "/c", "/etc/c"}
        assert found["/run/secrets/t"].options["mode"].value == 0o440
        assert all(mount.read_only for mount in found.values())
        [secret] = made.secrets
        assert (secret.origin, secret.resolved_source) == ("file", f"{PROJECT}/s.txt")
        assert made.configs[0].origin == "content"

    def test_volumes_from_takes_over_mounts(self) -> None:
        made = project(
            """\
            services:
              donor: {image: x, volumes: ["./a:/a", "data:/d"], tmpfs: /t}
              user: {image: x, volumes_from: ["donor:ro"], volumes: ["./own:/a"]}
              lost: {image: x, volumes_from: ["container:elsewhere"]}
            volumes: {data: }
            """
        )
        found = mounts(made, "user")
        assert set(found) == {"/a", "/d"}
        assert found["/a"].donor is None
        assert (found["/d"].donor, found["/d"].read_only) == ("donor", True)
        assert found["/d"].syntax is Syntax.VOLUMES_FROM_KEY
        assert at(found["/d"].span).endswith("donor:ro")
        lost = service(made, "lost")
        assert lost.mounts == ()
        assert lost.volumes_from[0].name.value == "elsewhere"

    def test_real_names_of_volumes(self) -> None:
        made = project(
            """\
            name: shop
            services: {}
            volumes: {a: , b: {name: own}, c: {external: true}, d: {name: "x${Y}"}}
            """
        )
        names = {volume.name.value: volume.real_name for volume in made.volumes}
        assert {key: name and name.value for key, name in names.items()} == {
            "a": "shop_a",
            "b": "own",
            "c": "c",
            "d": None,
        }

    def test_env_file_and_environment(self) -> None:
        made = project(
            {
                "compose.yaml": "services: {a: {image: x, env_file: [a.env], environment: {B: own}}}",
                "a.env": "A=1\nB=2\n",
            }
        )
        found = {
            variable.name.value: (variable.value and variable.value.value, variable.origin)
            for variable in service(made, "a").env
        }
        assert found == {"A": ("1", "env_file"), "B": ("own", "environment")}
        assert service(made, "a").env_files[0].exists

    def test_build(self) -> None:
        made = project(
            """\
            services:
              a: {build: ./app}
              b: {build: {context: app, dockerfile: D, target: t, args: {X: 1}}}
              c: {build: {dockerfile_inline: "FROM x"}}
              d: {build: "https://example.com/x.git"}
            """
        )
        builds = {container.name.value: container.build for container in made.containers}
        assert builds["a"] is not None
        assert builds["a"].dockerfile == f"{PROJECT}/app/Dockerfile"
        assert builds["b"] is not None
        assert builds["b"].dockerfile == f"{PROJECT}/app/D"
        assert [argument.name.value for argument in builds["b"].args] == ["X"]
        assert builds["c"] is not None
        assert builds["c"].source is not None
        assert builds["c"].root == PROJECT
        assert builds["d"] is not None
        assert builds["d"].root is None


class TestUnknownVariables:
    @pytest.mark.parametrize(
        ("spec", "kind", "source"),
        [
            ("${X}:/b", MountKind.BIND, "${X}"),
            ("${X}/sub:/b", MountKind.BIND, "${X}/sub"),
            ("./${X}:/b", MountKind.BIND, "./${X}"),
            ("data_${X}:/b", MountKind.VOLUME, "data_${X}"),
            ("${X:?needed: really}:/b", MountKind.BIND, "${X:?needed: really}"),
        ],
    )
    def test_stay_as_text(self, spec: str, kind: MountKind, source: str) -> None:
        made = project(f"services: {{a: {{image: x, volumes: ['{spec}']}}}}")
        mount = mounts(made, "a")["/b"]
        assert mount.source is not None
        assert (mount.kind, mount.source.value) == (kind, source)
        assert mount.unresolved == ("X",)
        assert mount.resolved_source is None
        assert made.problems == ()

    def test_are_refused_nowhere(self) -> None:
        made = project(
            """\
            services:
              a:
                image: "${IMAGE}"
                scale: "${N}"
                privileged: "${P}"
                ports: ["${PORT}:80"]
                mem_limit: "${M}"
                restart: "${R}"
                volumes: [{type: "${T}", source: "${S}", target: /t}]
                secrets: ["${SECRET}"]
                depends_on: ["${D}"]
                networks: ["${N}"]
                env_file: ["${E}"]
                healthcheck: {interval: "${I}", test: ["${C}"]}
            """
        )
        assert made.problems == ()

    def test_tilde_is_not_known(self) -> None:
        made = project("services: {a: {image: x, volumes: ['~/a:/a']}}")
        mount = mounts(made, "a")["/a"]
        assert mount.tilde
        assert mount.resolved_source is None

    def test_values_come_from_the_env_file(self) -> None:
        made = project(
            {
                "compose.yaml": "services: {a: {image: x, volumes: ['${D}:/d', '${E}:/e']}}",
                ".env": "D=./data\nE=${UNKNOWN}\n",
            }
        )
        found = mounts(made, "a")
        assert found["/d"].resolved_source == f"{PROJECT}/data"
        assert found["/e"].unresolved == ("E",)

    def test_are_empty_with_an_environment(self) -> None:
        made = project("services: {a: {image: x, volumes: ['${X}:/b']}}", env={})
        assert problems(made) == [("VL601", "${X}:/b")]


class TestFiles:
    def test_an_overlay_keeps_what_it_does_not_replace(self) -> None:
        made = project(
            {
                "compose.yaml": "services: {a: {image: x, volumes: ['./a:/a', './b:/b']}}",
                "prod.yaml": "services: {a: {volumes: ['data:/a']}}\nvolumes: {data: }",
            },
            "compose.yaml",
            "prod.yaml",
        )
        found = mounts(made, "a")
        assert found["/a"].span.source.path == "prod.yaml"
        assert found["/a"].via == ()
        assert found["/b"].span.source.path == "compose.yaml"
        assert [at(span) for span in found["/b"].via] == ["prod.yaml:1:12 a"]
        assert made.problems == ()

    def test_reset_removes_what_came_before(self) -> None:
        made = project(
            {
                "compose.yaml": "services: {a: {image: x, volumes: ['./a:/a']}}",
                "prod.yaml": "services: {a: {volumes: !reset []}}",
            },
            "compose.yaml",
            "prod.yaml",
        )
        assert service(made, "a").mounts == ()

    def test_extends_says_where_it_went_through(self) -> None:
        made = project(
            {
                "compose.yaml": "services: {a: {extends: {file: sub/base.yaml, service: b}}}",
                "sub/base.yaml": "services: {b: {image: x, volumes: ['./a:/a']}}",
            }
        )
        mount = mounts(made, "a")["/a"]
        assert at(mount.span) == "sub/base.yaml:1:37 ./a:/a"
        assert mount.resolved_source == f"{PROJECT}/sub/a"
        assert [at(span) for span in mount.via] == ["compose.yaml:1:56 b"]

    def test_a_cycle_of_extends_shows_its_chain(self) -> None:
        made = project("services: {a: {extends: b}, b: {extends: c}, c: {extends: a}}")
        assert "a -> b -> c -> a" in only(made).message

    def test_include(self) -> None:
        made = project(
            {
                "compose.yaml": "include: [sub/inc.yaml]\nservices: {}",
                "sub/inc.yaml": "services: {i: {image: x, volumes: ['./a:/a']}}",
            }
        )
        mount = mounts(made, "i")["/a"]
        assert mount.resolved_source == f"{PROJECT}/sub/a"
        assert [at(span) for span in mount.via] == ["compose.yaml:1:11 sub/inc.yaml"]
        assert [source.path for source in made.sources] == ["compose.yaml", "sub/inc.yaml"]

    @pytest.mark.parametrize(
        "text",
        [
            "include: [gone.yaml]\nservices: {a: {image: x, volumes: ['data:/d']}}",
            "services: {a: {extends: {file: gone.yaml, service: b}}}",
        ],
    )
    def test_a_missing_file_is_said_once(self, text: str) -> None:
        assert problems(project(text)) == [("VL004", "gone.yaml")]

    def test_remote_files_are_not_fetched(self) -> None:
        made = project("include: ['https://example.com/x.git']\nservices: {}")
        assert problems(made) == [("VL004", "https://example.com/x.git")]

    @pytest.mark.parametrize(
        ("files", "level"),
        [
            ({".env.local": None}, "note"),
            ({"app.env": None, "app.env.example": ""}, "note"),
            ({"app.env": None}, None),
        ],
    )
    def test_a_missing_env_file(self, files: dict[str, str | None], level: str | None) -> None:
        name = next(iter(files))
        there = {key: text for key, text in files.items() if text is not None}
        made = project(
            {"compose.yaml": f"services: {{a: {{image: x, env_file: {name}}}}}", **there}
        )
        assert (only(made).code, only(made).level) == ("VL004", level)

    def test_compose_file_variable(self) -> None:
        source = Source(".env", "COMPOSE_FILE=a.yaml:b/c.yaml\n")
        assert compose_file_variable(source) == ("a.yaml", "b/c.yaml")
        assert compose_file_variable(Source(".env", "A=1\n")) == ()


class TestPartial:
    def test_judges_only_its_own_lines(self) -> None:
        made = project(
            """\
            services:
              a:
                volumes: ["data:/d", {type: bind, target: /x}]
                secrets: [s]
                networks: [n]
                depends_on: [b]
                extends: c
                deploy: {replicas: x}
            """,
            partial=True,
        )
        assert problems(made) == [("VL615", "x"), ("VL601", "{type: bind, target: /x}")]
        assert set(mounts(made, "a")) == {"/d", "/x", "/run/secrets/s"}


class TestProblems:
    @pytest.mark.parametrize(
        ("line", "code", "place"),
        [
            ("volumes: [':/b']", "VL601", ":/b"),
            ("volumes: ['./a:rel']", "VL601", "rel"),
            ("volumes: ['./a:/']", "VL601", "/"),
            ("volumes: ['./a:/b:nocopy']", "VL601", "nocopy"),
            ("volumes: ['v:/b']", "VL601", "v:/b"),
            ("volumes: {a: b}", "VL601", "{a: b}"),
            ("volumes: [{type: Bind, source: a, target: /b}]", "VL601", "Bind"),
            ("volumes: ['data:/b']", "VL105", "data"),
            ("volumes: [{type: volume, source: data, target: /b}]", "VL105", "data"),
            ("volumes: [{type: bind, source: a, target: /b, readonly: true}]", "VL614", "readonly"),
            ("volume: ['./a:/b']", "VL614", "volume"),
            ("secrets: [s]", "VL307", "s"),
            ("configs: [{source: c}]", "VL307", "c"),
            ("tmpfs: ['/a', '/a:size=1m']", "VL602", "/a:size=1m"),
            ("volumes: ['./a:/b', './c:/b']", "VL602", "./c:/b"),
            ("imag: x", "VL615", "imag"),
            ("restart: 5", "VL615", "5"),
            ("networks: [n]", "VL615", "n"),
            ("depends_on: [b]", "VL615", "b"),
            ("volumes:", "VL601", "volumes"),
            ("ports: ['80:x']", "VL615", "80:x"),
            ("mem_limit: 1x", "VL615", "1x"),
            ("container_name: ''", "VL615", ""),
            ("image: !!int 'x'", "VL001", "'x'"),
        ],
    )
    def test_point_at_the_cause(self, line: str, code: str, place: str) -> None:
        made = project(f"services:\n  a:\n    {line}\n    build: .\n")
        assert problems(made) == [(code, place)]
        assert only(made).container in ("a", "")

    def test_say_what_was_meant(self) -> None:
        made = project("services: {a: {image: x, volumes: ['dta:/d']}}\nvolumes: {data: }")
        assert only(made).help == "did you mean 'data'?"

    def test_a_value_of_the_environment_is_not_shown(self) -> None:
        made = project("services: {a: {image: x, environment: ['PASSWORD =hunter2']}}")
        assert "hunter2" not in only(made).message

    def test_an_override_is_no_duplicate(self) -> None:
        made = project(
            {
                "compose.yaml": "services: {a: {image: x, volumes: ['./a:/a']}}",
                "b.yaml": "services: {a: {volumes: ['./b:/a']}}",
            },
            "compose.yaml",
            "b.yaml",
        )
        assert made.problems == ()

    def test_a_service_that_is_off_may_be_unfinished(self) -> None:
        made = project("services: {a: {image: x}, b: {profiles: [p], volumes: ['data:/d']}}")
        assert made.problems == ()
        assert [container.enabled for container in made.containers] == [True, False]

    def test_a_cycle(self) -> None:
        made = project("services: {a: {image: x, depends_on: [b]}, b: {image: x, links: [a]}}")
        assert "a -> b -> a" in only(made).message


@pytest.mark.parametrize("use", ["volumes: [*a30]", "dns_opt: *a30", "x-a: *a30", "labels: *a30"])
@pytest.mark.parametrize("braces", ["[]", "{}"])
def test_an_alias_bomb_costs_nothing(use: str, braces: str) -> None:
    lines = [f"x-0: &a0 {braces}"]
    for level in range(1, 31):
        inner = ", ".join(
            f"*a{level - 1}" if braces == "[]" else f"k{key}: *a{level - 1}" for key in range(9)
        )
        lines.append(f"x-{level}: &a{level} {braces[0]}{inner}{braces[1]}")
    lines.append(f"services: {{a: {{image: x, {use}}}, b: {{extends: a}}}}")
    made = project("\n".join(lines))
    assert [container.name.value for container in made.containers] == ["a", "b"]
    assert any("too large to read" in problem.message for problem in made.problems)


def test_merges_within_merges_cost_no_square() -> None:
    lines = ["x-0: &a0 {k0: v}"]
    lines += [f"x-{at}: &a{at} {{<<: *a{at - 1}, k{at}: v}}" for at in range(1, 1500)]
    lines.append("services: {a: {image: x, environment: {<<: *a1499}}}")
    began = time.process_time()
    made = project("\n".join(lines))
    assert time.process_time() - began < 10
    assert any("Merge keys make this file too large" in one.message for one in made.problems)
    assert [container.name.value for container in made.containers] == ["a"]


def test_extensions_are_moved_aside_where_users_choose_the_keys() -> None:
    made = project(
        "services: {a: {image: x, environment: {A: 1, x-b: 2, x-a: q}, labels: {x-l: 1, m: n}},"
        " b: {image: x, environment: [x-b=1]}, x-c: {image: x, depends_on: [x-d]}, x-d: {image: x}}\n"
        "volumes: {x-v: {driver_opts: {x-o: 1, type: none}}}"
    )
    assert made.problems == ()
    first, second, third, _ = made.containers
    found = {variable.name.value: str(variable.value) for variable in first.env}
    assert found == {"A": "1", "#extensions": "map[x-a:q x-b:2]"}
    assert first.labels == {"m": "n", "#extensions": "map[x-l:1]"}
    assert [variable.name.value for variable in second.env] == ["x-b"]
    assert (third.name.value, third.depends_on) == ("x-c", ("x-d",))
    assert set(made.volumes[0].driver_opts) == {"type", "#extensions"}
    refused = project("services: {a: {image: x, storage_opt: {x-a: '1'}}}")
    assert "'x-a' for an extension" in only(refused).message


CYCLE = """
x-base: &base {labels: {a: b}}
services:
  web:
    <<: *base
    image: nginx:1.27
    x-more: *base
  other: {image: "nginx:1.27", volumes: [../up:/up, "no:such:mount:x"]}
"""


def test_an_anchor_used_within_what_it_is_merged_into_is_a_cycle() -> None:
    made = project(CYCLE)
    assert [problem.code for problem in made.problems] == ["VL615", "VL601"]
    found = made.problems[0]
    assert "'*base' stands at 'services.web.x-more' and at 'services.web'" in found.message
    assert (found.span.text(), found.labels[0].span.start) == ("*base", CYCLE.index("*base"))


@pytest.mark.parametrize(
    "text",
    [
        # The places of different services, one after the other, a merge at the top, a list of merges.
        "x-b: &b {labels: {a: b}}\nservices: {a: {image: x, <<: *b}, b: {image: x, <<: *b}}",
        "x-b: &b {a: b}\nservices: {a: {image: x, labels: *b, environment: *b}}",
        "x-b: &b {x-a: 1}\n<<: *b\nservices: {a: {image: x, x-c: *b}}",
        "x-b: &b {x-a: 1}\nservices: {a: {<<: [*b], image: x, x-c: *b}}",
        "x-b: &b [a]\nservices: {a: {image: x, dns: *b, dns_search: *b}}",
    ],
)
def test_other_uses_of_an_anchor_are_no_cycle(text: str) -> None:
    assert project(text).problems == ()


def test_compose_reads_no_more_than_100000_values() -> None:
    def sized(count: int) -> str:
        # The document, the services, one service, its image and the list are values, too.
        return "services: {a: {image: x}}\nx-a: [" + "1," * (count - 5) + "]"

    assert project(sized(100_000)).problems == ()
    assert "more than 100,000 values" in only(project(sized(100_001))).message


def test_deep_chains_are_cut_with_a_message() -> None:
    files = {
        f"{number}.yaml": f"include: [{number + 1}.yaml]\nservices: {{s{number}: {{image: x}}}}"
        for number in range(300)
    }
    made = project(files, "0.yaml")
    assert len(made.containers) == 101
    assert "100 files include each other" in only(made).message
    chain = [f"s{number}: {{extends: s{number + 1}}}" for number in range(2000)]
    made = project("services: {" + ", ".join(chain) + ", s2000: {image: x}}")
    assert any("100 services extend each other" in problem.message for problem in made.problems)


def test_deep_values_are_read_merged_and_copied() -> None:
    lines = ["x-0: &a0 {k: v}"]
    lines += [f"x-{level}: &a{level} {{k: *a{level - 1}}}" for level in range(1, 2000)]
    lines.append("services: {a: {image: x, x-d: *a1999}, b: {extends: a, x-d: *a1998}}")
    made = project(
        {"compose.yaml": "\n".join(lines), "o.yaml": "\n".join(lines)}, "compose.yaml", "o.yaml"
    )
    assert made.problems == ()


_LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(max_size=8),
    st.sampled_from(["./a:/b", "${X}:/y", "data:/d:ro", "$", "a", "!reset x", "*a", "2001-01-01"]),
)
_KEYS = st.sampled_from(
    ["services", "volumes", "secrets", "configs", "a", "image", "build", "tmpfs", "environment",
     "extends", "include", "depends_on", "type", "source", "target", "deploy", "develop", "networks"]
)  # fmt: skip
_TREES = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_KEYS, inner, max_size=4)),
    max_leaves=20,
)


@settings(max_examples=150, deadline=None)
@given(_TREES, st.booleans(), st.booleans())
def test_nothing_raises(tree: object, partial: bool, known: bool) -> None:
    import json

    text = json.dumps({"services": {"a": tree}, "volumes": tree, "x-a": tree})
    request = Request(PROJECT, ("compose.yaml",), partial=partial, env={} if known else None)
    made = to_project(load_project(request, Memory({"compose.yaml": text})))
    for problem in made.problems:
        assert 0 <= problem.span.start <= problem.span.end <= len(problem.span.source.text)


def test_a_name_with_an_unknown_variable_is_not_judged() -> None:
    text = "services: {web: {image: nginx}}\n"
    assert problems(project(text, project_name="shop-${instance}")) == []
    assert [code for code, _ in problems(project(text, project_name="My Shop"))] == ["VL615"]
