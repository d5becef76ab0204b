"""What a rule class has to hold before it may run: for packs under test and for rules given by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint.lazy import regex
from volint.options import option_mistake
from volint.rule import Confidence, Level, Option, Part, Persona, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["code_mistake", "name_mistake", "rule_mistakes"]

_CODE = regex(r"[A-Z]{1,16}[0-9]{1,8}\Z")
_NAME = regex(r"[a-z][a-z0-9]*(-[a-z0-9]+)*\Z")
_OPTION = regex(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*\Z")
_OWN = regex(r"VL[0-9]")


def code_mistake(code: object, *, own: bool = False) -> str:
    """Return what is wrong with a rule's code, '' if nothing; `own`: of volint's own pack."""
    if not isinstance(code, str) or not _CODE.match(code):
        return f"the code {code!r} is not capital letters and then digits, e.g. 'ACME001'"
    if _OWN.match(code) and not own:
        return f"the code '{code}' is volint's own; give it letters of your own, e.g. 'ACME001'"
    return ""


def name_mistake(name: object) -> str:
    """Return what is wrong with a rule's name, '' if nothing."""
    if isinstance(name, str) and _NAME.match(name):
        return ""
    return f"the name {name!r} is not small letters and digits with '-' between words"


def rule_mistakes(rule: type[Rule]) -> Iterator[str]:
    """Yield what a rule's class lacks or has wrong, one clause each; nothing for one that may run."""
    for name in ("code", "name"):
        if not hasattr(rule, name):
            yield f"it has no '{name}'"
    if hasattr(rule, "code") and (mistake := code_mistake(rule.code)):
        yield mistake
    if hasattr(rule, "name") and (mistake := name_mistake(rule.name)):
        yield mistake
    if not (rule.__dict__.get("__doc__") or "").strip():
        yield "it has no docstring, which is its page"
    if rule.check is Rule.check and rule.check_all is Rule.check_all:
        yield "it has no method 'check'"
    for name, argument in (("check", "project"), ("check_all", "projects")):
        if not _takes_one(getattr(rule, name)):
            yield f"'{name}' takes something else than (self, {argument}), or is async"
    if rule.__init__ is not Rule.__init__:
        yield "it has an '__init__'; what it is told is in self.settings"
    for name, kind in (("level", Level), ("confidence", Confidence), ("persona", Persona)):
        if not isinstance(getattr(rule, name), kind):
            yield f"'{name}' is {getattr(rule, name)!r}, not a member of {kind.__name__}"
    if not _are(rule.needs, Part) or not rule.needs:
        yield "'needs' is not a tuple of members of Part"
    if not _are(rule.options, Option):
        yield "'options' is not a tuple of Option"
        return
    names: list[str] = []
    for option in rule.options:
        if not _OPTION.match(option.name):
            yield f"the option {option.name!r} has a name that is not small letters and digits with '-' or '_' between"
        elif option.name in names:
            yield f"the option {option.name!r} is there twice"
        elif mistake := option_mistake(option):
            yield f"the option {option.name!r} {mistake}"
        names.append(option.name)


def _takes_one(method: object) -> bool:
    """Return whether a method is called with one value besides itself, and is no coroutine."""
    import inspect

    if inspect.iscoroutinefunction(method) or inspect.isasyncgenfunction(method):
        return False
    try:
        inspect.signature(method).bind(None, None)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False
    return True


def _are(values: object, kind: type) -> bool:
    return isinstance(values, tuple) and all(isinstance(value, kind) for value in values)
