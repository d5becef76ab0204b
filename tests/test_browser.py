"""Pages and flowcharts in a real browser.

It runs where Playwright (`volint[browser]`) and a Chromium are there: VOLINT_CHROMIUM names one, `chromium` is looked for.
VOLINT_MERMAID is Mermaid's `dist/mermaid.min.js` (npm: mermaid), with which what GitHub would draw is drawn.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from realcommand import tree, volint
from test_pictures import CASES, HOSTILE, many, project, seen

CHROMIUM = os.environ.get("VOLINT_CHROMIUM") or shutil.which("chromium") or ""
MERMAID = os.environ.get("VOLINT_MERMAID", "")
PAGES = {"map": ("mounts", "--format", "html"), "report": ("report",)}

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as running:
        # Containers of CI run as root and have no sandbox; all pages are our own.
        started = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def pages(tmp_path: Path) -> dict[str, Path]:
    root = project("shop", tmp_path)
    for name, arguments in PAGES.items():
        assert volint(root, *arguments, "-o", f"{name}.html").status == 0
    return {name: root / f"{name}.html" for name in PAGES}


class Opened:
    """A page with what it asked for and complained of."""

    def __init__(self, browser: Any, file: Path, **settings: Any) -> None:
        self.context = browser.new_context(**settings)
        self.page = self.context.new_page()
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(file.as_uri())

    def focused(self) -> str:
        name: str = self.page.evaluate(
            "document.activeElement.getAttribute('aria-label') || document.activeElement.id || document.activeElement.tagName"
        )
        return name

    def press(self, *keys: str) -> str:
        for key in keys:
            self.page.keyboard.press(key)
        return self.focused()


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 400])
def test_a_page_is_whole(
    browser: Any, pages: dict[str, Path], name: str, scheme: str, width: int
) -> None:
    opened = Opened(
        browser,
        pages[name],
        color_scheme=scheme,
        viewport={"width": width, "height": 900},
        bypass_csp=True,
    )
    assert opened.requests == [pages[name].as_uri()]
    assert opened.complaints == []
    assert opened.page.evaluate("document.documentElement.scrollWidth") == width
    ground = opened.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == ("rgb(246, 247, 249)" if scheme == "light" else "rgb(16, 20, 27)")
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    found = axe.run(opened.page).response["violations"]
    assert [(rule["id"], node["html"]) for rule in found for node in rule["nodes"]] == []
    opened.context.close()


@pytest.mark.parametrize("name", PAGES)
def test_nothing_drawn_lies_on_something_else(
    browser: Any, pages: dict[str, Path], name: str
) -> None:
    opened = Opened(browser, pages[name])
    outside = opened.page.evaluate("""
        [...document.querySelectorAll('svg[role=group] .card, svg[role=group] .mount')].flatMap(part => {
          const body = part.querySelector('.body').getBBox();
          return [...part.querySelectorAll('text')].map(text => text.getBBox()).filter(box =>
            box.x < body.x || box.x + box.width > body.x + body.width || box.y < body.y - 1 || box.y + box.height > body.y + body.height + 1
          ).map(() => part.textContent);
        })
    """)
    assert outside == []
    overlapping = opened.page.evaluate("""
        [...document.querySelectorAll('svg[role=group]')].flatMap(svg => {
          const boxes = [...svg.querySelectorAll('.body')].map(body => body.getBBox());
          return boxes.filter((one, at) => boxes.some((other, number) => number > at && one.x < other.x + other.width
            && other.x < one.x + one.width && one.y < other.y + other.height && other.y < one.y + one.height)).map(box => box.y);
        })
    """)
    assert overlapping == []
    opened.context.close()


def test_by_keyboard(browser: Any, pages: dict[str, Path]) -> None:
    opened = Opened(browser, pages["map"])
    stops = [opened.press("Tab") for _ in range(9)]
    assert stops[0] == "A"
    assert stops[1:4] == ["filter", "marked", "theme"]
    [first] = [
        stop for stop in stops if stop.startswith("web, built here, container with 2 mounts")
    ]
    while opened.focused() != first:
        opened.press("Shift+Tab")
    assert opened.press("ArrowRight").startswith(
        "rw /app, web mounts ./web, read-write, 1 finding: error, VL201"
    )
    assert opened.press("ArrowDown").startswith("rw /app/node_modules")
    assert opened.press("ArrowRight") == "(unnamed), unnamed volume, mounted by web"
    assert opened.press("ArrowLeft", "ArrowLeft") == first
    assert opened.press("ArrowDown") == "db, postgres:18, container with 2 mounts"
    assert opened.press("End").startswith("tmpfs")
    outline = opened.page.evaluate(
        "getComputedStyle(document.activeElement.querySelector('.body')).strokeWidth"
    )
    assert outline == "3.5px"
    traced = "document.querySelectorAll('.traced .mount.on').length"
    assert opened.page.evaluate(traced) == 1
    opened.press("Escape")
    assert opened.page.evaluate(traced) == 0
    opened.press("Enter")
    assert opened.page.url.endswith("#row-p0-s5")
    assert opened.complaints == []
    opened.context.close()


def test_filter_and_theme(browser: Any, pages: dict[str, Path]) -> None:
    opened = Opened(browser, pages["map"])
    page = opened.page
    page.fill("#filter", "nginx.conf")
    assert page.inner_text("#shown") == "2 of 13 mounts"
    assert page.locator("tr.mount:visible").count() == 2
    assert page.locator("tr.container:visible").all_inner_texts()[0].startswith("proxy nginx:1.27")
    assert page.locator(".mount.filtered").count() == 11
    page.fill("#filter", "")
    page.check("#marked")
    assert page.inner_text("#shown") == "8 of 13 mounts"
    page.uncheck("#marked")
    assert page.locator(".filtered").count() == 0
    page.select_option("#theme", "dark")
    ground = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(ground) == "rgb(16, 20, 27)"
    page.reload()
    assert page.evaluate(ground) == "rgb(16, 20, 27)"
    page.emulate_media(media="print")
    assert page.evaluate(ground) == "rgb(246, 247, 249)"
    assert page.locator("#controls").is_hidden()
    opened.context.close()


def test_without_scripts(browser: Any, pages: dict[str, Path]) -> None:
    opened = Opened(browser, pages["report"], java_script_enabled=False)
    assert opened.page.locator("#controls").is_hidden()
    assert opened.page.locator("svg[role=group] a").count() > 20
    assert opened.page.locator(".finding").count() == 8
    opened.page.locator("svg[role=group] a").first.focus()
    opened.page.keyboard.press("Enter")
    assert opened.page.url.endswith("#row-p0-c0")
    opened.context.close()


@pytest.mark.parametrize("name", PAGES)
def test_hostile_names_run_nothing(browser: Any, tmp_path: Path, name: str) -> None:
    root = tree(tmp_path / "hostile", HOSTILE)
    (root / "page.html").write_text(volint(root, *PAGES[name]).out, encoding="utf-8")
    opened = Opened(browser, root / "page.html")
    assert opened.requests == [(root / "page.html").as_uri()]
    assert opened.complaints == []
    assert opened.page.locator("img").count() == 0
    opened.context.close()


def test_a_hundred_services_stay_quick(browser: Any, tmp_path: Path) -> None:
    root = tree(tmp_path, many(100))
    (root / "page.html").write_text(volint(root, *PAGES["map"]).out, encoding="utf-8")
    opened = Opened(browser, root / "page.html")
    assert (
        opened.page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd") < 10_000
    )
    opened.page.fill("#filter", "service-042")
    assert opened.page.inner_text("#shown") == "3 of 300 mounts"
    opened.context.close()


@pytest.mark.skipif(not MERMAID, reason="VOLINT_MERMAID is not set")
@pytest.mark.parametrize("theme", ["default", "dark"])
@pytest.mark.parametrize("case", [*CASES, "hostile"])
def test_mermaid_draws_every_name(browser: Any, case: str, theme: str, tmp_path: Path) -> None:
    root = tree(tmp_path / case, HOSTILE) if case == "hostile" else project(case, tmp_path)
    text = volint(root, "mounts", "--format", "mermaid").out
    page = browser.new_page()
    page.set_content("<div id=drawn></div>")
    page.add_script_tag(path=MERMAID)
    drawn = page.evaluate(
        """async ([text, theme]) => {
          mermaid.initialize({startOnLoad: false, securityLevel: 'strict', theme});
          const {svg} = await mermaid.render('picture', text);
          document.getElementById('drawn').innerHTML = svg;
          const texts = (selector) => [...document.querySelectorAll(selector)].map(each => each.innerText);
          return [texts('.node .nodeLabel'), texts('.edgeLabel .edgeLabel'), document.querySelectorAll('#drawn script, #drawn img').length];
        }""",
        [text, theme],
    )
    nodes, edges = (
        [" ".join(label.replace("\u2060", "").split()) for label in labels] for labels in drawn[:2]
    )
    assert drawn[2] == 0
    for graph in seen(root).graphs:
        for node in graph.nodes:
            words = " ".join(f"{node.label} {node.about}".split())
            assert any(label.startswith(words) for label in nodes), words
        for edge in graph.edges:
            words = f"{edge.access.value} {edge.target}"
            assert any(label.startswith(words) for label in edges), words
    page.close()
