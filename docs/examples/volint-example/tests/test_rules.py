"""The pack's rules: pages, examples, fixtures and fixes."""

from pathlib import Path

import pytest
from volint_example import pack
from volint_example.foreign_registry import ForeignRegistry

from volint.testing import example_mistakes, fix_files, fixture_mistakes, pack_mistakes

FIXTURES = Path(__file__).parent / "fixtures"
RULES = [entry.load() for entry in pack().rules]


def test_the_table_tells_the_truth() -> None:
    assert pack_mistakes(pack()) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_examples(rule) -> None:
    assert example_mistakes(rule) == []


@pytest.mark.parametrize("case", sorted(FIXTURES.glob("*/*")), ids=lambda case: case.name)
def test_fixture(case: Path) -> None:
    assert fixture_mistakes(str(case), [case.parent.name]) == []


def test_the_fix() -> None:
    files = {"compose.yaml": "services:\n  web:\n    image: 'nginx:1.27' # pinned\n"}
    fixed = fix_files(files, select=[ForeignRegistry.code], unsafe=True)
    assert fixed["compose.yaml"] == files["compose.yaml"].replace(
        "nginx", "registry.example.com/nginx"
    )
