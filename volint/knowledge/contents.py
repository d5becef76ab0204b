"""What the content of a file says about the secrets that its name promises.

Only a verdict leaves this module, never a value.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING

from volint.lazy import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from volint.knowledge.credentials import Credentials
    from volint.knowledge.patterns import SecretFile

__all__ = ["Verdict", "verdict"]

_PRIVATE = regex(
    r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY|PuTTY-User-Key-File|AGE-SECRET-KEY-1|PGP PRIVATE KEY BLOCK"
)
_PUBLIC = regex(r"-----BEGIN (?:CERTIFICATE|[A-Z0-9 ]*PUBLIC KEY)|^ssh-[a-z0-9-]+ AAAA")
_ASSIGNMENT = regex(
    r"""(?:^|[{,;])[ \t]*(?:export[ \t]+|-[ \t]+|\$|define\([ \t]*)?["']?(?P<name>[A-Za-z_][\w.-]*)["']?[ \t]*(?:=>|[=:,])"""
    r"""[ \t]*(?=(?P<value>[^\r\n]*))""",
    re.MULTILINE,
)
_TAG = regex(r"<(?:password|passphrase)>\s*([^<\s][^<]*)</")
_REFERENCE = regex(r"\$\{|\$[A-Z_]|\{\{|<[a-z -]+>|%[A-Z_]+%|ENV\[|getenv|process\.env|environ")
_AUTH = regex(r"(?:_authToken|_auth|_password|npmAuthToken)[\"']?\s*[=:]\s*(\S+)")
_CLOUD = regex(
    r"(?i)service_?account|client_?(?:email|id|secret)|private_?key|refresh_?token|access_?(?:key|token)|secret"
    r"|passw|credential"
)
_ACCOUNT = regex(
    r"(?i)\"(?:service_account|authorized_user|external_account|private_?key|client_email)\""
)
_PROSE = regex(r"^(?:[^\S\n]*\w[\w',;-]*[^\S\n]+){4}\w|\{\{|\{%|<%", re.MULTILINE)
"""Words of a text for people, or a template's marks: a letter about a forgotten password."""
_SOURCE_CODE = regex(
    r"(?i)\.(?:py|pyi|go|rs|js|mjs|cjs|ts|tsx|jsx|java|kt|rb|php|cs|c|h|cpp|hpp|swift|scala|ex|exs|dart|vue|svelte|astro|sh|md|rst|html|css|scss|less|svg|png)$"
)
_KEPT_EMPTY = regex(
    r"(?i)^(?:\.git(?:keep|ignore)|\.keep|readme.*|.*\.(?:example|sample|template|dist))$"
)


class Verdict(Enum):
    """What a look at the content says."""

    SECRET = "secret"
    PLACEHOLDER = "placeholder"
    """Names of credentials, with nothing or with demo values behind them."""
    HARMLESS = "harmless"
    UNKNOWN = "unknown"
    """Nothing in the content speaks for or against what the name says."""


def verdict(entry: SecretFile, name: str, text: str, credentials: Credentials) -> Verdict:
    """Return what a file's content says. `entry` is what its name says, `text` its beginning."""
    if _PRIVATE.search(text):
        return Verdict.SECRET
    if _SOURCE_CODE.search(name) and entry.kind != "app-config":
        return Verdict.HARMLESS
    if _KEPT_EMPTY.match(name):
        return Verdict.HARMLESS
    if entry.kind == "private-key":
        if _PUBLIC.search(text) or entry.check:
            return Verdict.HARMLESS
        return Verdict.UNKNOWN
    if not text.strip():
        return Verdict.HARMLESS
    if entry.kind == "password-file" and _PROSE.search(text):
        return Verdict.HARMLESS
    if name == "config" and entry.glob in (".ssh/", ".aws/", ".azure/"):
        return _worst(_assigned(text, credentials), nothing=Verdict.HARMLESS)
    if entry.kind == "credentials" and entry.confidence != "high":
        return _credentials(entry, text, credentials)
    if entry.kind == "cloud-credentials" and name.lower().endswith(".json"):
        # 'ar-SA.json' is Arabic as it is written in Saudi Arabia, and has messages about passwords.
        signs = _ACCOUNT if entry.glob == "*-sa.json" else _CLOUD
        return Verdict.UNKNOWN if signs.search(text) else Verdict.HARMLESS
    if entry.kind in ("env-file", "app-config", "state") and entry.check:
        return _worst(_assigned(text, credentials), nothing=Verdict.HARMLESS)
    return Verdict.UNKNOWN


def _credentials(entry: SecretFile, text: str, credentials: Credentials) -> Verdict:
    if entry.glob.endswith("htpasswd"):
        return Verdict.UNKNOWN
    found = [match[1] for match in (*_AUTH.finditer(text), *_TAG.finditer(text))]
    verdicts = [
        Verdict.HARMLESS if _REFERENCE.search(value) or value.startswith("{") else Verdict.SECRET
        for value in found
    ]
    for line in text.splitlines():
        credential = credentials.find("", line)
        if credential is not None and credential.kind == "url":
            verdicts.append(Verdict.SECRET)
    return _worst(verdicts, nothing=Verdict.HARMLESS)


def _assigned(text: str, credentials: Credentials) -> Iterator[Verdict]:
    """Yield a verdict for every assignment of a text whose name or value is that of a credential."""
    for match in _ASSIGNMENT.finditer(text):
        name, value = match["name"], match["value"].strip().rstrip(",;)").strip()
        if value[:1] in ("'", '"'):
            value = value[1:].partition(value[0])[0]
        else:
            value = value.partition(" #")[0].strip()
        if not value:
            if credentials.name(name) is not None:
                yield Verdict.PLACEHOLDER
            continue
        found = credentials.find(name, value)
        if found is not None and not _REFERENCE.search(value):
            yield Verdict.PLACEHOLDER if found.placeholder else Verdict.SECRET


def _worst(verdicts: Iterator[Verdict] | list[Verdict], *, nothing: Verdict) -> Verdict:
    found = set(verdicts)
    for one in (Verdict.SECRET, Verdict.PLACEHOLDER):
        if one in found:
            return one
    return nothing
