"""What counts as the value of a secret in a line, and what does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_cases import found

from volint.redact import has_secret, redact, redact_value, redact_words
from volint.report import CHECK_FORMATS, Options, render_check
from volint.result import Result
from volint.rule import Level
from volint.secretnames import is_secret_name
from volint.source import Label, Source, Span

# Each «…» is to be hidden.
LINES = r"""
      POSTGRES_PASSWORD: «hunter2»  # a comment
      POSTGRES_PASSWORD: "«hunter 2»"
      POSTGRES_PASSWORD: '«hunter 2»' # a comment
      POSTGRES_PASSWORD: !!str «hunter2»
      - POSTGRES_PASSWORD=«two words» # a comment
      - "POSTGRES_PASSWORD=«hunter2»"
      - 'API_KEY=«abc,def»'
      - POSTGRES_PASSWORD=${PW:-«abc»} # a comment
      - POSTGRES_PASSWORD=«ab$$cd»
      - POSTGRES_PASSWORD=«ab$cd»
      POSTGRES_PASSWORD: ${PW:?must be set}
      POSTGRES_PASSWORD: ${PW}
      POSTGRES_PASSWORD: «prefix-»${PW}«-suffix»
      POSTGRES_PASSWORD:
      POSTGRES_PASSWORD: |
      POSTGRES_PASSWORD: *anchor
      POSTGRES_PASSWORD_FILE: /run/secrets/pw
      POSTGRES_PASSWORD: /run/secrets/pw
      MYSQL_ALLOW_EMPTY_PASSWORD: "yes"
      MAX_TOKENS: 4096
      TOKENIZERS_PARALLELISM: off
      SSL_KEY: /etc/ssl/key.pem
      LARAVEL_APP_KEY: «base64:abc=»
      AUTHORIZATION: Bearer «abcdefghijkl»
      x: ${KC_DB_PASSWORD:-«changeme»}
      x: ${KC_DB_PASSWORD:+set}
      token: "${{ secrets.GITHUB_TOKEN }}"
      environment: {DB_PASSWORD: «abc», X: y}
      o: "addr=192.0.2.1,username=u,password=«p»,vers=3.0"
      test: ["CMD", "curl", "http://x/?token=«abc»&x=y"]
      command: ["redis-server", "--requirepass", "«abc»", "--appendonly", "yes"]
      command: redis-server --requirepass «abc» --appendonly yes
      secrets: [db_password, api_token]
      db_password:
      - source: db_password
      - key=value
      image: example.org/keycloak:26
      - traefik.basicauth.users=admin:«$$apr1$$abcdefgh$$ijklmnop»
      "API_TOKEN": "«abc»",
{"PASSWORD":"«abc»","x":1}
docker run -e POSTGRES_PASSWORD=«hunter2» -v data:/x postgres
docker run -e "POSTGRES_PASSWORD=«hunter 2»" -v data:/x postgres
docker run -e POSTGRES_PASSWORD="«hunter 2»" -v data:/x postgres
docker run --env POSTGRES_PASSWORD=«a\ b» -v data:/x postgres
docker run -e POSTGRES_PASSWORD=$PW -v data:/x postgres
docker run -e POSTGRES_PASSWORD=$(cat pw) -v data:/x postgres
docker run -e POSTGRES_PASSWORD -v data:/x postgres
docker run --mount type=secret,id=token,target=/x image
docker run -v ./token:/run/token:ro -e URL=postgres://u:«pa@ss»@db/x image
docker run -v $PWD:/x -e PWD=/x -v ${PWD:-.}:/y image
podman run --secret pw,type=env image
docker buildx build --secret=id=token,src=./token .
Secret=token,type=env,target=TOKEN
RUN --mount=type=secret,id=token TOKEN=$(cat /run/secrets/token) npm ci
ENV PASSWORD «abc def»
ENV A=b SECRET_KEY=«abc» C=d
ARG NPM_TOKEN
ARG NPM_TOKEN=«npm_abcdefghijklmnopqrstuvwxyzABCDEFGHIJ»
Environment="PASSWORD=«abc»" "X=y"
export TOKEN='«a b»' X=1
echo $PW | docker login -u me --password-stdin
docker login -u me -p «hunter2» example.org
sshpass -p «hunter2» ssh host
curl -u admin:«hunter2» http://example.org
mysqladmin ping -u root --password=«abc»
git clone https://«ghp_abcdefghijklmnopqrstuvwx0123»@github.com/x/y
git clone https://x:${TOKEN}@github.com/x/y
git clone ssh://git@example.org/x
redis://:«hunter2»@redis:6379/0
http://example.org:8080/@scope/name
some words glpat-x and «glpat-abcdefghijklmnopqrst»
compass: abc
docker run -e PASSWORD=«a)b;c|d» image
      VERIFY_JWT: ${VERIFY_JWT:-false}
      TLS_KEY: ${TLS_KEY:-/etc/ssl/key.pem}
      TIKTOKEN_CACHE: /cache
# install basic software
'POSTGRES_PASSWORD' is written out
3f2a5b6c7d8e9f00112233445566778899aabbccddeeff00112233445566778f
""".strip("\n").split("\n")


@pytest.mark.parametrize("line", LINES)
def test_line(line: str) -> None:
    plain = line.replace("«", "").replace("»", "")
    expected = "***".join(part.rpartition("»")[2] for part in line.split("«"))
    assert redact(plain) == expected
    assert has_secret(plain) == ("«" in line)


@pytest.mark.parametrize(
    "name", ["DB_PASS", "dbpass", "apiKey", "api-key", "ACCESS_KEY_ID", "x.password", "PW", "SALT"]
)
def test_names_of_secrets(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name", ["key", "monkey", "keycloak", "PUBLIC_KEY", "bypass", "TOKEN_TTL", "secrets", "keyfile"]
)
def test_names_of_other_things(name: str) -> None:
    assert not is_secret_name(name)


def test_words_behind_flags() -> None:
    words = ["redis-server", "--requirepass", "abc", "--port", "1", "--token=abc", "--secret", "id"]
    assert redact_words(words) == [
        *("redis-server", "--requirepass", "***", "--port", "1", "--token=***", "--secret", "id"),
    ]
    assert redact_words(["--password", "--verbose"]) == ["--password", "--verbose"]


def test_values_by_name() -> None:
    assert redact_value("password", "abc") == "***"
    assert redact_value("password", "${PW:-abc}") == "${PW:-***}"
    assert redact_value("device", "//host/share") == "//host/share"
    assert redact_value("o", "username=u,password=p") == "username=u,password=***"


@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    once = redact(text)
    assert isinstance(once, str)
    assert has_secret(once) <= has_secret(text)


ALPHABET = st.sampled_from("ab 日🎉é\t\n\r\x1b\u200d\u0301PASSWORD=:{}$\"'#")


@given(st.text(ALPHABET, max_size=60), st.data())
def test_any_span_of_any_text_can_be_shown(text: str, data: st.DataObject) -> None:
    source = Source("compose.yaml", text)
    spans = []
    for _ in range(3):
        start = data.draw(st.integers(0, len(text)))
        spans.append(Span(source, start, data.draw(st.integers(start, len(text)))))
    finding = found(spans[0], text, Label(spans[1], "one"), level=Level.NOTE, redact=(spans[2],))
    for name in CHECK_FORMATS:
        shown = render_check(name, Result((finding,), cwd="/", root="/"), Options(width=50))
        assert not set(shown) & set("\r\x1b\t")
        if name == "full":
            assert "^" in shown or not text
