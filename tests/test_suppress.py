"""Ignore comments in every host: where one may stand, what it covers, what is said about useless ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volint.parse.comments import comments
from volint.parse.shelllines import shell_lines
from volint.rule import Finding
from volint.source import Kind, Source, Span
from volint.suppress import ignores, suppress

KNOWN = {
    "VL002": "unused-ignore",
    "VL003": "unknown-rule",
    "VL102": "anonymous-volume",
    "VL204": "missing-read-only",
}
SELECTED = frozenset(KNOWN)


def at(source: Source, place: str, code: str = "VL102", number: int = 0) -> Finding:
    offset = -1
    for _ in range(number + 1):
        offset = source.text.index(place, offset + 1)
    return Finding(code, KNOWN[code], Span(source, offset, offset + len(place)), "m")


def covered(source: Source) -> list[str]:
    """Return the text that each comment of a source covers; '*' for the whole file."""
    read, complaints = ignores(source)
    assert not complaints
    return ["*" if ignore.covers is None else source.text[slice(*ignore.covers)] for ignore in read]


def hidden(source: Source, place: str, code: str = "VL102", number: int = 0) -> bool:
    return suppress([at(source, place, code, number)], [source], KNOWN, ())[1] == 1


def said(source: Source, *found: Finding, require_reason: bool = False) -> list[Finding]:
    kept, _ = suppress(found, [source], KNOWN, SELECTED, require_reason)
    return [finding for finding in kept if finding not in found]


# -- what a comment says


def one(text: str) -> Source:
    return Source("a.sh", f"{text}\ndocker run x\n", Kind.SHELL)


def test_codes_names_and_the_reason_have_places() -> None:
    source = one("# volint: ignore[VL102, missing-read-only] -- made by CI")
    [ignore] = ignores(source)[0]
    assert [text.value for text in ignore.codes] == ["VL102", "missing-read-only"]
    assert [text.span.text() for text in ignore.codes] == ["VL102", "missing-read-only"]
    assert ignore.reason is not None
    assert ignore.reason.value == ignore.reason.span.text() == "made by CI"
    assert ignore.span.text() == "# volint: ignore[VL102, missing-read-only] -- made by CI"
    assert ignore.brackets.text() == "VL102, missing-read-only"


@pytest.mark.parametrize(
    "text",
    ["#volint:ignore[VL102]", "## volint:   ignore [ VL102 ]", "# why not # volint: ignore[vl102]"],
)
def test_blanks_do_not_matter(text: str) -> None:
    assert hidden(one(text), "docker")


@pytest.mark.parametrize(
    ("text", "message", "advice"),
    [
        (
            "# volint: ignore",
            "'ignore' does not say which rules",
            "name them, e.g. 'ignore[VL102]'",
        ),
        ("# volint: ignore[]", "'ignore' does not say which rules", "name them"),
        ("# volint: ignore[VL102", "'ignore' does not say which rules", "name them"),
        ("# volint: ignore VL102", "'ignore' does not say which rules", "name them"),
        ("# volint: ingore[VL102]", "'ingore' is nothing a comment", "did you mean 'ignore[...]'?"),
        ("# volint: see [the docs]", None, None),
        (
            "# volint: ignore-file[VL102]",
            "'ignore-file' is nothing a",
            "did you mean 'file-ignore[",
        ),
        (
            "# volint: disable[VL102]",
            "'disable' is nothing a comment",
            "did you mean 'ignore[...]'?",
        ),
        ("# volint: see the docs", None, None),
        ("# volint:", None, None),
    ],
)
def test_what_cannot_be_understood(text: str, message: str | None, advice: str | None) -> None:
    found = said(one(text))
    if message is None:
        assert found == []
    else:
        [finding] = found
        assert (finding.code, finding.name) == ("VL003", "unknown-rule")
        assert finding.message.startswith(message)
        assert advice is not None
        assert finding.help.startswith(advice)


# -- YAML

YAML = """\
# volint: ignore[VL102] everything
services:
  # volint: ignore[VL204] all of db
  # and why

  db:
    image: postgres   # volint: ignore[VL102] image
    volumes:
      # volint: ignore[VL102] the first
      - type: volume
        target: /a
      - /b # a comment # volint: ignore[VL204]
      - "/c # volint: ignore[VL102]"
    command: |
      # volint: ignore[VL102]
      echo
    # volint: ignore[VL102] labels
    labels: {a: b}
    # volint: ignore[VL102] nothing
  web: {image: nginx}
"""


def test_yaml() -> None:
    first, second, third, fourth, fifth, sixth, last = covered(
        Source("compose.yaml", YAML, Kind.COMPOSE)
    )
    assert first.startswith("services:")
    assert first.endswith("web: {image: nginx}")
    assert second.startswith("db:")
    assert second.rstrip().endswith("labels: {a: b}")
    assert third == "    image: postgres   "
    assert fourth == "- type: volume\n        target: /a"
    assert fifth == "      - /b # a comment "
    assert sixth == "labels: {a: b}"
    assert last == ""


def test_yaml_sequences_at_the_indentation_of_their_key() -> None:
    source = Source(
        "c.yaml",
        "a:\n# volint: ignore[VL102]\n- x\n- y\n# volint: ignore[VL102]\nb: c\n",
        Kind.COMPOSE,
    )
    assert covered(source) == ["- x", "b: c"]


def test_a_comment_behind_a_block_scalar_is_none_of_its_text() -> None:
    text = "a: |\n  text\n  # volint: ignore[VL102]\n# volint: ignore[VL204] b\nb: c\n"
    assert covered(Source("c.yaml", text, Kind.COMPOSE)) == ["b: c"]


def test_a_comment_in_the_shell_text_of_a_workflow() -> None:
    text = (
        "on: push\njobs:\n  a:\n    steps:\n      # volint: ignore[VL204] step\n      - run: |\n"
        "          cd x\n          # volint: ignore[VL102] one\n          docker run \\\n"
        "            -v /a x\n          docker run y\n"
    )
    source = Source(".github/workflows/a.yml", text, Kind.CI)
    step, command = covered(source)
    assert step.startswith("- run: |")
    assert command == "docker run \\\n            -v /a x"
    assert hidden(source, "-v /a")
    assert not hidden(source, "docker run y")


def test_yaml_that_does_not_parse_still_has_file_ignores() -> None:
    source = Source("c.yaml", "# volint: file-ignore[VL102]\na: [\n", Kind.COMPOSE)
    assert "*" in covered(source)


# -- shell

SHELL = """\
#!/bin/sh
# volint: file-ignore[VL204] all
# volint: ignore[VL102] first

docker run \\
  -v /a \\
  image && \\
  docker run -v /b image
docker run -v /c image  # volint: ignore[VL102] c
echo "# volint: ignore[VL102]"
cat <<EOF
# volint: ignore[VL102]
EOF
OPTIONS=(
  -v /d  # volint: ignore[VL102] array
)
docker run -v /e image ${x# volint: ignore[VL102]}
a |
  # volint: ignore[VL102] in a pipeline
  docker run -v /f image
# volint: ignore[VL102] last
"""


def test_shell() -> None:
    every, first, trailing, array, pipeline, last = covered(Source("a.sh", SHELL, Kind.SHELL))
    assert every == "*"
    assert first == "docker run \\\n  -v /a \\\n  image && \\\n  docker run -v /b image"
    assert trailing == "docker run -v /c image"
    assert array.startswith("OPTIONS=(")
    assert pipeline.strip() == "docker run -v /f image"
    assert last == ""


@given(st.text("#'\"\\\n<E()=|&a $`{}-", max_size=60))
def test_shell_lines_are_in_order_and_inside(text: str) -> None:
    found = shell_lines(text)
    ends = [place for line in found.lines for place in line]
    assert ends == sorted(ends)
    assert all(0 <= start < end <= len(text) for start, end in found.lines)
    assert all(text[start] == "#" for start, _ in found.comments)


# -- Dockerfile, .dockerignore

DOCKERFILE = """\
# syntax=docker/dockerfile:1
# volint: file-ignore[VL204] all
FROM alpine
  # volint: ignore[VL102] run
# more
RUN a \\
 && b \\
 && c
COPY <<EOF /x
# volint: ignore[VL102]
EOF
"""


def test_dockerfile() -> None:
    source = Source("Dockerfile", DOCKERFILE, Kind.DOCKERFILE)
    assert covered(source) == ["*", "RUN a \\\n && b \\\n && c"]


@pytest.mark.parametrize(
    "text",
    [
        "FROM alpine\nVOLUME /a # volint: ignore[VL102]\n",
        "FROM alpine\nRUN a \\\n# volint: ignore[VL102]\n  && b\n",
    ],
)
def test_where_a_dockerfile_has_no_comments(text: str) -> None:
    source = Source("Dockerfile", text, Kind.DOCKERFILE)
    assert not hidden(source, "alpine")
    [finding] = said(source)
    assert finding.code == "VL002"
    assert finding.help == "put it on a line of its own above"


def test_dockerignore() -> None:
    text = "# volint: ignore[VL102] a\n# b\n\n*.log\n!x\n"
    assert covered(Source(".dockerignore", text, Kind.DOCKERIGNORE)) == ["*.log"]
    [finding] = said(Source(".dockerignore", "*.log # volint: ignore[VL102]\n", Kind.DOCKERIGNORE))
    assert "only a '#' in the first column" in finding.message


# -- recipes

MAKEFILE = """\
# volint: ignore[VL102] rule
up: x
\t@echo
\tdocker run \\
\t  -v /a image

\tdocker run -v /b image
# volint: ignore[VL102] variable
V = a \\
  b
down:
\t# volint: ignore[VL102] line
\tdocker run -v /c image
\tdocker run -v /d image # volint: ignore[VL204] d
"""


def test_makefile() -> None:
    rule, variable, line, trailing = covered(Source("Makefile", MAKEFILE, Kind.MAKEFILE))
    assert rule.startswith("up: x")
    assert rule.endswith("-v /b image")
    assert variable == "V = a \\\n  b"
    assert line == "\tdocker run -v /c image"
    assert trailing == "\tdocker run -v /d image "


def test_justfile() -> None:
    text = "# volint: ignore[VL102]\nup:\n    docker run -v /a image\n\ndown:\n    b\n"
    [cover] = covered(Source("justfile", text, Kind.JUSTFILE))
    assert cover == "up:\n    docker run -v /a image"


# -- Markdown

MARKDOWN = """\
# Title

<!-- volint: ignore[VL102] example -->

```sh
docker run -v /a image

# volint: ignore[VL102] text of the document
<!-- volint: ignore[VL102] likewise -->
```

<!-- other -->
<!-- volint: ignore[VL204]
     two lines -->
A `docker run` here,
and here.

And `docker run` there. <!-- volint: ignore[VL102] this line -->

<!-- volint: ignore[VL102] -->
1. Item

   ~~~
   docker run -v /b image

   x
   ~~~
"""


def test_markdown() -> None:
    fence, paragraph, inline, item = covered(Source("README.md", MARKDOWN, Kind.MARKDOWN))
    assert fence.startswith("```sh")
    assert fence.endswith("```")
    assert paragraph == "A `docker run` here,\nand here."
    assert inline.startswith("And `docker run` there.")
    assert item == "1. Item"


def test_markdown_fence_in_a_list() -> None:
    text = "<!-- volint: ignore[VL102] why -->\n- ```sh\n  a\n\n  b\n  ```\nc\n"
    source = Source("README.md", text, Kind.MARKDOWN)
    assert covered(source) == ["- ```sh\n  a\n\n  b\n  ```"]
    [ignore] = ignores(source)[0]
    assert ignore.reason is not None
    assert ignore.reason.value == "why"


def test_markdown_code_is_no_comment() -> None:
    text = (
        "Write `<!-- volint: ignore[...] why -->` or ``a ` <!-- volint: ignore[VL1] -->`` above it.\n"
        "And `docker run` <!-- volint: ignore[VL102] `here` -->\n"
    )
    source = Source("README.md", text, Kind.MARKDOWN)
    read, complaints = ignores(source)
    assert not complaints
    assert [[code.value for code in ignore.codes] for ignore in read] == [["VL102"]]


# -- units, env files, JSON


def test_units_and_quadlets() -> None:
    text = (
        "; volint: ignore[VL102] section\n[Container]\nVolume=/a\n# volint: ignore[VL204] line\n"
        "Exec=a \\\n  b\nImage=c # volint: ignore[VL102]\n\n[Service]\nRestart=always\n"
    )
    section, line = covered(Source("a.container", text, Kind.QUADLET))
    assert section.startswith("[Container]\nVolume=/a")
    assert "[Service]" not in section
    assert line == "Exec=a \\\n  b"


def test_env_file() -> None:
    text = (
        "# volint: ignore[VL102]\nA=b\nC=d # volint: ignore[VL204] d\nE=f#volint: ignore[VL102]\n"
    )
    assert covered(Source(".env", text, Kind.ENV_FILE)) == ["A=b", "C=d "]


def test_devcontainer() -> None:
    text = (
        '{\n  // volint: ignore[VL102] both\n  "mounts": ["a", {"b": 1}],\n'
        '  "x": "http://a", // volint: ignore[VL204] x\n'
        '  "y": "// volint: ignore[VL102]"\n}\n'
    )
    both, line = covered(Source(".devcontainer.json", text, Kind.DEVCONTAINER))
    assert both == '"mounts": ["a", {"b": 1}]'
    assert line == '  "x": "http://a", '


def test_hosts_without_comments_have_none() -> None:
    text = '{"scripts": {"a": "docker run # volint: ignore[VL102]"}}'
    assert comments(Source("package.json", text, Kind.PACKAGE_JSON)) == ()


# -- what is hidden, what is said


COMPOSE = """\
services:
  db:
    volumes:
      - /a  # volint: ignore[VL102] scratch
      - /b
"""


def test_hidden_findings_are_counted() -> None:
    source = Source("compose.yaml", COMPOSE, Kind.COMPOSE)
    found = [at(source, "/a"), at(source, "/b"), at(source, "/a", "VL204")]
    assert suppress(found, [source], KNOWN, SELECTED) == (found[1:], 1)


def test_a_comment_of_another_file_hides_nothing() -> None:
    source = Source("compose.yaml", COMPOSE, Kind.COMPOSE)
    other = Source("other.yaml", COMPOSE, Kind.COMPOSE)
    assert suppress([at(other, "/a")], [source], KNOWN, ()) == ([at(other, "/a")], 0)


def test_a_name_hides_like_its_code() -> None:
    source = one("# volint: ignore[anonymous-volume]")
    assert hidden(source, "docker")
    assert not hidden(source, "docker", "VL204")


def fixed(source: Source, finding: Finding) -> str:
    assert finding.fix is not None
    [edit] = finding.fix.edits
    text = source.text
    return text[: edit.span.start] + edit.replacement + text[edit.span.end :]


def test_an_unused_comment_is_said_and_can_be_removed() -> None:
    source = one("a\n  # volint: ignore[VL102] why")
    [finding] = said(source)
    assert (finding.code, finding.name) == ("VL002", "unused-ignore")
    assert finding.message == "This ignore comment hides nothing: 'VL102' finds nothing here"
    assert finding.span.text() == "# volint: ignore[VL102] why"
    assert fixed(source, finding) == "a\ndocker run x\n"


def test_an_unused_trailing_comment_leaves_its_line() -> None:
    source = Source("compose.yaml", COMPOSE, Kind.COMPOSE)
    [finding] = said(source)
    assert fixed(source, finding) == COMPOSE.replace("  # volint: ignore[VL102] scratch", "")


def test_a_comment_that_is_used_in_part_loses_the_rest() -> None:
    source = one("# volint: ignore[VL204, VL102] why")
    [finding] = said(source, at(source, "docker"))
    assert finding.message == "'VL204' in this ignore comment hides nothing"
    assert finding.span.text() == "VL204"
    assert fixed(source, finding).startswith("# volint: ignore[VL102] why\n")


def test_an_unused_file_ignore() -> None:
    source = one("# volint: file-ignore[VL102, VL204]")
    [finding] = said(source)
    assert finding.message == (
        "This ignore comment hides nothing: 'VL102' and 'VL204' find nothing in this file"
    )


def test_a_rule_that_did_not_run_cannot_show_that_a_comment_is_unused() -> None:
    source = one("# volint: ignore[VL102]")
    assert suppress([], [source], KNOWN, {"VL002", "VL204"}) == ([], 0)
    assert suppress([], [source], KNOWN, {"VL102"}) == ([], 0)


@pytest.mark.parametrize(
    ("word", "advice"),
    [
        ("VL1O2", "did you mean 'VL102'?"),
        ("missing-readonly", "did you mean 'missing-read-only'?"),
        ("VL1", "name each rule, or set 'per-file-ignores' in the configuration"),
        ("XYZ", "`volint rules` lists them (is its pack installed?)"),
    ],
)
def test_an_unknown_rule(word: str, advice: str) -> None:
    source = one(f"# volint: ignore[{word}, VL102]")
    [finding] = said(source, at(source, "docker"))
    assert (finding.code, finding.name) == ("VL003", "unknown-rule")
    assert finding.message == f"There is no rule '{word}'"
    assert finding.help == advice
    assert finding.span.text() == word


def test_a_reason_can_be_required() -> None:
    source = one("# volint: ignore[VL102]")
    found = at(source, "docker")
    [finding] = said(source, found, require_reason=True)
    assert "because it does not say why" in finding.message
    kept, count = suppress([found], [source], KNOWN, SELECTED, True)
    assert (kept, count) == ([found, finding], 0)
    reasoned = one("# volint: ignore[VL102] because")
    assert suppress([at(reasoned, "docker")], [reasoned], KNOWN, SELECTED, True) == ([], 1)


def test_complaints_about_comments_can_be_ignored_too() -> None:
    source = one("# volint: file-ignore[VL002] shared with another branch\n# volint: ignore[VL204]")
    assert said(source) == []
    assert suppress([], [source], KNOWN, SELECTED)[1] == 1


@pytest.mark.parametrize("kind", list(Kind))
@given(
    text=st.lists(
        st.sampled_from(
            [
                "# volint: ignore[VL102]",
                "<!-- volint: file-ignore[VL102] -->",
                "//volint: ignore[a]",
                "\n",
                " ",
                "a:",
                "- ",
                "|",
                "```",
                "\\",
                "\t",
                '"',
                "RUN x",
                "<<EOF",
                "{",
                "]",
                "\r\n",
            ]
        ),
        max_size=14,
    ).map("".join)
)
def test_any_text_of_any_kind_is_read(kind: Kind, text: str) -> None:
    source = Source("a", text, kind)
    for comment in comments(source):
        for first, last in (comment.body, comment.covers, comment.remove):
            assert 0 <= first <= last <= len(text)
        assert comment.remove[0] <= comment.start < comment.end <= len(text)
    ignores(source)
