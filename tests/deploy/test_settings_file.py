"""deploy/portal.env: every setting there is, and none that there is not."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from mygas.settings import BadSettings, from_environment
from tests.deploy.conftest import production
from tests.deploy.proxy import DEPLOY, ROOT

FILE = DEPLOY / "portal.env"
LINE = re.compile(r"(?m)^(#?)([A-Z][A-Z_]+)=(.*)$")


class Asked(Mapping[str, str]):
    """An environment that remembers what was asked of it."""

    def __init__(self, holds: dict[str, str]) -> None:
        self.holds, self.names = holds, set[str]()

    def get(self, name: str, default: str | None = None) -> str | None:  # type: ignore[override]
        self.names.add(name)
        return self.holds.get(name, default)

    def __getitem__(self, name: str) -> str:
        self.names.add(name)
        return self.holds[name]

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("settings are asked for one by one")

    def __len__(self) -> int:
        return len(self.holds)


def read_anywhere(tmp_path: Path) -> set[str]:
    """Names that the portal reads: those of settings.py, and the one of the training bank."""
    env = Asked({"MYGAS_DATA": str(tmp_path / "data"), **production(tmp_path)})
    from_environment(env)
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "mygas").rglob("*.py"))
    return env.names | set(re.findall(r'environ\.get\("(\w+)"', code))


def base(names: set[str]) -> set[str]:
    return {name.removesuffix("_FILE") for name in names}


def test_the_file_and_the_code_know_the_same_settings(tmp_path: Path):
    names = {name for _, name, _ in LINE.findall(FILE.read_text(encoding="utf-8"))}
    known = read_anywhere(tmp_path)
    assert names - known == set()
    assert base(known) - base(names) == set()


def test_the_readme_knows_them_too(tmp_path: Path):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    table = text[text.index("| setting |") : text.index("Any of them that is secret")]
    told = set(re.findall(r"`([A-Z][A-Z_]+)`", table))
    known = base(read_anywhere(tmp_path))
    assert told - known == set()
    assert known - told == {"MYGAS_MODE"}  # told in the text above


def test_secrets_are_given_as_files():
    """Nothing in the file is a secret, and each secret has a place of its own."""
    for commented, name, value in LINE.findall(FILE.read_text(encoding="utf-8")):
        assert "@" not in value or name == "MYGAS_MAIL_FROM", name
        assert not name.endswith("_FILE") or value.startswith("/etc/mygas/secrets/"), name
        assert commented or value or name == "MYGAS_SUPPORT_EMAIL", name


def test_both_readers_understand_every_line():
    """systemd, and deploy/mygas, which takes no quotes and no backslashes."""
    for line in FILE.read_text(encoding="utf-8").splitlines():
        assert not line or line.startswith("#") or re.fullmatch(r"[A-Z][A-Z0-9_]*=(?:[^\s'\"\\][^'\"\\]*)?(?<!\s)", line), line


def as_installed(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "secrets").mkdir()
    for name, value in {
        "mail": "smtps://u:p@mail.example.ru",
        "sms": "https://sms.example.ru/",
        "sms-body": "{to}{text}",
    }.items():
        (tmp_path / "secrets" / name).write_text(value + "\n", encoding="utf-8")
    own = {
        "/etc/mygas/secrets": tmp_path / "secrets",
        "/etc/mygas/keys": production(tmp_path)["MYGAS_KEYS"],
        "/var/lib/mygas": tmp_path,
    }
    text = FILE.read_text(encoding="utf-8")
    for theirs, ours in own.items():
        text = text.replace(theirs, str(ours))
    return {name: value for commented, name, value in LINE.findall(text) if not commented}


def test_the_portal_starts_with_it_once_the_secrets_are_there(tmp_path: Path):
    settings = from_environment(as_installed(tmp_path))
    assert (settings.demo, settings.proxies, settings.host, settings.bank_url) == (False, 1, "127.0.0.1", "off")
    assert settings.mail_url == "smtps://u:p@mail.example.ru"


def test_a_secret_that_is_not_there_yet_is_named(tmp_path: Path):
    env = as_installed(tmp_path)
    (tmp_path / "secrets" / "mail").unlink()
    with pytest.raises(BadSettings, match="MYGAS_MAIL_URL_FILE"):
        from_environment(env)
