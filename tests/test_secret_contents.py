"""What a look at the content says about a file with a secret's name."""

from __future__ import annotations

import pytest

from volint.knowledge import secret_verdict

KEY = "-----BEGIN RSA PRIVATE KEY-----\nabc\n"


@pytest.mark.parametrize(
    ("path", "content", "value"),
    [
        ("server.pem", KEY, "secret"),
        ("server.pem", "-----BEGIN CERTIFICATE-----\nabc\n", "harmless"),
        ("repo.key", "-----BEGIN PGP PUBLIC KEY BLOCK-----\n", "harmless"),
        ("server.key", "in some other form", "unknown"),
        ("id_rsa", "", "unknown"),
        (".env", "", "harmless"),
        (".env", "PORT=80\nLOG=debug # x\n", "harmless"),
        (".env", "API_KEY=\n", "placeholder"),
        (".env", "DB_PASSWORD=changeme\n", "placeholder"),
        (".env", "export DB_PASSWORD='b7Gq-x81'\n", "secret"),
        (".env", "URL=postgres://app:b7Gqx81@db/app\n", "secret"),
        (".env", "DB_PASSWORD=${VAULT_PASSWORD}\n", "harmless"),
        (".npmrc", "registry=https://registry.example.com/\n", "harmless"),
        (".npmrc", "//registry.example.com/:_authToken=${NPM_TOKEN}\n", "harmless"),
        (".npmrc", "//registry.example.com/:_authToken=npm_0a1b2c3d4e5f\n", "secret"),
        ("pip.conf", "[global]\nindex-url = https://u:b7Gqx81@pypi.example.com/simple\n", "secret"),
        ("pip.conf", "[global]\nindex-url = https://pypi.example.com/simple\n", "harmless"),
        (".m2/settings.xml", "<password>${env.TOKEN}</password>", "harmless"),
        (".m2/settings.xml", "<password>b7Gqx81</password>", "secret"),
        (".netrc", "machine x login y password z", "unknown"),
        (".ssh/config", "Host *\n  User git\n", "harmless"),
        (".aws/config", "[default]\nregion = eu-west-1\n", "harmless"),
        (".aws/config", "aws_secret_access_key = 8f1c2b9ae01d\n", "secret"),
        (".aws/credentials", "[default]\n", "unknown"),
        ("secrets.yml", "production:\n  secret_key_base: 8f1c2b9ae01d\n", "secret"),
        ("secrets.yml", "production:\n  secret_key_base: <%= ENV['KEY'] %>\n", "harmless"),
        ("secrets.json", '{"a": 1, "api_key": "8f1c2b9ae01d"}', "secret"),
        ("secrets.json", '{"api_key": ""}', "placeholder"),
        ("wp-config.php", "define( 'DB_PASSWORD', 'b7Gqx81' );\n", "secret"),
        ("wp-config.php", "define( 'DB_PASSWORD', getenv('DB_PASSWORD') );\n", "harmless"),
        ("settings.local.php", "'password' => 'b7Gqx81',\n", "secret"),
        ("app/secrets/store.py", "password = 'b7Gqx81'\n", "harmless"),
        ("secrets/.gitkeep", "", "harmless"),
        ("secrets/db.txt", "b7Gqx81\n", "unknown"),
        ("README.md", KEY, "harmless"),
    ],
)
def test_verdict(path: str, content: str, value: str) -> None:
    assert secret_verdict(path, content.encode()).value == value


def test_what_is_no_text_says_nothing() -> None:
    assert secret_verdict("id_rsa", b"\xff\x00\x01").value == "unknown"
    assert secret_verdict(".env", "API_KEY=\né".encode()[:-1]).value == "placeholder"
