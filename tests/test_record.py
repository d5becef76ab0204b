"""Named tuples that are cheap to define behave like those of `typing`."""

from __future__ import annotations

import copy
import pickle
import typing

import pytest

from volint.record import NamedTuple


class Point(NamedTuple):
    """A point."""

    x: int
    """Across."""
    y: int = 2
    """Up."""
    label: str = ""
    """What it is called."""

    @property
    def total(self) -> int:
        return self.x + self.y

    def __str__(self) -> str:
        return f"({self.x}, {self.y})"


class Reference(typing.NamedTuple):
    x: int
    y: int = 2
    label: str = ""


class Empty(NamedTuple):
    """Nothing."""


WIDE = type(NamedTuple.__mro_entries__(())[0])(  # type: ignore[attr-defined]
    "Wide", (), {"__annotations__": {f"f{number}": "int" for number in range(40)}, "f39": 7}
)


def test_it_is_a_tuple_with_names() -> None:
    point = Point(1, label="a")
    assert point == (1, 2, "a") == Reference(1, label="a")
    assert (point.x, point.y, point.label, point.total) == (1, 2, "a", 3)
    assert hash(point) == hash((1, 2, "a"))
    assert str(point) == "(1, 2)"
    assert repr(point) == "Point(x=1, y=2, label='a')"
    assert Point.__doc__ == "A point."
    assert not hasattr(point, "__dict__")
    assert Empty() == ()


def test_it_has_the_methods_of_a_named_tuple() -> None:
    point = Point(1)
    assert point._replace(y=5, label="b") == Point(1, 5, "b")
    assert type(point._replace(y=5)) is Point
    assert Point._make([3, 4, "c"]) == Point(3, 4, "c")
    assert point._asdict() == Reference(1)._asdict()
    assert Point._fields == Reference._fields
    assert Point._field_defaults == Reference._field_defaults
    match point:
        case Point(x, y):
            assert (x, y) == (1, 2)
    assert copy.deepcopy(point) == point
    again = pickle.loads(pickle.dumps(point))
    assert again == point
    assert type(again) is Point


def test_wrong_arguments_are_refused() -> None:
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'x'"):
        Point()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="unexpected keyword argument 'z'"):
        Point(1, z=1)  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="not in tuple"):
        Point(1)._replace(z=1)  # type: ignore[call-arg]
    with pytest.raises(AttributeError):
        Point(1).x = 2  # type: ignore[misc]


def test_more_fields_than_there_are_templates() -> None:
    wide = WIDE(*range(39))
    assert wide == (*range(39), 7)
    assert (wide.f0, wide.f38, wide.f39) == (0, 38, 7)
    assert WIDE(*range(38), f38=1, f39=2).f39 == 2
