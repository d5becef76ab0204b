"""Which variables hold credentials, and which values are ones. The words are in credentials.txt.

Nothing here returns, keeps or prints a value: only where in it the secret part lies.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from volint.lazy import regex
from volint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Credential", "Credentials"]

_NAMED_IN_CAPITALS = regex(r"[A-Z]{2,}(?:_[A-Z]+)*_(?:SECRET|PASSWORD|PASS|TOKEN|KEY)")
"""`CLUSTER_API_SECRET`: the name of what belongs there."""
_WORDS = regex(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_URL = regex(
    r"[A-Za-z][A-Za-z0-9+.-]*://(?P<user>[^\s/:@]*):(?P<password>[^\s/@]+(?:@[^\s/@:]+(?=@))?)@(?=[^\s])"
)
_WEBHOOK = regex(
    r"https://(?:hooks\.slack\.com/services/T|(?:\w+\.)?discord(?:app)?\.com/api/webhooks/\d+/)([\w/-]{16,})"
)
_PAIR = regex(r"""(?:^|[;&?,\s]|-D)-{0,2}([A-Za-z][\w.-]*)=("[^"]*"|'[^']*'|[^;&,\s"']+)""")
_PRIVATE_KEY = regex(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")
_VARIABLE = regex(
    r"\$\{[^}]*\}|\$[A-Za-z_][A-Za-z0-9_]*|\$[0-9@*]|\{\{.*?\}\}|\$\(.*?\)|`[^`]*`|%\([a-z_]+\)s"
)
_ACCOUNT = regex(r"[A-Za-z0-9_.@-]+:[^\s,;:]+(?::[^\s,;]*)?")
_SLASHED = regex(r"[A-Za-z0-9_.@-]+/(\S+)")
_STRONG = regex(r"(?=[^\d]*\d)(?=.*[A-Za-z])(?!v?\d+[\d.]*$)(?![a-z]+(?:-[a-z0-9]+)+$)[^\s/]{6,}")
"""A password that is one under any name: letters and digits, no version, no region."""
_PATH = regex(r"(?:/|~/|\.{1,2}/|[A-Za-z]:[\\/])")
_FILE_NAME = regex(r"[\w./-]+\.(?:json|txt|pem|key|crt|p12|pfx|jks|ya?ml)")
_GRANTS = regex(r"[\w.-]+\[[\w.-]+\](?:\s*,\s*[\w.-]+\[[\w.-]+\])*")
"""A list of who is given which secret: `database[web],queue[web]`."""
_ENDINGS = ("PASSWORD", "PASSWD", "PASSPHRASE", "SECRET", "APIKEY", "PASS")
"""Words that names without separators end with (PGPASSWORD)."""
_KEY_ID = regex(r"(?:0x)?[0-9A-Fa-f]{8}|(?:0x)?[0-9A-Fa-f]{16}|(?:[0-9A-Fa-f]{4} ?){10}")


class Credential(NamedTuple):
    """A literal credential in a value."""

    kind: str
    """'password', 'secret', 'token', 'key', 'credential', 'auth', 'accounts', 'url' or 'private-key'."""
    placeholder: bool
    """True for a value that says it is to be replaced, or that everybody knows."""
    start: int
    """Offset in the value where the secret part begins."""
    end: int
    """Offset after it."""


class Credentials:
    """The look-ups."""

    def __init__(self, texts: tuple[str, ...]) -> None:
        self._kinds: dict[str, str] = {}
        self._alone: dict[str, str] = {}
        self._sets: dict[str, set[str]] = {}
        for text in texts:
            for line in text.split("\n"):
                if line and line[0] != "#":
                    key, *words = line.split()
                    if key == "word":
                        self._kinds.update((word, words[0]) for word in words[1:])
                    elif key == "alone":
                        self._alone.update((word, words[0]) for word in words[1:])
                    else:
                        self._sets.setdefault(key, set()).update(words)
        self._names: dict[str, str | None] = {}
        self._prefixes = tuple(self._sets["token"])
        self._references = tuple(self._sets["reference"])
        self._parts = tuple(self._sets["placeholder-part"])
        self._fillers: re.Pattern[str] | None = None

    def name(self, name: str) -> str | None:
        """Return the kind of credential a variable's name says it holds; None if it says none."""
        if name not in self._names:
            self._names[name] = self._name(name)
        return self._names[name]

    def _name(self, name: str) -> str | None:
        words = [word.upper() for word in _WORDS.findall(name)]
        if "_".join(words) in self._sets["no-credential"]:
            return None
        if len(words) == 1 and words[0] in self._alone:
            return self._alone[words[0]]
        kind: str | None = None
        at = -1
        for index, word in enumerate(words):
            found = self._kinds.get(word)
            if found is None and word in ("KEY", "KEYS") and index:
                found = "key" if words[index - 1] in self._sets["key-after"] else None
            if found is None and index:
                found = self._kinds.get(f"{words[index - 1]}_{word}")
            if found is None and word not in self._sets["no-ending"]:
                found = next((self._kinds[end] for end in _ENDINGS if word.endswith(end)), None)
            if found is not None:
                kind, at = kind or found, index
        if kind is None:
            return None
        if any(word in self._sets["not-before"] for word in words[:at]):
            return None
        if any(word in self._sets["not-after"] for word in words[at + 1 :]):
            return None
        return kind

    def find(
        self,
        name: str,
        value: str,
        *,
        unresolved: Sequence[str] | None = None,
        companions: Iterable[str] = (),
    ) -> Credential | None:
        """Return the literal credential that a variable holds; None if it holds none.

        `unresolved` names the variables that the value's text still holds (`Text.unresolved`); a secret
        part with one of them is none. Where it is not given every `$NAME` counts as one.
        `companions` are values known from elsewhere, such as user names: a password equal to one of
        them is a demo value.
        """
        if unresolved is not None and not unresolved:
            value = value.replace("$", "\ue000")
        stripped = value.strip().strip("\"'")
        start = value.find(stripped) if stripped else 0
        if not stripped:
            return None
        if _PRIVATE_KEY.search(stripped):
            return Credential("private-key", False, start, start + len(stripped))
        if "://" in value:
            url = _URL.search(value)
            if url is not None:
                users = (*companions, url["user"]) if url["user"] else companions
                return self._judged("url", url["password"], url.start("password"), users)
            hook = _WEBHOOK.search(value)
            if hook is not None:
                return self._judged("url", hook[1], hook.start(1), ())
        if stripped.startswith(self._prefixes) and len(stripped) >= 20:
            return Credential(
                "token", self._is_placeholder(stripped, ()), start, start + len(stripped)
            )
        kind = self.name(name)
        if kind is not None:
            if self._is_harmless(name, kind, stripped):
                return None
            return self._judged(kind, stripped, start, companions)
        if "=" in value:
            pair = self._pair(value, companions)
            if pair is not None:
                return pair
        return self._account(name, value, companions)

    def _pair(self, value: str, companions: Iterable[str]) -> Credential | None:
        """Look for 'password=...' in a connection string, a query or options of a program."""
        for match in _PAIR.finditer(value):
            kind = self.name(match[1])
            secret = match[2].strip("\"'")
            if kind is not None and secret and not self._is_harmless(match[1], kind, secret):
                found = self._judged(kind, secret, value.find(secret, match.start(2)), companions)
                if found is not None:
                    return found
        return None

    def _account(self, name: str, value: str, companions: Iterable[str]) -> Credential | None:
        """Look for 'user/password' and lists of 'user:password' under names that say so."""
        if ":" not in value and "/" not in value:
            return None
        words = [word.upper() for word in _WORDS.findall(name)]
        if any(word in self._sets["not-after"] for word in words[-1:]):
            return None
        if not any(word in self._sets["accounts"] for word in words):
            return self._list(words, value, companions)
        slashed = _SLASHED.fullmatch(value)
        if slashed is not None and words[-1] == "AUTH":
            return self._judged(
                "auth", slashed[1], slashed.start(1), [*companions, value.partition("/")[0]]
            )
        items = [item for item in re.split(r"[\s,;]+", value.strip()) if item]
        if not items or not all(_ACCOUNT.fullmatch(item) for item in items):
            return None
        user, _, rest = items[0].partition(":")
        if user.lower() in ("user", "group", "role"):
            # Principals of Kafka: the name follows.
            return None
        password = rest.partition(":")[0]
        if not password or password.isdigit() or "/" in password or "." in user:
            return None
        at = value.find(password, value.find(user) + len(user))
        return self._judged("accounts", password, at, [*companions, user])

    def _list(
        self, words: Sequence[str], value: str, companions: Iterable[str]
    ) -> Credential | None:
        """Look for several 'user:password' under a name that does not say so."""
        items = [item for item in re.split(r"[\s,;]+", value.strip()) if item]
        pairs = [item.partition(":") for item in items]
        if (
            len(pairs) < 2
            or not all(_ACCOUNT.fullmatch(item) for item in items)
            or not all(_STRONG.fullmatch(password) for _, _, password in pairs)
            or any(word in self._sets["no-accounts"] for word in words)
        ):
            return None
        user, _, password = pairs[0]
        at = value.find(password, value.find(user) + len(user))
        return self._judged("accounts", password, at, [*companions, user])

    def _judged(
        self, kind: str, secret: str, start: int, companions: Iterable[str]
    ) -> Credential | None:
        if not _VARIABLE.sub("", secret).strip():
            return None
        if _VARIABLE.search(secret):
            return None
        return Credential(
            kind, self._is_placeholder(secret, companions), start, start + len(secret)
        )

    def _is_harmless(self, name: str, kind: str, value: str) -> bool:
        lowered = value.lower()
        if lowered in self._sets["switch"] or lowered.startswith(self._references):
            return True
        if _PATH.match(value) and " " not in value:
            return True
        if re.match(r"[a-z][a-z0-9+.-]*://", lowered):
            return True
        if kind != "password" and value.isdigit() and len(value) <= 10:
            return True
        if kind == "key" and "GPG" in name.upper() and _KEY_ID.fullmatch(value):
            return True
        if _FILE_NAME.fullmatch(value) or _GRANTS.fullmatch(value):
            return True
        if kind in ("credential", "key") and lowered.endswith(("creds", "credentials")):
            return True
        return kind == "key" and lowered.startswith(
            ("ssh-rsa ", "ssh-ed25519 ", "-----begin public", "pk_")
        )

    def _is_placeholder(self, secret: str, companions: Iterable[str]) -> bool:
        lowered = secret.lower()
        if lowered in self._sets["placeholder"] or any(part in lowered for part in self._parts):
            return True
        if _NAMED_IN_CAPITALS.fullmatch(secret):
            return True
        if len(set(lowered)) <= 2 or lowered.startswith(("change", "replace", "insert")):
            return True
        known = {companion.lower() for companion in companions if companion}
        # 'shop123' for the user 'shop' is as good as none.
        bare = lowered.rstrip("0123456789!") if len(lowered) < 24 else lowered
        return lowered in known or bare in known or self._says_what_it_is(lowered, known)

    def _says_what_it_is(self, secret: str, known: Iterable[str]) -> bool:
        """Return whether a value is made of words such as 'my', 'redis' and 'password' alone."""
        if len(secret) > 160 or sum(character.isdigit() for character in secret) > 3:
            return False
        if not any(character.isdigit() for character in secret):
            for companion in known:
                if len(companion) > 2:
                    secret = secret.replace(companion, "-")
        if self._fillers is None:
            words = sorted(self._sets["filler"], key=len, reverse=True)
            self._fillers = re.compile(rf"(?:{'|'.join(words)}|[\W_\d])+")
        return self._fillers.fullmatch(secret) is not None


def shipped() -> str:
    """Return the text of credentials.txt."""
    path = os.path.join(os.path.dirname(__file__), "credentials.txt")
    with open(path, encoding="utf-8") as stream:
        return stream.read()
