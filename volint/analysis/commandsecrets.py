"""Credentials that are written out on command lines: behind flags, in URLs, in assignments.

Words come as the model has them; a word that is a script of its own is cut at blanks. What a shell in the
container expands is nothing that is written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volint import knowledge
from volint.analysis.literals import Literal, as_written
from volint.lazy import regex
from volint.record import NamedTuple
from volint.source import Span, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from volint.knowledge.credentials import Credential

__all__ = ["command_literals", "line_literals", "locate"]

_WORTH = (
    *("pass", "pwd", "token", "secret", "key", "auth", "cred", "salt", "pepper", "cookie", "account", "://", "user"),
    *("identified", "-cli", "sql", "maria", "mongo", "curl", "ldap", "etcd", "rabbit", "influx", "cypher", "login"),
    *("pat=", "pw=", "ghp_", "gho_", "ghs_", "ghu_", "ghr_", "github_pat", "glpat", "glrt-", "gldt-", "sk-", "sk_", "rk_"),
    *("xox", "xapp", "aiza", "sg.", "hf_", "dckr_", "npm_", "pypi-", "whsec", "lin_api", "nvapi", "gsk_", "dop_v1"),
    *("shpat", "tskey", "ya29"),
)  # fmt: skip
"""What a command line with a credential has at least."""
_TOKEN = regex(r"""(?:[^\s"'\\;|&()]|"(?:[^"\\]|\\.)*"|'[^']*'|\\.)+|[;|&()]+""")
_BREAK = regex(r"[;|&()]+")
_FLAG = regex(r"(--?[A-Za-z][\w.-]*)(=(.*))?", 16)  # re.DOTALL
_NAMED = regex(r"([A-Za-z_][\w.]*)=(.*)", 16)
_VERSION = regex(r"=.*|\d+(?:[:.]\d+)+[\w.+~:-]*")
_KEY = regex(r"(?:^|[,;&?\s])([A-Za-z][\w.-]*)=[\"']?$")
_BEARER = regex(r"(?i)authorization:\s*(?:bearer|basic|token)\s+([\w.~+/=-]{8,})")
_SQL = regex(r"(?i)\b(?:with\s+password|identified\s+by|\bpassword)\s+'([^']+)'")
_LINE = regex(
    r"""^[ \t]*(?:-[ \t]+|export[ \t]+)?["']?(?P<name>[A-Za-z_][\w.-]*)["']?(?:[ \t]*[:=][ \t]*|[ \t]+)(?P<value>[^\r\n]+)$"""
)
_LONG = frozenset(
    ("requirepass", "masterauth", "storepass", "keypass", "srcstorepass", "deststorepass")
)
_MYSQL = frozenset(
    (
        *(
            "mysql",
            "mysqladmin",
            "mysqldump",
            "mysqlcheck",
            "mysqlimport",
            "mysqlshow",
            "mysqlslap",
        ),
        *("mariadb", "mariadb-admin", "mariadb-dump", "mariadb-check", "mariadb-show", "sshpass"),
    )
)
"""Programs whose `-p` has its value attached."""
_SHORT = {
    **dict.fromkeys(("redis-cli", "valkey-cli", "keydb-cli"), "-a"),
    **dict.fromkeys(("sqlcmd", "bcp", "osql", "mosquitto_pub", "mosquitto_sub"), "-P"),
    **dict.fromkeys(
        ("mongo", "mongosh", "mongodump", "mongorestore", "mongoexport", "mongoimport"), "-p"
    ),
    **dict.fromkeys(("cqlsh", "influx", "cypher-shell", "login", "sshpass"), "-p"),
    **dict.fromkeys(("ldapsearch", "ldapwhoami", "ldapadd", "ldapmodify", "ldapdelete"), "-w"),
}
"""The flag behind which a program takes a password."""
_ACCOUNT = {"curl": ("-u", "--user"), "etcdctl": ("--user",), "http": ("-a", "--auth")}
"""Flags behind which a program takes user:password."""
_PAIRED = {"rabbitmqctl": ("add_user", "change_password")}
"""Words behind which a program takes a user and a password."""
_SPOKEN = {"redis-cli": "auth", "valkey-cli": "auth", "keydb-cli": "auth"}
"""The word behind which a program takes a password."""
_ALL = frozenset((*_MYSQL, *_SHORT, *_ACCOUNT, *_PAIRED))


class _Word(NamedTuple):
    """One word of a command."""

    value: str
    """Its value, without quotes."""
    text: Text
    """The word of the model it is, or is a part of."""
    script: bool
    """True for a part of a word."""

    def span(self, part: str) -> Span:
        """Return the place of a part of it."""
        return locate(part, self.text.span)


def locate(part: str, span: Span) -> Span:
    """Return the place of a text within a span; the whole span if it is written otherwise there."""
    at = span.text().find(part) if part else -1
    return span if at < 0 else Span(span.source, span.start + at, span.start + at + len(part))


def command_literals(
    words: Iterable[Text], origin: str, users: Sequence[str] = (), *, shell: bool = False
) -> list[Literal]:
    """Return the credentials on a command line, in order.

    `origin` says where it stands, `users` are names that make a password a demo value, `shell` that the
    words are those of a shell and not of a Compose file.
    """
    words = list(words)
    everything = " ".join(word.value for word in words).lower()
    if not any(hint in everything for hint in _WORTH):
        return []
    search = _Search(origin, users)
    return [*search.phrases(words), *search.run(list(_split(words, shell=shell)))]


def _split(words: Iterable[Text], *, shell: bool) -> Iterator[_Word]:
    for text in words:
        value, _ = as_written(text, shell=shell)
        if any(sign in value for sign in " \t\n"):
            for match in _TOKEN.finditer(value):
                yield _Word(_unquoted(match[0]), text, True)
        elif value:
            yield _Word(value, text, False)


def _unquoted(word: str) -> str:
    """Return a word of a shell without the quotes around it or around its value."""
    name, equals, value = word.partition("=")
    if equals and value[:1] in ("'", '"') and value[-1:] == value[:1] and len(value) > 1:
        return f"{name}={value[1:-1]}"
    if word[:1] in ("'", '"') and word[-1:] == word[:1] and len(word) > 1:
        return word[1:-1]
    return word


class _Search:
    """The search through one command line."""

    def __init__(self, origin: str, users: Sequence[str]) -> None:
        self.origin = origin
        self.users = users

    def phrases(self, words: Iterable[Text]) -> Iterator[Literal]:
        """Yield what stands behind words of a header or of SQL."""
        for text in words:
            for pattern, what in ((_BEARER, "Authorization"), (_SQL, "PASSWORD")):
                for match in pattern.finditer(text.value):
                    word = _Word(text.value, text, False)
                    found = self.made(
                        match[0].partition(":")[0] if what == "Authorization" else what,
                        word, word, self.judged("password", match[1]), match[1],
                    )  # fmt: skip
                    if found is not None:
                        yield found

    def run(self, words: list[_Word]) -> Iterator[Literal]:
        program = ""
        for index, word in enumerate(words):
            if word.script and _BREAK.fullmatch(word.value):
                program = ""
                continue
            base = word.value.rpartition("/")[2]
            if base in _ALL:
                program = base
                continue
            following = words[index + 1] if index + 1 < len(words) else None
            if following is not None and following.script and _BREAK.fullmatch(following.value):
                following = None
            after = words[index + 2] if following is not None and index + 2 < len(words) else None
            found = self.word(program, word, following, after)
            if found is not None:
                yield found

    def word(
        self, program: str, word: _Word, following: _Word | None, after: _Word | None
    ) -> Literal | None:
        value = word.value
        flag = _FLAG.fullmatch(value)
        if flag is not None:
            name = flag[1].lstrip("-")
            if flag[2]:
                return self.made(flag[1], word, word, self.judged(name, flag[3]), flag[3])
            if following is not None:
                if flag[1] in _ACCOUNT.get(program, ()):
                    return self.account(flag[1], word, following)
                if flag[1] == _SHORT.get(program) or name in _LONG:
                    return self.made(
                        flag[1], word, following, self.judged("password", following.value), following.value
                    )  # fmt: skip
                if name == "secret" and following.value.startswith(("id=", "type=", "source=")):
                    # What a build is given has a name, not a value.
                    return None
                if not following.value.startswith("-") and len(name) > 1:
                    found = self.judged(name, following.value)
                    if found is not None and knowledge.credential_name(name) is not None:
                        return self.made(flag[1], word, following, found, following.value)
            if program in _MYSQL and value.startswith("-p") and len(value) > 2:
                return self.made("-p", word, word, self.judged("password", value[2:]), value[2:])
            return None
        if value.lower() == _SPOKEN.get(program) and following is not None:
            after = following
        elif value not in _PAIRED.get(program, ()):
            after = None
        if after is not None:
            return self.made(value, word, after, self.judged("password", after.value), after.value)
        named = _NAMED.fullmatch(value)
        if named is not None:
            if _VERSION.fullmatch(named[2]):
                # A package and its version: salt==3002, passwd=1:4.13.
                return None
            return self.made(named[1], word, word, self.judged(named[1], named[2]), named[2])
        credential = self.judged("", value)
        what = "URL" if credential is not None and credential.kind == "url" else "word"
        return self.made(what, word, word, credential, value)

    def account(self, flag: str, word: _Word, following: _Word) -> Literal | None:
        user, colon, password = following.value.partition(":")
        if not colon or user.isdigit():
            return None
        found = knowledge.find_credential("password", password, companions=[*self.users, user])
        return self.made(flag, word, following, found, password)

    def judged(self, name: str, value: str) -> Credential | None:
        return knowledge.find_credential(name, value, companions=self.users) if value else None

    def made(
        self, name: str, word: _Word, holder: _Word, credential: Credential | None, value: str
    ) -> Literal | None:
        if credential is None:
            return None
        secret = value[credential.start : credential.end]
        place = holder.span(secret)
        inner = _KEY.search(value[: credential.start])
        if inner is not None:
            # The options of a file system, a connection string: the key inside says more.
            name, word = inner[1], holder
        shown = word.span(name)
        if shown.source.position(shown.start)[0] != shown.source.position(shown.end)[0]:
            shown = place
        return Literal(
            Text(name, place if name in ("URL", "word") else shown),
            place,
            credential.kind,
            credential.placeholder,
            self.origin,
            is_default="${" in holder.text.span.text(),
        )


def line_literals(text: Text, origin: str, users: Sequence[str] = ()) -> list[Literal]:
    """Return the credentials in a configuration of several lines, in order."""
    found = []
    written, _ = as_written(text, shell=False)
    for line in written.splitlines():
        match = _LINE.match(line)
        name, value = (match["name"], match["value"]) if match else ("", line)
        value = value.strip().rstrip(",;").strip("\"'")
        if name.lower() in _LONG:
            credential = knowledge.find_credential("password", value, companions=users)
        else:
            credential = knowledge.find_credential(name, value, companions=users)
        if credential is None or (" " in value and credential.kind != "url"):
            continue
        place = locate(value[credential.start : credential.end], text.span)
        shown = locate(name, text.span) if name else place
        found.append(
            Literal(
                Text(name or "URL", shown), place, credential.kind, credential.placeholder, origin
            )
        )
    return found
