"""`NamedTuple` as `typing` has it, defined in a tenth of the time.

A run over one file defines about a hundred of them. `typing.NamedTuple` compiles a constructor for each
class and an expression for each annotation, 0.1 to 0.3 ms a class, which came to a sixth of the run. Here a
constructor is a compiled template with its arguments renamed, and annotations are left alone.
Type checkers see `typing.NamedTuple` itself.
"""

from __future__ import annotations

from collections import _tuplegetter  # type: ignore[attr-defined]
from types import FunctionType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import NamedTuple

    from typing_extensions import Self

__all__ = ["NamedTuple"]

_new: Any = tuple.__new__

# fmt: off
_TEMPLATES = (
    lambda z: _new(z, ()),
    lambda z, a: _new(z, (a,)),
    lambda z, a, b: _new(z, (a, b)),
    lambda z, a, b, c: _new(z, (a, b, c)),
    lambda z, a, b, c, d: _new(z, (a, b, c, d)),
    lambda z, a, b, c, d, e: _new(z, (a, b, c, d, e)),
    lambda z, a, b, c, d, e, f: _new(z, (a, b, c, d, e, f)),
    lambda z, a, b, c, d, e, f, g: _new(z, (a, b, c, d, e, f, g)),
    lambda z, a, b, c, d, e, f, g, h: _new(z, (a, b, c, d, e, f, g, h)),
    lambda z, a, b, c, d, e, f, g, h, i: _new(z, (a, b, c, d, e, f, g, h, i)),
    lambda z, a, b, c, d, e, f, g, h, i, j: _new(z, (a, b, c, d, e, f, g, h, i, j)),
    lambda z, a, b, c, d, e, f, g, h, i, j, k: _new(z, (a, b, c, d, e, f, g, h, i, j, k)),
    lambda z, a, b, c, d, e, f, g, h, i, j, k, m: _new(z, (a, b, c, d, e, f, g, h, i, j, k, m)),
    lambda z, a, b, c, d, e, f, g, h, i, j, k, m, n: _new(z, (a, b, c, d, e, f, g, h, i, j, k, m, n)),
    lambda z, a, b, c, d, e, f, g, h, i, j, k, m, n, o: _new(z, (a, b, c, d, e, f, g, h, i, j, k, m, n, o)),
    lambda z, a, b, c, d, e, f, g, h, i, j, k, m, n, o, p: _new(z, (a, b, c, d, e, f, g, h, i, j, k, m, n, o, p)),
    lambda z, a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q: _new(z, (a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q)),
    lambda z, a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q, r: _new(z, (a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q, r)),
    lambda z, a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s: _new(z, (a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s)),
    lambda z, a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s, t: _new(z, (a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s, t)),
    lambda z, a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s, t, u: _new(z, (a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s, t, u)),
    lambda z, a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s, t, u, v: _new(z, (a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s, t, u, v)),
    lambda z, a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s, t, u, v, w: _new(z, (a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s, t, u, v, w)),
    lambda z, a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s, t, u, v, w, x: _new(z, (a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s, t, u, v, w, x)),
    lambda z, a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s, t, u, v, w, x, y: _new(z, (a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s, t, u, v, w, x, y)),
    lambda z, a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s, t, u, v, w, x, y, aa: _new(z, (a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s, t, u, v, w, x, y, aa)),
    lambda z, a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s, t, u, v, w, x, y, aa, ab: _new(z, (a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s, t, u, v, w, x, y, aa, ab)),
    lambda z, a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s, t, u, v, w, x, y, aa, ab, ac: _new(z, (a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s, t, u, v, w, x, y, aa, ab, ac)),
    lambda z, a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s, t, u, v, w, x, y, aa, ab, ac, ad: _new(z, (a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s, t, u, v, w, x, y, aa, ab, ac, ad)),
    lambda z, a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s, t, u, v, w, x, y, aa, ab, ac, ad, ae: _new(z, (a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s, t, u, v, w, x, y, aa, ab, ac, ad, ae)),
    lambda z, a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s, t, u, v, w, x, y, aa, ab, ac, ad, ae, af: _new(z, (a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s, t, u, v, w, x, y, aa, ab, ac, ad, ae, af)),
)
# fmt: on
"""Constructors of 0, 1, 2 ... fields."""
_GLOBALS = {"_new": _new, "__builtins__": {}}


class _Record(tuple[Any, ...]):
    """What all named tuples can do; `collections.namedtuple` says what."""

    __slots__ = ()
    _fields: tuple[str, ...] = ()
    _field_defaults: dict[str, Any] = {}

    @classmethod
    def _make(cls, values: Iterable[Any]) -> Self:
        return cls(*values)

    def _replace(self, /, **changes: Any) -> Self:
        index = self._fields.index
        values = list(self)
        for name, value in changes.items():
            values[index(name)] = value
        made: Self = _new(type(self), values)
        return made

    def _asdict(self) -> dict[str, Any]:
        return dict(zip(self._fields, self, strict=True))

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self._asdict().items())
        return f"{type(self).__name__}({shown})"

    def __getnewargs__(self) -> tuple[Any, ...]:
        return tuple(self)


def _constructor(fields: tuple[str, ...], defaults: tuple[Any, ...]) -> FunctionType:
    """Return `__new__` for a class of these fields; the last of them have the defaults."""
    if len(fields) < len(_TEMPLATES):
        code = _TEMPLATES[len(fields)].__code__.replace(co_varnames=("_cls", *fields))
    else:
        names = ", ".join(fields)
        code = eval(f"lambda _cls, {names}: _new(_cls, ({names}))", {}).__code__
    return FunctionType(code, _GLOBALS, "__new__", defaults)


class _Meta(type):
    """Makes a subclass of `_Record` of a class body."""

    def __new__(mcs, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> type:
        fields = tuple(body.get("__annotations__", ()))
        defaults = {field: body[field] for field in fields if field in body}
        body["__new__"] = _constructor(fields, tuple(defaults.values()))
        for index, field in enumerate(fields):
            body[field] = _tuplegetter(index, None)
        body["__slots__"] = ()
        body["__match_args__"] = body["_fields"] = fields
        body["_field_defaults"] = defaults
        return type(name, (_Record,), body)


if not TYPE_CHECKING:

    class _NamedTuple:
        """What stands in a class statement, where a class whose metaclass is `_Meta` replaces it."""

        _base = (type.__new__(_Meta, "NamedTuple", (), {}),)

        def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type, ...]:
            return self._base

    NamedTuple = _NamedTuple()
