"""Stages: what variables stand for, what is inherited, what RUN mounts and COPY takes."""

from __future__ import annotations

import pytest

from volint.assemble.copysources import SourceKind, copy_destination, copy_sources
from volint.assemble.stages import StagesResult, stages
from volint.model import Mount, MountKind, Stage, Step, StepKind, Syntax
from volint.parse.dockerfile import parse
from volint.source import Kind, Source


def read(
    text: str, args: dict[str, str] | None = None, target: str | None = None, symbolic: bool = True
) -> StagesResult:
    tree, problems = parse(Source("Dockerfile", text, Kind.DOCKERFILE))
    assert not problems
    return stages(tree, args, target, symbolic)


def last(text: str, **options: object) -> Stage:
    result = read(text, **options)  # type: ignore[arg-type]
    assert not result.problems
    return result.stages[-1]


def volumes(text: str, **options: object) -> list[str]:
    return [volume.value for volume in last(text, **options).volumes]


def step(text: str) -> Step:
    return last(text).steps[-1]


def mount(flag: str, above: str = "") -> Mount:
    return step(f"FROM a\n{above}RUN --mount={flag} x").mounts[0]


def complaint(text: str) -> tuple[str, str, str]:
    result = read(text, symbolic=False)
    assert len(result.problems) == 1, result.problems
    problem = result.problems[0]
    return problem.code, problem.span.text(), problem.message


# -- variables


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ("ENV D=/d\nVOLUME $D", ["/d"]),
        ("ARG D=/d\nVOLUME ${D}/x", ["/d/x"]),
        ("ENV a=1\nENV a=2 b=$a\nVOLUME /$b", ["/1"]),
        ("ARG a=1 b=$a\nVOLUME /$b", ["/1"]),
        ("ENV D=/e\nARG D=/a\nVOLUME $D", ["/a"]),
        ("ARG D=/a\nENV D=/e\nVOLUME $D", ["/e"]),
        ("ENV D='/a b'\nVOLUME \"$D\"", ["/a b"]),
        ('ENV D=/d\nVOLUME ["$D/x", "/y"]', ["/d/x", "/y"]),
        (
            "ENV D=/a/b/c\nVOLUME ${D%/*} ${D%%b*} ${D#*/} ${D/b/x}",
            ["/a/b", "/a/", "a/b/c", "/a/x/c"],
        ),
        ("ENV E=\nVOLUME ${E:-/d} ${E:+/x}/y", ["/d", "/y"]),
        ("VOLUME \\$D", ["$D"]),
        ("VOLUME /a/ /a rel", ["/a/", "/a", "rel"]),
    ],
)
def test_expansion(lines: str, found: list[str]) -> None:
    assert volumes(f"FROM scratch\n{lines}") == found


def test_global_arguments_need_a_declaration_in_the_stage() -> None:
    text = "ARG V=1\nFROM a:$V\n{}VOLUME /x$V\n"
    assert volumes(text.format("ARG V\n")) == ["/x1"]
    assert last(text.format("")).base.value == "a:1"
    assert last(text.format("")).volumes[0].unresolved == ("V",)
    assert last(text.format(""), symbolic=False).volumes[0].value == "/x"


def test_arguments_from_outside_win_over_defaults_of_declared_ones() -> None:
    text = "FROM a\nARG D=/d\nVOLUME $D $E"
    assert volumes(text, args={"D": "/x", "E": "/y"}, symbolic=True) == ["/x", "$E"]


def test_what_is_unknown_keeps_its_text_and_its_name() -> None:
    stage = last("FROM a\nARG U\nENV P=$U/data\nVOLUME ${P}/x $PATH ${U:-/d} ${TARGETARCH}")
    assert [(volume.value, volume.unresolved) for volume in stage.volumes] == [
        ("$U/data/x", ("U",)),
        ("$PATH", ("PATH",)),
        ("${U:-/d}", ("U",)),
        ("${TARGETARCH}", ("TARGETARCH",)),
    ]
    assert [volume.span.text() for volume in stage.volumes[:2]] == ["${P}/x", "$PATH"]


def test_scratch_sets_nothing_that_is_unknown() -> None:
    assert volumes("FROM scratch\nVOLUME /a$NOTHING") == ["/a"]


def test_a_platform_variable_in_from_means_the_stage_for_linux() -> None:
    result = read("FROM a AS b-linux\nUSER u\nFROM b-${TARGETOS}\nRUN x")
    assert result.stages[1].base.value == "b-${TARGETOS}"
    assert result.stages[1].base_index == 0
    assert str(result.stages[1].user) == "u"


def test_an_unknown_variable_in_from_may_mean_any_stage_it_fits() -> None:
    result = read("ARG K\nFROM a AS b-x\nFROM a AS b-y\nFROM a AS c\nFROM b-$K\nRUN x")
    assert result.stages[3].base_index is None
    assert result.reachable == {0, 1, 3}


def test_a_value_that_grows_without_end_becomes_unknown() -> None:
    result = read("FROM scratch\nENV a=xxxxxxxx\n" + "ENV a=$a$a\n" * 100)
    assert len(result.stages[0].env["a"].value) < 1 << 20


# -- state


def test_stages_inherit_from_stages() -> None:
    stage = last("FROM a AS b\nUSER u\nWORKDIR /w\nVOLUME /v\nENV E=1\nARG A=2\nFROM b\nRUN x")
    assert stage.base_index == 0
    assert str(stage.user) == "u"
    assert stage.workdir == "/w"
    assert [volume.value for volume in stage.volumes] == ["/v"]
    assert stage.steps[0].environment == {"E": "1", "A": "2"}
    assert dict(stage.env).keys() == {"E"}


def test_stage_names_are_found_as_written_and_by_from_in_any_case() -> None:
    result = read("FROM a AS Build\nFROM Build\nCOPY --from=BUILD x y", symbolic=False)
    assert result.stages[1].base_index is None
    assert result.stages[1].steps[0].from_index == 0


def test_state_before_each_step() -> None:
    stage = last("FROM a\nRUN 1\nWORKDIR w\nUSER u\nENV E=1\nRUN 2\nWORKDIR ../x")
    first, second = (found for found in stage.steps if found.kind is StepKind.RUN)
    assert (first.workdir, first.user, dict(first.environment)) == ("/", "", {})
    assert (second.workdir, second.user, dict(second.environment)) == ("/w", "u", {"E": "1"})
    assert stage.workdir == "/x"


def test_entrypoint_takes_back_a_command_of_the_stage_below() -> None:
    assert last("FROM a AS b\nCMD c\nFROM b\nENTRYPOINT e").command == ()
    assert last('FROM a\nCMD ["c"]\nENTRYPOINT e').command is not None
    assert last("FROM a").command is None


def test_shell_form_stands_behind_the_shell() -> None:
    stage = last('FROM a\nSHELL ["/bin/bash", "-c"]\nCMD run me')
    assert [str(word) for word in stage.command or ()] == ["/bin/bash", "-c", "run me"]


def test_triggers_run_in_the_next_stage_only() -> None:
    text = "FROM a AS b\nONBUILD VOLUME /t\nFROM b AS c\nUSER u\nFROM c"
    result = read(text)
    assert [len(stage.volumes) for stage in result.stages] == [0, 1, 1]
    kinds = [[found.kind.value for found in stage.steps] for stage in result.stages]
    assert kinds == [["ONBUILD"], ["VOLUME", "USER"], []]
    assert result.stages[1].steps[0].onbuild
    assert [str(word) for word in result.stages[0].steps[0].words] == ["VOLUME", "/t"]


def test_reachable_stages_and_target() -> None:
    text = (
        "FROM a AS x\nFROM a AS y\nFROM a AS z\nCOPY --from=x 1 2\nRUN --mount=from=y,target=/y 3"
    )
    assert read(text).reachable == {0, 1, 2}
    assert read(text, target="Y").reachable == {1}
    assert read(text, target="Y").target_index == 1
    missing = read(text, target="nope")
    assert missing.target_index is None
    assert missing.reachable == frozenset()


def test_global_arguments_are_steps() -> None:
    result = read("ARG A=1 B\nFROM a")
    names = [(str(name), value and str(value)) for name, value in result.global_args[0].pairs]
    assert names == [("A", "1"), ("B", None)]


# -- mounts


def test_mount_of_the_context() -> None:
    found = mount("source=conf,target=etc", "WORKDIR /w\n")
    assert (found.kind, found.syntax, found.read_only) == (MountKind.BIND, Syntax.RUN_MOUNT, True)
    assert (str(found.source), str(found.target)) == ("conf", "/w/etc")
    assert found.target.span.text() == "etc"
    assert found.span.text() == "--mount=source=conf,target=etc"


def test_cache() -> None:
    found = mount("type=cache,dst=$D/c/,sharing=locked,mode=0700", "ENV D=/d\n")
    assert found.kind is MountKind.VOLUME
    assert not found.read_only
    options = {name: option.value for name, option in found.options.items()}
    assert options == {"type": "cache", "id": "/d/c", "sharing": "locked", "mode": 0o700}


@pytest.mark.parametrize(
    ("flag", "source", "target"),
    [
        ("type=secret,id=a/b", "a/b", "/run/secrets/b"),
        ("type=secret,target=/x/y", "y", "/x/y"),
        ("type=secret,id=s,env=E", "s", ""),
        ("type=secret,id=s,env=E,dst=f", "s", "f"),
        ("type=ssh", "default", "/run/buildkit/ssh_agent.0"),
        ("type=ssh,id=k,target=/s", "k", "/s"),
    ],
)
def test_secrets(flag: str, source: str, target: str) -> None:
    found = mount(flag)
    assert found.kind is MountKind.SECRET
    assert (str(found.source), str(found.target)) == (source, target)


def test_mount_of_a_stage() -> None:
    found = step("FROM a AS b\nFROM a\nRUN --mount=from=B,source=/o,target=/x y").mounts[0]
    assert found.options["stage"].value == 0
    assert found.options["from"].value == "B"


def test_mount_of_unknown_type_is_left_out() -> None:
    assert not step("FROM a\nARG T\nRUN --mount=type=$T,target=/x y").mounts


@pytest.mark.parametrize(
    ("flag", "place"),
    [
        ("type=volume,target=/x", "volume"),
        ("type=bind,target=/", "/"),
        ("type=bind,target=/x,bogus", "bogus"),
        ("type=bind,typ=cache", "typ=cache"),
        ("size=1m,type=tmpfs,target=/x", "size=1m"),
        ("type=tmpfs,target=/x,size=big", "big"),
        ("required,type=secret,id=x", "required"),
        ("type=secret", "type=secret"),
        ("type=secret,id=a,source=b", "b"),
        ("type=bind,target=/x,mode=0700", "0700"),
        ("type=bind,target=/x,ro=maybe", "maybe"),
        ("type=bind,target=/x,", "type=bind,target=/x,"),
        ("type=cache,target=/x,sharing=all", "all"),
        ("type=bind,from=$X,target=/x", "$X"),
        ("type=ssh,source=x", "x"),
    ],
)
def test_refused_mounts(flag: str, place: str) -> None:
    code, where, _message = complaint(f"FROM a\nRUN --mount={flag} y")
    assert (code, where) == ("VL601", place)


def test_refused_volume() -> None:
    assert complaint("FROM a\nVOLUME $UNSET")[:2] == ("VL601", "$UNSET")


# -- COPY


def sources(line: str, above: str = "FROM a AS b\n") -> list[tuple[SourceKind, str, str]]:
    found = step(f"{above}FROM a\n{line}")
    return [(source.kind, source.root, source.pattern) for source in copy_sources(found)]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("COPY . /x", [(SourceKind.CONTEXT, "/", "")]),
        (
            "COPY ../a /b/*.txt ./",
            [(SourceKind.CONTEXT, "/", "a"), (SourceKind.CONTEXT, "/", "b/*.txt")],
        ),
        ("COPY --from=b /o /x", [(SourceKind.STAGE, "/", "o")]),
        ("COPY --from=0 /o /x", [(SourceKind.STAGE, "/", "o")]),
        ("COPY --from=nginx:1 /o /x", [(SourceKind.IMAGE, "/", "o")]),
        ("COPY --from= o /x", [(SourceKind.CONTEXT, "/", "o")]),
        ("COPY --parents a/./b/c /x", [(SourceKind.CONTEXT, "/a", "b/c")]),
        ("COPY --parents a/b /x", [(SourceKind.CONTEXT, "/", "a/b")]),
        ("COPY a <<E /x/\nbody\nE", [(SourceKind.CONTEXT, "/", "a"), (SourceKind.HEREDOC, "", "")]),
        ("ADD https://x.org/a.tgz /x", [(SourceKind.URL, "", "")]),
        ("ADD https://x.org/a.git#main:sub /x", [(SourceKind.GIT, "", "")]),
        ("ADD git@x.org:a/b.git /x", [(SourceKind.GIT, "", "")]),
    ],
)
def test_copy_sources(line: str, found: list[tuple[SourceKind, str, str]]) -> None:
    assert sources(line) == found


def test_heredoc_sources_are_expanded_unless_quoted() -> None:
    found = step("FROM a\nENV E=1\nCOPY <<A <<'B' /x/\n$E \\$E\nA\n$E\nB")
    assert [str(source.body) for source in copy_sources(found)] == ["1 $E\n", "$E\n"]


@pytest.mark.parametrize(
    ("path", "found"),
    [("x", "/w/x"), (".", "/w/"), ("x/", "/w/x/"), ("/y/../z/", "/z/"), ("/", "/")],
)
def test_copy_destination(path: str, found: str) -> None:
    assert copy_destination(step(f"FROM a\nWORKDIR /w\nCOPY a {path}")) == found


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("FROM $NO", "$NO"),
        ("FROM A:", "A:"),
        ("FROM a\nCOPY --from=3 x y", "3"),
        ("FROM a\nARG X\nCOPY --from=$X x y", "$X"),
        ("FROM a AS b\nCOPY --from=b x y", "b"),
        ("FROM a\nCOPY --from=c x y\nFROM a AS c", "c"),
        ("FROM a\nRUN --mount=from=c,target=/x y\nFROM a AS c", "c"),
        ("FROM a\nCOPY https://x.org/a /x", "https://x.org/a"),
        ("FROM a\nCOPY --chmod=9 x y", "9"),
        ("FROM a\nUSER ${X:?who}", "${X:?who}"),
        ("FROM a\nEXPOSE web", "web"),
        ("FROM a\nSTOPSIGNAL now", "now"),
    ],
)
def test_what_does_not_build(text: str, place: str) -> None:
    code, where, _message = complaint(text)
    assert (code, where) == ("VL001", place)


def test_a_secret_in_a_broken_value_is_not_quoted() -> None:
    assert "hunter2" not in complaint('FROM a\nENV PASSWORD="hunter2')[2]
