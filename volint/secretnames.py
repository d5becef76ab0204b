"""Names of variables, keys and flags that hold secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["is_secret_name"]

_STEMS = ("password", "passwd", "passwrd", "passphrase", "passcode", "secret", "credential")
_WORDS = frozenset({"creds", "pass", "pw", "pwd", "psw", "masterauth"})
_LAST_WORDS = frozenset({"salt", "pepper", "jwt", "key"})
_HARMLESS_PASS = ("compass", "bypass", "surpass", "trespass", "overpass", "underpass")
_KINDS_OF_KEY = (
    *("api", "app", "access", "private", "encryption", "encrypt", "signing", "master", "auth"),
    *("account", "storage", "license", "ssh", "session", "hmac", "cipher", "aes", "jwt", "shared"),
    *("crypto", "service", "deploy", "vapid", "root", "salt"),
)
_HARMLESS_NAMES = frozenset({"key", "secrets", "x-secrets"})
_HARMLESS_WORDS = frozenset({"max", "min", "num", "public"})
_HARMLESS_ENDS = ("file", "files", "path", "paths", "dir", "dirs")
_HARMLESS_LAST_WORDS = frozenset(
    {
        *("name", "names", "ttl", "length", "size", "expiry", "expires", "expiration", "timeout"),
        *("lifetime", "age", "algorithm", "policy", "enabled", "required", "type", "url", "uri"),
        *("endpoint", "header", "field", "prefix", "issuer", "audience", "count", "rotation"),
        *("rounds", "provider", "manager", "reset", "store", "version", "minutes", "hours", "days"),
        *("seconds", "limit", "mode", "mount", "target", "source", "in"),
    }
)


def _is_key(words: Sequence[str]) -> bool:
    """Return whether the words of a name speak of a key that is a secret: `api_key`, `accesskeyid`."""
    previous = ""
    for word in words:
        if word.startswith("key") and word[3:] in ("", "s") and previous.endswith(_KINDS_OF_KEY):
            return True
        stem = word.removesuffix("s").removesuffix("key")
        if stem != word and stem.endswith(_KINDS_OF_KEY) and "key" in word:
            return True
        previous = word
    return False


def is_secret_name(name: str) -> bool:
    """Return whether a variable, key or flag of that name is likely to hold a secret's value."""
    name = name.lower()
    words = name.replace("-", "_").replace(".", "_").strip("_").split("_")
    last = words[-1]
    if (
        name in _HARMLESS_NAMES
        or last in _HARMLESS_LAST_WORDS
        or last.endswith(_HARMLESS_ENDS)
        or "public" in name
        or not _HARMLESS_WORDS.isdisjoint(words)
    ):
        return False
    if any(stem in name for stem in _STEMS) or not _WORDS.isdisjoint(words):
        return True
    if "token" in name and "tokeni" not in name and "tiktoken" not in name:
        return True
    if "pass" in name and any(
        word.rstrip("0123456789").endswith("pass") and not word.endswith(_HARMLESS_PASS)
        for word in words
    ):
        return True
    if last in _LAST_WORDS or (last == "base64" and words[-2:-1] == ["key"]):
        return True
    return "key" in name and _is_key(words)
