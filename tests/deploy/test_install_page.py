"""docs/install.md: an administrator who follows it meets nothing that is not there."""

import re
from pathlib import Path

import pytest

from tests.deploy.proxy import DEPLOY, ROOT

TEXT = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
COMMANDS = sorted(set(re.findall(r"(?m)(?:^|`|&& )mygas ([a-z-]+)", TEXT)))


def test_links_lead_somewhere():
    assert [link for link in re.findall(r"\]\(([^)#]+)\)", TEXT) if not (ROOT / "docs" / link).exists()] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_commands_are_those_of_the_portal(app, name: str):
    assert name in ("check", "python") or name in app.cli.commands


@pytest.mark.parametrize("unit", sorted(set(re.findall(r"mygas-[a-z]+(?:@)?\.(?:timer|service)", TEXT))))
def test_units_are_there(unit: str):
    assert (DEPLOY / unit).exists()


def test_scripts_know_the_words_that_are_told():
    told = {word for line in re.findall(r"upgrade\.sh[^`\n]*", TEXT) for word in re.findall(r"--[a-z]+", line)}
    known = set(re.findall(r"(?m)^    (--[a-z]+)\)", (DEPLOY / "upgrade.sh").read_text(encoding="utf-8")))
    assert told == known


@pytest.mark.parametrize(
    "path", sorted(set(re.findall(r"/etc/mygas/[a-z.]+|/var/(?:lib|backups)/mygas[a-z-]*|/run/mygas[a-z-]+", TEXT)))
)
def test_folders_are_those_of_the_scripts(path: str):
    scripts = "".join((DEPLOY / name).read_text(encoding="utf-8") for name in ("release.sh", "install.sh"))
    scripts = scripts.replace("$settings", "/etc/mygas").replace("$prefix", "")
    assert path in scripts


def test_the_readme_names_the_page():
    assert "(docs/install.md)" in Path(ROOT / "README.md").read_text(encoding="utf-8")
