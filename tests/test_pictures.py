"""Pictures of storage: what they show of projects and findings, and that no name can break out of a format.

`VOLINT_UPDATE=1 pytest tests/test_pictures.py` writes the goldens anew; read the difference in review. What a browser makes
of them is tested where there is one: tests/test_browser.py.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import time
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from realcommand import Run, tree, volint

from volint.report import PICTURES
from volint.report.drawing import fit
from volint.report.graph import Access, Graph, NodeKind, StorageMap, storage_map
from volint.report.layout import rows
from volint.report.mounts_dot import quoted
from volint.report.mounts_mermaid import label
from volint.report.style import _COLORS
from volint.session import Session

FIXTURES = Path(__file__).parent / "fixtures"
GOLDEN = FIXTURES / "output" / "pictures"
DOT = shutil.which("dot") or ""
CASES = ("shop", "alternatives", "overlays")


def golden(name: str, text: str) -> None:
    file = GOLDEN / name
    if os.environ.get("VOLINT_UPDATE"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


def project(case: str, tmp_path: Path) -> Path:
    """Return a copy of a repository of tests/fixtures/projects, in a folder whose name says nothing."""
    return Path(shutil.copytree(FIXTURES / "projects" / case, tmp_path / case))


def picture(root: Path, format: str, *more: str) -> str:
    done = volint(root, "mounts", "--format", format, *more)
    assert done.err == ""
    return done.out


def seen(root: Path) -> StorageMap:
    session = Session({"paths": (".",)}, cwd=str(root))
    discovery = session.discovery()
    with session.knowledge():
        workspace = session.workspace(discovery)
        found = session.result(workspace, discovery).findings
    return storage_map(workspace.projects, found)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("format", ["mermaid", "dot"])
def test_text(case: str, format: str, tmp_path: Path) -> None:
    golden(f"{case}.{format}", picture(project(case, tmp_path), format))


@pytest.mark.parametrize("case", CASES)
def test_page(case: str, tmp_path: Path) -> None:
    """The tables and words of the page; the drawing has another version of the library's coordinates in it."""
    text = picture(project(case, tmp_path), "html")
    body = text[text.index("<body>") : text.index("<script>")]
    golden(
        f"{case}.html",
        re.sub(r"(<svg [^>]*?)( viewBox.*?)>.*?</svg>", r"\1>...</svg>", body, flags=re.S),
    )


# What is in a graph


@pytest.fixture
def shop(tmp_path: Path) -> StorageMap:
    return seen(project("shop", tmp_path))


def node(graph: Graph, label: str) -> str:
    [found] = [node.id for node in graph.nodes if node.label == label]
    return found


def codes_at(shown: StorageMap, graph: Graph, target: str) -> list[str]:
    [edge] = [edge for edge in graph.edges if edge.target == target]
    return shown.codes(edge.marks)


def test_findings_are_marked_in_the_project_they_are_of(shop: StorageMap) -> None:
    production, plain, script = shop.graphs
    assert (production.title, plain.title) == ("shop (production)", "shop")
    assert codes_at(shop, production, "/app") == ["VL201"]
    assert codes_at(shop, plain, "/app") == []
    assert codes_at(shop, plain, "/var/lib/postgresql/data") == ["VL103"]
    web = next(node for node in production.nodes if node.label == "web")
    assert "VL403" in shop.codes(web.marks)
    assert shop.worst(web.marks) is not None
    alpine = next(node for node in script.nodes if node.label == "alpine")
    assert shop.codes(alpine.marks) == ["VL601"]


def test_environments_of_one_thing_are_a_family(shop: StorageMap) -> None:
    assert [[graph.files[0] for graph in family] for family in shop.families()] == [
        ["compose.yaml", "compose.yaml"],
        ["deploy.sh"],
    ]


def test_what_is_mounted(tmp_path: Path) -> None:
    tree(
        tmp_path,
        {
            "compose.yaml": """\
services:
  a:
    image: x
    volumes:
      - data:/data
      - data:/again:ro
      - ./here:/here:${MODE}
      - /scratch
      - {type: tmpfs, target: /tmp, tmpfs: {size: 64m}}
      - {type: image, source: "alpine:3.20", target: /image}
    tmpfs: [/run]
    configs: [conf]
    secrets: [key]
  b:
    image: y
    volumes: [./here:/there]
    volumes_from: ["container:elsewhere:ro"]
  c:
    image: z
    profiles: [debug]
volumes: {data: {}, unused: {external: true}}
configs: {conf: {file: ./conf}}
secrets: {key: {file: ./key}}
"""
        },
    )
    [graph] = seen(tmp_path).graphs
    found = {edge.target or edge.detail: edge for edge in graph.edges}
    kinds = {node.id: node.kind for node in graph.nodes}
    labels = {node.id: node.label for node in graph.nodes}
    assert {target: (kinds[edge.storage], edge.access) for target, edge in found.items()} == {
        "/data": (NodeKind.VOLUME, Access.READ_WRITE),
        "/again": (NodeKind.VOLUME, Access.READ_ONLY),
        "/here": (NodeKind.HOST, Access.UNKNOWN),
        "/scratch": (NodeKind.UNNAMED, Access.READ_WRITE),
        "/tmp": (NodeKind.TMPFS, Access.READ_WRITE),
        "/run": (NodeKind.TMPFS, Access.READ_WRITE),
        "/image": (NodeKind.IMAGE, Access.READ_WRITE),
        "/conf": (NodeKind.CONFIG, Access.READ_ONLY),
        "/run/secrets/key": (NodeKind.SECRET, Access.READ_ONLY),
        "/there": (NodeKind.HOST, Access.READ_WRITE),
        "all its mounts": (NodeKind.DONOR, Access.READ_ONLY),
    }
    assert found["/data"].storage == found["/again"].storage
    assert found["/here"].storage == found["/there"].storage
    assert found["/tmp"].storage != found["/run"].storage
    assert labels[found["/tmp"].storage] == "tmpfs 64 MiB"
    assert [node.label for node in graph.nodes if node.off] == ["c"]
    assert {
        node.label: node.detail for node in graph.nodes if node.label in ("unused", "key", "c")
    } == {
        "unused": "external",
        "key": "from file ./key",
        "c": "z, off: profile debug",
    }


def test_rules_run_for_pictures_alone(tmp_path: Path) -> None:
    broken = project("shop", tmp_path)
    tree(broken, {"volint.yaml": "select: [VL999]\n"})
    assert volint(broken, "mounts").status == 0
    assert volint(broken, "mounts", "--format", "dot").status == 2


# Names that try to break out

HOSTILE = {
    "compose.yaml": """\
name: hostile
services:
  "a</script><img src=x onerror=alert(1)>":
    image: "x\\"]; end"
    volumes:
      - "./</script><script>alert(1)</script>:/a"
      - "`whoami`:/b`c`"
      - "./[x] -- y; n0:/c] --> d"
      - type: bind
        source: "./new\\nline \\u202e right \\u2067left\\u2069 #35; &lt; &quot; \\\\n \\\\N %% ]]> <!-- -- "
        target: "/d\\"e'f\\\\"
  "1. list":
    image: "- dash"
    volumes: ["./__init__:/*bold*_it_", "data{}:/x|y", "./~~s~~:/end", "./שלום:/עולם", "./数据:/データ"]
  end: {image: "subgraph", volumes: ["$$math$$:/$$x$$", "./http:/a"]}
  click: {image: "www.example.com/a"}
volumes:
  vol: {driver: "x<b>"}
"""
}


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    return tree(tmp_path / "hostile", HOSTILE)


class Page(HTMLParser):
    """The elements, texts and attributes of a page."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.texts: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    VOID = frozenset({"meta", "br", "wbr", "input"})

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attributes]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.mark.parametrize("arguments", [("mounts", "--format", "html"), ("report",)])
def test_a_page_holds_no_more_elements_than_its_own(
    hostile: Path, arguments: tuple[str, ...]
) -> None:
    page = Page(volint(hostile, *arguments).out)
    assert page.open == []
    assert page.tags.count("script") == 1
    assert not {"img", "iframe", "object", "link", "base"} & set(page.tags)
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]
    text = "".join(page.texts)
    assert "a</script><img src=x onerror=alert(1)>" in text
    assert "\u202e" not in text
    assert "\\u202e" in text


def test_svg_is_xml_with_all_names(hostile: Path) -> None:
    root = ElementTree.fromstring(picture_of(hostile, "svg"))
    texts = "\n".join(root.itertext())
    assert {element.tag.rpartition("}")[2] for element in root.iter()} == {
        "svg", "title", "desc", "style", "rect", "g", "text", "tspan", "path",
    }  # fmt: skip
    for name in (
        "a</script><img src=x onerror=alert(1)>",
        "./שלום",
        "./数据",
        "data{}",
        "`whoami`",
    ):
        assert name in texts
    assert "\u202e" not in texts


def picture_of(root: Path, format: str) -> str:
    return volint(root, "mounts", "--format", format).out


def test_mermaid_has_no_sign_of_its_own_in_a_label(hostile: Path) -> None:
    text = picture_of(hostile, "mermaid")
    for quoted_text in re.findall(r'"([^"\n]*)"', text):
        for part in re.split(r"<br>(?:🛑 |⚠️ |ℹ️ )?", quoted_text):
            assert re.fullmatch(r"([A-Za-z0-9 /,()=.:?-]|#[0-9]+;)*", part)
            assert not re.match(r"[^A-Za-z#]", part)
    assert text.count("\n") == len(text.splitlines())
    lines = [re.sub(r'"[^"]*"', '""', line).strip() for line in text.splitlines()]
    shapes = r'\[""\]|\[\(""\)\]|\[/""/\]|\(\[""\]\)|\{\{""\}\}|\[\[""\]\]'
    for line in lines[3:]:
        assert re.fullmatch(
            rf'end|direction LR|subgraph p\d+\[""\]|p\d+\w+({shapes})|p\d+\w+ (<-->|-\.->|---)\|""\| p\d+\w+'
            r"|classDef \w+ [\w#:,. -]+|class [\w,]+ \w+|linkStyle [\d,]+ [\w#:,-]+",
            line,
        ), line


def test_mermaid_labels() -> None:
    assert label("web") == "web"
    assert label("./a_b") == "#46;/a#95;b"
    assert label('"`#;<&') == "#34;#96;#35;#59;#60;#38;"
    assert label("C:\\new") == "C:#92;#8288;new"


def test_dot_strings() -> None:
    assert quoted('a"b', "c\\N", "&lt;", "") == '"a\\"b\\nc\\\\N\\n&amp;lt;"'


@pytest.mark.skipif(not DOT, reason="Graphviz is not installed")
@pytest.mark.parametrize("case", [*CASES, "hostile"])
def test_graphviz_reads_it(case: str, tmp_path: Path) -> None:
    root = tree(tmp_path / case, HOSTILE) if case == "hostile" else project(case, tmp_path)
    done = subprocess.run(
        [DOT, "-Tsvg"], input=picture_of(root, "dot").encode(), capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    drawn = {
        text
        for element in ElementTree.fromstring(done.stdout).iter()
        for text in (element.text or "").split("\n")
    }
    shown = {" ".join(text.replace("\xa0", " ").split()) for text in drawn}
    graphs = seen(root).graphs
    assert graphs
    for graph in graphs:
        for node in graph.nodes:
            assert " ".join(node.label.split()) in shown


# Pages that are whole and their own


@pytest.mark.parametrize("arguments", [("mounts", "--format", "html"), ("report",)])
def test_a_page_asks_for_nothing(arguments: tuple[str, ...], tmp_path: Path) -> None:
    done = volint(project("shop", tmp_path), *arguments)
    text = done.out
    page = Page(text)
    assert page.open == []
    assert not [
        entry
        for entry in page.attributes
        if entry[1] in ("src", "srcset", "data", "action", "poster")
    ]
    links = {
        value
        for tag, name, value in page.attributes
        if name == "href" and not value.startswith("#")
    }
    assert all(
        link.startswith("https://github.com/volint/volint/blob/main/docs/rules/VL")
        for link in links
    )
    assert "url(" not in text
    assert "@import" not in text
    [policy] = [value for tag, name, value in page.attributes if value.startswith("default-src")]
    script = text[text.index("<script>") + 8 : text.index("</script>")]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )


@pytest.mark.parametrize("arguments", [("mounts", "--format", "html"), ("report",)])
@pytest.mark.parametrize("case", CASES)
def test_every_link_and_label_has_its_place(
    case: str, arguments: tuple[str, ...], tmp_path: Path
) -> None:
    page = Page(volint(project(case, tmp_path), *arguments).out)
    ids = [value for _, name, value in page.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    links = [value[1:] for _, name, value in page.attributes if name == "href" and value[0] == "#"]
    labels = [
        value
        for _, name, value in page.attributes
        if name in ("aria-labelledby", "aria-describedby", "for")
    ]
    assert len(links) > 5
    assert {word for value in (*links, *labels) for word in value.split()} <= set(ids)


def test_tables_say_what_the_drawing_says(tmp_path: Path) -> None:
    text = picture(project("shop", tmp_path), "html")
    drawn = set(re.findall(r'<a href="#(row-[^"]+)"', text))
    assert drawn == set(re.findall(r'<tr id="(row-[^"]+)"', text))
    assert len(drawn) == len(
        re.findall(r'<a href="#row-[^"]+" id="[^"]+" aria-label="[^"]+"', text)
    )


def luminance(color: str) -> float:
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", [0, 1])
def test_contrast(scheme: int) -> None:
    """WCAG 2.2 AA: 4.5 for texts, 3 for lines and frames that mean something."""
    color = {name: pair[scheme] for name, pair in _COLORS.items()}
    for text in ("text", "soft", "link"):
        for ground in ("page", "surface", "note-soft", "warning-soft"):
            assert contrast(color[text], color[ground]) >= 4.5, (text, ground)
    assert contrast(color["text"], color["pill"]) >= 4.5
    for level in ("error", "warning", "note"):
        assert contrast(color["on-level"], color[level]) >= 4.5, level
        for ground in ("page", "surface"):
            assert contrast(color[level], color[ground]) >= 4.5, (level, ground)
    for mark in (
        "line",
        "focus",
        "container",
        "volume",
        "unnamed",
        "host",
        "tmpfs",
        "secret",
        "config",
        "image",
    ):
        assert contrast(color[mark], color["surface"]) >= 3, mark


# Drawings


def test_rows() -> None:
    containers, mounts, storage = rows(3, 4, [(0, 0), (0, 3), (2, 3), (2, 1)])
    assert sorted({*containers}) == sorted(containers)
    for column in (containers, mounts, storage):
        ordered = sorted(column)
        assert all(high - low >= 1 for low, high in pairwise(ordered))
    assert rows(0, 2, []) == ([], [], [0.0, 1.0])
    assert rows(0, 0, []) == ([], [], [])


def many(services: int) -> dict[str, str]:
    lines = ["services:"]
    for number in range(services):
        lines += [
            f"  service-{number:03}:",
            f"    image: registry.example.com/team/application-{number}:1.{number}",
            "    volumes:",
            f"      - shared-{number % 7}:/srv/shared",
            f"      - ./config/{number}:/etc/application:ro",
            f"      - data-{number}:/var/lib/application",
        ]
    names = [f"shared-{number}" for number in range(7)] + [
        f"data-{number}" for number in range(services)
    ]
    return {
        "compose.yaml": "\n".join([*lines, "volumes:", *(f"  {name}:" for name in names)]) + "\n"
    }


def test_a_hundred_services(tmp_path: Path) -> None:
    root = tree(tmp_path, many(100))
    begin = time.perf_counter()
    root_element = ElementTree.fromstring(picture_of(root, "svg"))
    assert time.perf_counter() - begin < 20
    boxes: dict[int, list[tuple[int, int]]] = {}
    width = int(root_element.attrib["width"])
    for rect in root_element.iter("{http://www.w3.org/2000/svg}rect"):
        if rect.get("class") != "body":
            continue
        x, y, wide, tall = (int(rect.attrib[name]) for name in ("x", "y", "width", "height"))
        assert x >= 0
        assert x + wide < width
        boxes.setdefault(tall, []).append((y, x))
    assert sum(map(len, boxes.values())) == 100 + 300 + 207
    cards = sorted((x, y) for y, x in boxes[38])
    assert all(other[1] - one[1] >= 38 for one, other in pairwise(cards) if one[0] == other[0])
    # Where the storage is far away, its name stands on the mount.
    assert "/srv/shared → shared-" in "".join(root_element.itertext())


def test_mermaid_says_when_github_will_not_draw_it(tmp_path: Path) -> None:
    done = volint(tree(tmp_path, many(170)), "mounts", "--format", "mermaid")
    assert done.status == 0
    assert done.err.startswith(
        "note: GitHub draws no Mermaid diagram of more than 500 edges or 50000 characters"
    )
    assert done.out.startswith("flowchart LR\n")


def test_texts_are_cut_in_the_middle() -> None:
    assert fit("/srv", 10) == "/srv"
    assert fit("/a/very/long/path/to/data", 12) == "/a/v…to/data"
    assert fit("データデータデータ", 8) == "デ…ータ"


@pytest.mark.parametrize("format", sorted(PICTURES))
def test_same_bytes_every_time(format: str, tmp_path: Path) -> None:
    root = project("overlays", tmp_path)
    texts = {
        volint(root, "mounts", "--format", format, env={"PYTHONHASHSEED": seed}).out
        for seed in "123"
    }
    assert len(texts) == 1


def test_nothing_to_draw(tmp_path: Path) -> None:
    root = tree(tmp_path, {"Dockerfile": "FROM alpine:3.20\nCOPY a /a\n", "a": "x"})
    assert "0 0 400 20" in picture_of(root, "svg")
    assert "<b>0</b> projects" in picture_of(root, "html")
    assert "1 project without containers or storage left out." in picture_of(root, "html")


# Without the library


@pytest.fixture
def bare(tmp_path: Path) -> dict[str, str]:
    tree(tmp_path / "none", {"igraph.py": "raise ImportError('not here')\n"})
    return {"PYTHONPATH": str(tmp_path / "none")}


def test_svg_says_what_to_install(bare: dict[str, str], tmp_path: Path) -> None:
    done = volint(project("shop", tmp_path), "mounts", "--format", "svg", env=bare)
    assert done == Run(
        2,
        "",
        "error: a drawing needs the package igraph; pip install 'volint[graph]' installs it; "
        "use mermaid or dot, which do without\n",
    )


@pytest.mark.parametrize("arguments", [("mounts", "--format", "html"), ("report",)])
def test_a_page_has_its_tables_all_the_same(
    bare: dict[str, str], tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    done = volint(project("shop", tmp_path), *arguments, env=bare)
    assert done.status == 0
    assert done.err == (
        "note: the page has tables only: a drawing needs the package igraph; pip install 'volint[graph]' installs it\n"
    )
    assert unescape(done.out).count("pip install 'volint[graph]'") == 3
    assert '<tr id="row-p0-m0"' in done.out


@pytest.mark.parametrize("format", ["mermaid", "dot", "table"])
def test_text_needs_no_library(bare: dict[str, str], format: str, tmp_path: Path) -> None:
    root = project("shop", tmp_path)
    assert volint(root, "mounts", "--format", format, env=bare).out == picture_of(root, format)


# The report


def test_report(tmp_path: Path) -> None:
    root = project("shop", tmp_path)
    done = volint(root, "report", "-o", "report.html")
    assert (done.status, done.out, done.err) == (0, "", "")
    text = (root / "report.html").read_text(encoding="utf-8")
    found = json.loads(volint(root, "--format", "json").out)["findings"]
    plain = "".join(Page(text).texts)
    for finding in found:
        assert finding["message"] in plain
        assert f"{finding['file']}:{finding['line']}:{finding['column']}" in plain
        assert f'id="rule-{finding["code"]}"' in text
    assert len(re.findall(r'<li class="finding ', text)) == len(found)
    assert "17 |       - db-data:/var/lib/postgresql/data" in plain
    assert "Unsafe fix: mount it at '/var/lib/postgresql'" in plain
    assert "sk_live_example" not in text
    assert "Not shown: 5 for another persona (--persona)" in plain
    assert '<svg class="drawing" viewBox' in text
    [row] = re.findall(r'<tr><th scope="row"><a href="#project-p0">shop</a>.*?</tr>', text)
    assert re.findall(r"<td class=number>(\d+)</td>", row) == ["2", "4", "1"]


def test_report_of_rules_that_are_chosen(tmp_path: Path) -> None:
    done = volint(project("shop", tmp_path), "report", "--select", "VL201")
    assert len(re.findall(r'<li class="finding ', done.out)) == 1


def test_report_of_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    done = volint(tree(tmp_path, {"compose.yaml": "services: [\n"}), "report")
    assert done.status == 2
    assert "Not seen whole" in done.out


def test_report_of_nothing(tmp_path: Path) -> None:
    done = volint(tmp_path, "report")
    assert done.status == 0
    assert "No findings." in done.out
