"""Credentials: which names and values are ones, where env files are everybody's, and that no value is ever shown."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from volint import knowledge
from volint.analysis.commandsecrets import command_literals
from volint.fingerprint import Repository, fingerprint
from volint.redact import redact, redact_words
from volint.report import CHECK_FORMATS, Options, render_check
from volint.session import Session
from volint.source import Source, Span, Text
from volint.testing import check_files, read_fixture

FIXTURES = Path(__file__).parent / "fixtures" / "rules"
CODES = sorted(path.name for path in FIXTURES.iterdir() if path.name.startswith(("VL30", "VL31")))

# -- names and values

NONE = r"""
API_KEY_HEADER=X-API-Key
PASSWORD_RESET_URL=https://x/y
PASSWORD=/run/secrets/x
GITHUB_TOKEN_FILE=/x
KMS_KEY_ALIAS=alias/foo
PASSWORD_PROMPT=Enter
PASSWORD_MIN_LENGTH=12
TOKEN_TTL=3600
AWS_ACCESS_KEY_ID=AKIAIOSFODNN7ABCDEFX
GPG_KEY=E3FF2839C048B25C084DEBE9B26995E310250568
SSH_PUBLIC_KEY=ssh-rsa AAAA
MYSQL_ALLOW_EMPTY_PASSWORD=1
POSTGRES_HOST_AUTH_METHOD=trust
MAX_TOKENS=4096
PRIMARY_KEY=id
COMPASS=1
AUTHOR=alice
JWT_ALGORITHM=HS256
SSL_DHPARAM=ffdhe2048.pem
STRIPE_PUBLISHABLE_KEY=pk_live_abcdefghijklmnopqrst
KAFKA_SSL_KEYSTORE_CREDENTIALS=broker1_keystore_creds
ETCD_INITIAL_CLUSTER_TOKEN=etcd-cluster-1
GOOGLE_APPLICATION_CREDENTIALS=key.json
PASSWORD={{ db_password }}
FOO=nginx:1.27,redis:7.2
LOG_LEVELS=app:debug,db:info
HOSTS=alpha:10.0.0.1,beta:10.0.0.2
KAFKA_LISTENERS=PLAINTEXT:PLAINTEXT,SSL:SSL
KAFKA_SUPER_USERS=User:admin;User:service1
BUCKETS=bucket1:eu-west-1,bucket2:us-east-1
IMAGES=foo:v1abc2,bar:v2abc3
OPENAI_API_KEY=user_provided
""".strip().splitlines()
SOME = r"""
DB_PASS=tr0ub4dor
DBPASS=tr0ub4dor
NEO4J_AUTH=neo4j/tr0ub4dor
REDIS_AUTH=tr0ub4dor
API_KEY=da39a3ee5e6b4b0d3255bfef95601890afd80709
GITHUB_TOKEN=da39a3ee5e6b4b0d3255bfef95601890afd80709
ENCRYPTION_KEY=0123456789abcdef
ANYTHING=ghp_abcdefghijklmnopqrstuvwx0123456789
DATABASE_URL=postgres://app:tr0ub4dor@db/app
SFTP_USERS=foo:tr0ub4dor:1001
SEED=alice:tr0ub4dor,bob:c0rrecth0rse
ConnectionStrings__Default=Server=db;Database=x;User Id=sa;Password=tr0ub4dor;
DSN=host=db user=u password=tr0ub4dor dbname=x
JDBC_URL=jdbc:postgresql://db/x?user=u&password=tr0ub4dor
JAVA_OPTS=-Xmx1g -Djavax.net.ssl.keyStorePassword=tr0ub4dor -Dx=y
HOOK=https://hooks.slack.com/services/T000/B000/abcdefghijklmnop
S3_BATCH_EXPORT_SECRET_ACCESS_KEY=tr0ub4dor
SALT=tr0ub4dor
APP_KEY=base64:tr0ub4dorxxx=
""".strip().splitlines()
DEMO = r"""
POSTGRES_PASSWORD=changeme
DATABASE_URL=postgres://shopkeeper:shopkeeper@db/shop
JWT_SECRET=my-super-secret-jwt-key
REDIS_PASSWORD=redis-password123
API_KEY=<your-api-key>
""".strip().splitlines()


@pytest.mark.parametrize("line", NONE)
def test_no_credential(line: str) -> None:
    name, _, value = line.partition("=")
    assert knowledge.find_credential(name, value, unresolved=()) is None or "{{" in value


@pytest.mark.parametrize("line", SOME)
def test_credential(line: str) -> None:
    name, _, value = line.partition("=")
    found = knowledge.find_credential(name, value)
    assert found is not None
    assert not found.placeholder
    assert found.start < found.end <= len(value)


@pytest.mark.parametrize("line", DEMO)
def test_demo_value(line: str) -> None:
    name, _, value = line.partition("=")
    found = knowledge.find_credential(name, value)
    assert found is not None
    assert found.placeholder


# -- command lines


@pytest.mark.parametrize(
    ("command", "names"),
    [
        ("redis-server --requirepass tr0ub4dor", ["--requirepass"]),
        ("redis-server --requirepass $PW", []),
        ("mysqladmin ping -uroot -ptr0ub4dor", ["-p"]),
        ("mysql -p shop", []),
        ("mongosh -u admin -p tr0ub4dor --eval x", ["-p"]),
        ("server -p 8080 --user 1000:1000", []),
        ("curl -u app:tr0ub4dor http://x | grep y", ["-u"]),
        ("curl -H 'Authorization: Bearer 9f86d081884c7d65' http://x", ["Authorization"]),
        ("psql -c \"CREATE USER a WITH PASSWORD 'tr0ub4dor'\"", ["PASSWORD"]),
        ("app --db-password=tr0ub4dor --token-ttl 3600 --password-file /x", ["--db-password"]),
        ("PGPASSWORD=tr0ub4dor psql", ["PGPASSWORD"]),
        ("migrate postgres://a:tr0ub4dor@db/x", ["URL"]),
        ("rabbitmqctl add_user bob tr0ub4dor", ["add_user"]),
        ("sshpass -p tr0ub4dor ssh host", ["-p"]),
        ("docker build --secret id=token,src=./token .", []),
        ("app --max-total-tokens 4096 --tokenizer gpt2", []),
        ("app --password --verbose", []),
        ('redis-cli -a "$(cat /run/secrets/pw)" ping', []),
    ],
)
def test_command_lines(command: str, names: list[str]) -> None:
    source = Source("compose.yaml", command)
    word = Text(command, Span(source, 0, len(command)))
    found = command_literals([word], "command")
    assert [literal.name.value for literal in found] == names
    for literal in found:
        assert "tr0ub4dor" in literal.place.text() or literal.place.text().startswith("9f86")


# -- env files and git

COMPOSE = "services:\n  app:\n    image: registry.example.com/app:1\n    env_file: app.env\n"
SECRET = "API_KEY=9f86d081884c7d659a2f\n"


def findings(root: Path, *codes: str) -> list[str]:
    session = Session(
        {"paths": (".",), "select": codes, "persona": "auditor", "min_level": "note"}, cwd=str(root)
    )
    discovery = session.discovery()
    return [f.code for f in session.result(session.workspace(discovery), discovery).findings]


def git(root: Path, *arguments: str) -> None:
    subprocess.run(("git", *arguments), cwd=root, check=True, capture_output=True)


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
@pytest.mark.parametrize(
    ("ignore", "tracked", "expected"),
    [
        ("", True, ["VL305"]),
        ("", False, ["VL305"]),
        ("app.env\n", False, []),
        ("app.env\n", True, ["VL305"]),
    ],
)
def test_env_file_in_a_repository(
    tmp_path: Path, ignore: str, tracked: bool, expected: list[str]
) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    (tmp_path / "app.env").write_text(SECRET)
    (tmp_path / ".gitignore").write_text(ignore)
    if tracked:
        git(tmp_path, "add", "-f", "app.env", "compose.yaml")
    assert findings(tmp_path, "VL302", "VL305") == expected


def test_env_file_where_nobody_uses_git(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    (tmp_path / "app.env").write_text(SECRET)
    assert findings(tmp_path, "VL302", "VL305") == ["VL302"]


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_variables_of_a_tracked_env_file(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / "compose.yaml").write_text(
        "services:\n  app:\n    image: registry.example.com/app:1\n"
        "    environment:\n      API_KEY: ${API_KEY}\n"
    )
    (tmp_path / ".env").write_text(SECRET)
    assert findings(tmp_path, "VL302", "VL305") == ["VL305"]
    (tmp_path / ".gitignore").write_text(".env\n")
    assert findings(tmp_path, "VL302", "VL305") == []


# -- no value is shown

PLANTED = ("tr0ub4dor", "Tr0ub4dor", "c0rrecth0rse", "b4tterystaple", "9f86d081884c7d65", "b7Gqx81")


STAND_INS = {value: f"k4{value[::-1].lower()}z9" for value in PLANTED}
"""What takes the place of the values, which the rules' own pages have in their examples."""


def planted(text: str) -> str:
    for value, other in STAND_INS.items():
        text = text.replace(value, other)
    return text


def shown(root: str, select: tuple[str, ...]) -> str:
    """Return everything that any format says of a folder, and all that a finding keeps of it."""
    session = Session(
        {
            "paths": (".",),
            "select": select,
            "persona": "auditor",
            "min_level": "note",
            "min_confidence": "low",
        },
        cwd=root,
    )
    discovery = session.discovery()
    result = session.result(session.workspace(discovery), discovery)
    repository = Repository(root, root)
    parts = [
        render_check(name, result, Options(color, width, root))
        for name in CHECK_FORMATS
        for color, width in ((False, None), (True, 40))
    ]
    for finding in result.findings:
        parts += [finding.message, finding.help, finding.target, finding.source]
        parts += [label.message for label in finding.labels]
        parts.append(fingerprint(finding, repository))
        if finding.fix is not None:
            parts.append(finding.fix.title)
            parts += [edit.replacement for edit in finding.fix.edits]
    return "\n".join(parts)


def write(root: str, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = os.path.join(root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8", newline="") as stream:
            stream.write(text)


@pytest.mark.parametrize(
    ("code", "case"),
    [(code, path.name) for code in CODES for path in sorted((FIXTURES / code).iterdir())],
)
def test_no_fixture_shows_a_value(code: str, case: str) -> None:
    files, _ = read_fixture(str(FIXTURES / code / case))
    with tempfile.TemporaryDirectory() as root:
        root = os.path.realpath(root)
        write(root, {name: planted(text) for name, text in files.items()})
        output = shown(root, ())
    for value in STAND_INS.values():
        assert value not in output, value


TEMPLATES = [
    ("compose.yaml", "services:\n  app:\n    image: postgres:17\n    environment:\n      POSTGRES_PASSWORD: {json}\n"),
    ("compose.yaml", "services:\n  app:\n    image: x:1\n    environment:\n      - {item}\n"),
    ("compose.yaml", "services:\n  app: {{image: 'x:1', environment: {{A_TOKEN: {json}, B: c}}}}\n"),
    ("compose.yaml", "services:\n  app:\n    image: x:1\n    environment:\n      A_TOKEN: |\n        {value}\n"),
    ("compose.yaml", "services:\n  app:\n    image: x:1\n    environment:\n      URL: postgres://u:{value}@db/x\n"),
    ("compose.yaml", "services:\n  app:\n    image: x:1\n    environment:\n      A: ${{A_SECRET:-{value}}}\n"),
    ("compose.yaml", "services:\n  app:\n    image: x:1\n    environment:\n      A_SECRET: ${{A:-{value}}}\n"),
    ("compose.yaml", "services:\n  app:\n    image: x:1\n    environment:\n      CONN: Server=db;Password={value};X=y\n"),
    ("compose.yaml", "services:\n  app:\n    image: x:1\n    command: [redis-server, --requirepass, {json}]\n"),
    ("compose.yaml", "services:\n  app:\n    image: x:1\n    command: redis-server --requirepass {value} --port 1\n"),
    ("compose.yaml", "services:\n  app:\n    image: x:1\n    healthcheck:\n      test: mysqladmin ping -uroot -p{value}\n"),
    ("compose.yaml", "services: {{}}\nvolumes:\n  s:\n    driver_opts:\n      o: username=u,password={value}\n"),
    ("compose.yaml", "services: {{}}\nconfigs:\n  c:\n    content: |\n      [db]\n      password = {value}\n"),
    ("run.sh", "docker run -e A_PASSWORD={value} -e 'B_TOKEN={value}' postgres:17 psql -c x --password={value}\n"),
    ("run.sh", "docker run -e NEO4J_AUTH=neo4j/{value} -e SFTP_USERS=bob:{value}:1001 neo4j:5\n"),
    ("run.sh", "docker run -e CONN='Server=db;Password={value};X=y' -v data:/data postgres:17\n"),
    ("run.sh", "docker run mysql:8 mysqladmin ping -uroot -p{value}\n"),
    ("run.sh", "PW={value}\ndocker run -e A_PASSWORD=$PW postgres:17\n"),
    ("run.sh", "docker run --health-cmd 'redis-cli -a {value} ping' redis:7\n"),
    ("Dockerfile", "FROM alpine\nRUN echo 'root:{value}' | chpasswd\nRUN curl -u me:{value} http://x\n"),
    ("Dockerfile", "FROM alpine\nADD https://me:{value}@example.com/x /x\nENV A_PASSWORD={value}\nARG B_TOKEN={value}\n"),
]  # fmt: skip
VALUES = st.text(
    "abcdefghkmnpqrstxyzABCDEFGHKMNPQRSTXYZ23456789_+.", min_size=9, max_size=30
).filter(lambda value: any(c.isdigit() for c in value) and any(c.isalpha() for c in value))


@pytest.mark.parametrize(("name", "template"), TEMPLATES)
@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(value=VALUES)
def test_no_value_is_shown(name: str, template: str, value: str) -> None:
    value = "q7" + value
    text = template.format(
        value=value, json=json.dumps(value), item=json.dumps(f"A_SECRET={value}")
    )
    with tempfile.TemporaryDirectory() as root:
        root = os.path.realpath(root)
        write(root, {name: text, "app.env": ""})
        output = shown(root, ())
    assert value not in output


@pytest.mark.parametrize(
    "words",
    [
        ["redis-cli", "-a", "k4q7z9", "ping"],
        ["sqlcmd", "-S", "localhost", "-P", "k4q7z9"],
        ["mysqladmin", "ping", "-uroot", "-pk4q7z9"],
        ["mongosh", "-u", "admin", "-p", "k4q7z9"],
        ["curl", "-u", "bob:k4q7z9", "http://x"],
        ["sh", "-c", "echo 'root:k4q7z9' | chpasswd"],
    ],
)
def test_words_of_commands(words: list[str]) -> None:
    assert "k4q7z9" not in " ".join(redact_words(words))


def test_words_that_are_ports() -> None:
    words = ["mongod", "-p", "27017", "--port", "27018"]
    assert redact_words(words) == words


def test_an_env_files_values_are_not_shown() -> None:
    files = {"compose.yaml": COMPOSE, "app.env": SECRET, ".gitignore": "x\n"}
    found = check_files(files, select=("VL305",))
    assert [finding.code for finding in found] == ["VL305"]
    with tempfile.TemporaryDirectory() as root:
        root = os.path.realpath(root)
        write(root, {name: planted(text) for name, text in files.items()})
        assert STAND_INS["9f86d081884c7d65"] not in shown(root, ())


@pytest.mark.parametrize(
    "line",
    [
        "openssl passwd" + " -salt -a" * 40,
        "echo" + " " * 3000,
        "echo x" + " " * 3000 + "| passwd",
        "chpasswd " * 1000,
        "passwd " * 1000,
    ],
)
def test_searching_a_line_for_secrets_takes_no_longer_than_it_is_long(line: str) -> None:
    before = time.process_time()
    redact(line)
    check_files({"Dockerfile": f"FROM alpine\nRUN useradd -p $({line}\n"}, select=["VL310"])
    assert time.process_time() - before < 5
