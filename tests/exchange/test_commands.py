"""`flask import` and `flask demo-data`, as an operator types them."""

from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from tests.exchange.registry import FILES, everything, write


@pytest.fixture
def typed(app: Flask):
    def type_in(*words: str) -> Result:
        return app.test_cli_runner().invoke(args=list(words))

    return type_in


def test_demo_data_go_in(typed, tmp_path: Path, database_url: str) -> None:
    made = typed("demo-data", str(tmp_path / "demo"), "--supplier", "volga", "--accounts", "40", "--seed", "3")
    assert made.exit_code == 0 and len(made.output.splitlines()) == 6, made.output
    loaded = typed("import", str(tmp_path / "demo"), "--supplier", "volga")
    assert loaded.exit_code == 0 and "accounts.csv: новых 40, изменённых 0, прежних 0" in loaded.output
    assert len(everything(database_url)["account_card"]) == 40
    again = typed("import", str(tmp_path / "demo"), "--supplier", "volga")
    assert again.exit_code == 0 and "уже загружен" in again.output


def test_a_bad_registry_ends_in_one_and_a_table_of_faults(typed, tmp_path: Path, database_url: str) -> None:
    folder = write(tmp_path / "in", totals=None, payments=FILES["payments"].replace("1 200", "-1"))
    refused = typed("import", str(folder), "--supplier", "perm")
    assert refused.exit_code == 1
    assert "payments.csv, строка 3, столбец sum: отрицательная сумма «-1»" in refused.output
    assert "ничего не изменено" in refused.output and not everything(database_url)["registry"]


def test_an_unknown_supplier_is_refused(typed, tmp_path: Path) -> None:
    refused = typed("import", str(write(tmp_path / "in")), "--supplier", "nobody")
    assert refused.exit_code == 2 and "perm" in refused.output
