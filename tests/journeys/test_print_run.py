"""`flask print-run`: all receipts of a month in one file, whatever stops the command on its way."""

import pytest

from mygas.documents import print_run as documents
from mygas.extensions import db, transactions_may_write
from mygas.models import AccountCard

NUMBERS = tuple(f"590000{at:02}" for at in range(1, 8))


@pytest.fixture
def town(region, app) -> None:
    """Seven accounts of Пермь, the even ones of another street."""
    ids = [region("perm", number) for number in NUMBERS]
    with app.app_context(), transactions_may_write():
        other = db.update(AccountCard).where(AccountCard.account_id.in_(ids[1::2]))
        db.session.execute(other.values(address="с. Берёзовка, ул. Полевая, д. 1"))
        db.session.commit()


@pytest.fixture
def run(app, tmp_path):
    """Run the command; what it said. `expect` is its exit code."""

    def run(*words: str, name: str = "run.pdf", expect: int = 0) -> str:
        result = app.test_cli_runner().invoke(args=["print-run", *words, "-o", str(tmp_path / name)])
        assert result.exit_code == expect, result.output
        return result.output

    return run


def test_all_of_a_supplier(run, town, tmp_path):
    assert "Квитанций: 7, страниц: 7." in run("perm", "10.2026")
    assert (tmp_path / "run.pdf").read_bytes().startswith(b"%PDF-")
    assert (tmp_path / "run.pdf").stat().st_mode & 0o777 == 0o600, "there are PINs in it"
    assert not (tmp_path / "run.pdf.work").exists()


@pytest.mark.parametrize(("street", "count"), [("березовка", 3), ("ЛЕНИНА, Д. 12", 4), ("ул.", 7)])
def test_a_street_however_typed(run, town, street, count):
    assert f"Квитанций: {count}," in run("perm", "2026-10", "--street", street)


def test_in_large_print(run, town):
    assert "Квитанций: 7," in run("perm", "10.2026", "--large")


def test_what_was_stopped_goes_on_and_comes_out_the_same(run, town, tmp_path, monkeypatch):
    monkeypatch.setattr(documents, "CHUNK", 2)
    run("perm", "10.2026", name="whole.pdf")
    add, added = documents.PrintRun.add, []

    def stop_at_the_sixth(self, paper):
        added.append(paper.number)
        if len(added) == 6:
            raise KeyboardInterrupt
        add(self, paper)

    monkeypatch.setattr(documents.PrintRun, "add", stop_at_the_sixth)
    run("perm", "10.2026", expect=1)
    assert not (tmp_path / "run.pdf").exists()
    assert "от другого запуска" in run("perm", "09.2026", expect=1)
    assert "от другого запуска" in run("perm", "10.2026", "--street", "Полевая", expect=1)
    assert f"Продолжаем после счёта {NUMBERS[3]}." in run("perm", "10.2026")
    assert added[6:] == list(NUMBERS[4:])
    assert (tmp_path / "run.pdf").read_bytes() == (tmp_path / "whole.pdf").read_bytes()


def test_editions_are_not_mixed(run, town, region, monkeypatch):
    monkeypatch.setattr(documents, "CHUNK", 2)
    with monkeypatch.context() as broken:
        broken.setattr(documents.PrintRun, "finish", lambda *_: 1 / 0)
        run("perm", "10.2026", expect=1)
    region("perm", "59000099")
    assert "новый реестр" in run("perm", "10.2026", expect=1)


def test_nothing_to_print_makes_no_file(run, town, tmp_path):
    assert "квитанций нет" in run("perm", "10.2030", expect=1)
    assert "квитанций нет" in run("perm", "10.2026", "--street", "Кирова", expect=1)
    assert "квитанций нет" in run("izhevsk", "10.2026", expect=1)
    assert [path.name for path in tmp_path.iterdir() if "run.pdf" in path.name] == []


def test_what_is_no_month_and_no_supplier(run):
    assert "не месяц" in run("perm", "13.2026", expect=2)
    assert "не месяц" in run("perm", "0000-00", expect=2)
    assert "нет поставщика «никто»" in run("никто", "10.2026", expect=2)
