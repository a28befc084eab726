"""Rules of the house that a grep can keep."""

import re
from pathlib import Path

import pytest

from mygas.suppliers import load

ROOT = Path(__file__).parents[2]
CODE = sorted((ROOT / "mygas").rglob("*.py"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SLUGS = load(ROOT / "mygas" / "suppliers" / "catalogue").keys()


def lines_with(pattern: str, paths: list[Path]) -> list[str]:
    found = re.compile(pattern)
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if found.search(line)
    ]


def test_no_supplier_slug_in_code_or_templates():
    assert not lines_with(rf"""["'](?:{"|".join(map(re.escape, SLUGS))})["']""", CODE + TEMPLATES)
    assert not lines_with(r"supplier\w*\.slug\s*(?:==|!=|in\b)", CODE + TEMPLATES)


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        (r"\bdatetime\.(?:now|utcnow|today)\(|\btime\.time\(", "time is read by clock.now() alone"),
        (r"\bfloat\(", "nothing is ever a float: money and volumes are integers"),
        (r"\\d", "digits are [0-9]: \\d takes Arabic ones"),
        (r"\bpickle\b", "ids and JSON only"),
        (r"\brandom\.(?:choice|randint|random)\(", "chance comes from secrets"),
        (r"\bcommit=", "no caller would know its transaction"),
    ],
)
def test_not_in_code(pattern: str, why: str):
    allowed = {"mygas/clock.py", "mygas/gateways/mail.py"}  # the second: seconds to wait, as sockets take them
    assert not [line for line in lines_with(pattern, CODE) if line.split(":")[0] not in allowed], why


def test_commits_are_made_in_two_places():
    where = {line.split(":")[0] for line in lines_with(r"\.commit\(\)", CODE)}
    assert where <= {"mygas/domain/work.py", "mygas/exchange/store.py"}


def test_nothing_typed_by_a_person_is_called_safe():
    assert not lines_with(r"\|\s*safe\b", TEMPLATES)
    assert [line.split(":")[0] for line in lines_with(r"\bMarkup\(", CODE)] == ["mygas/web/headers.py", "mygas/web/receipts.py"]


def test_addresses_are_told_in_one_place():
    """A portal may hang under a path, which Flask keeps apart from that of the page."""
    where = {line.split(":")[0] for line in lines_with(r"request\.(?:path|full_path|url|base_url)\b", CODE)}
    assert where == {"mygas/web/addresses.py"}


def test_nothing_knows_that_it_is_a_lesson():
    """Domain, views and templates are those of the real portal; the slot of the coach is all that there is."""
    rooms = [
        path for path in CODE if path.relative_to(ROOT / "mygas").parts[0] in ("domain", "models", "web", "documents", "jobs")
    ]
    pages = [path for path in TEMPLATES if path.parent.name != "training"]
    found = lines_with(r"\btraining\b|\bcoach\b|\blearner|\bsettings\.mount\b", rooms + pages)
    assert {line.split(":")[0] for line in found} == {"templates/ui/fragment.html"}


def test_templates_name_no_other_host():
    assert not lines_with(r"(?:src|href)=\"(?:https?:)?//", TEMPLATES)


def test_no_room_for_everything():
    names = {path.stem for path in CODE}
    assert not names & {"utils", "helpers", "common", "misc", "services"}
