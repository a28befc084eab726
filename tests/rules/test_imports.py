"""Who may import whom (docs/architecture of the rooms): the table is the test."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "mygas"
LOW = {
    "acquiring", "clock", "contacts", "matching", "money", "networks", "papers", "settings", "speech", "spreadsheets",
    "toml_tables", "wizard", "words",
}  # fmt: skip
MAY = {
    **dict.fromkeys(LOW, LOW),
    "logs": set(),
    "supervisor": set(),
    "keyring": {"settings"},
    "extensions": {"keyring", "networks"},
    "schema": {"settings"},
    "suppliers": LOW,
    "models": {"clock", "money", "extensions"},
    "domain": {"models", "suppliers", "extensions", "keyring", "schema", *LOW} - {"settings"},
    "gateways": {"acquiring", "settings", "money", "clock", "networks"},
    "documents": {"settings", "money", "clock", "papers", "words"},
    "exchange": {"domain", "models", "suppliers", "extensions", *LOW},
    "jobs": {"domain", "gateways", "documents", "exchange", "models", "extensions", *LOW},
    "web": {"domain", "suppliers", "extensions", "keyring", *LOW} - {"networks", "papers", "settings"},
    "pretend_bank": {"clock", "money"},
    "keeping": {"clock", "domain", "extensions", "gateways", "keyring", "schema", "settings", "supervisor"},
    "demo": {"exchange", "settings", "suppliers", "clock"},
    "training": {"domain", "exchange", "extensions", "gateways", "jobs", "keyring", "pretend_bank", "suppliers", "web", *LOW},
    "up": {"jobs", "settings", "supervisor", "training"},
}
SEE_ALL = {"__init__", "cli"}
FOREIGN = {
    "flask": {"web", "jobs", "extensions", "keeping", "keyring", "up", "pretend_bank", "training"},
    "redis": {"jobs", "up"},
    "rq": {"jobs", "up"},
    "sqlite3": {"extensions"},
    "pysqlite3": {"extensions"},
}


def room(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    """Modules that the file imports: dotted names."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports(path: Path):
    here = room(path)
    if here in SEE_ALL:
        return
    names = imported(path)
    ours = {name.split(".")[1] for name in names if name.startswith("mygas.")} - {here}
    assert ours <= MAY[here], f"{here} may not import {ours - MAY[here]}"
    foreign = {name.split(".")[0] for name in names}
    forbidden = {name for name in foreign & FOREIGN.keys() if here not in FOREIGN[name]}
    assert not forbidden, f"{here} may not import {forbidden}"


def test_every_room_is_in_the_table():
    rooms = {room(path) for path in ROOT.rglob("*.py")}
    assert rooms == MAY.keys() | SEE_ALL


def test_migrations_import_no_domain():
    for path in (ROOT.parent / "migrations").rglob("*.py"):
        assert not [name for name in imported(path) if name.startswith("mygas.domain") or "outbox" in name]
