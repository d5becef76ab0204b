"""VL105: which fix a volume that is not declared gets."""

from __future__ import annotations

from volint.testing import check_files

SERVICE = (
    "services:\n  db:\n    image: postgres:17\n    volumes: ['db-data:/var/lib/postgresql/data']\n"
)


def test_fix_declares() -> None:
    (finding,) = check_files({"compose.yaml": SERVICE}, select=["VL105"])
    assert finding.fix is not None
    assert finding.fix.safe
    assert [edit.replacement for edit in finding.fix.edits] == ["\nvolumes:\n  db-data:"]


def test_no_fix_where_another_name_may_be_meant() -> None:
    text = SERVICE + "volumes:\n  db-date:\n"
    (finding,) = check_files({"compose.yaml": text}, select=["VL105"])
    assert finding.help == "did you mean 'db-date'?"
    assert finding.fix is None
