"""`flask print-run`: all receipts of a month in one file, whatever stops the command on its way."""

from pathlib import Path

import pytest

from mygas.cli import print_run as commands
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


@pytest.fixture
def stopped(run, town, tmp_path, monkeypatch):
    """The journal of a run of seven papers that was stopped at the sixth: four are kept. Beside it, `whole.pdf`."""
    monkeypatch.setattr(documents, "CHUNK", 2)
    run("perm", "10.2026", name="whole.pdf")
    add, added = documents.PrintRun.add, []

    def stop_at_the_sixth(self, paper):
        added.append(paper.number)
        if len(added) == 6:
            raise KeyboardInterrupt
        add(self, paper)

    with monkeypatch.context() as broken:
        broken.setattr(documents.PrintRun, "add", stop_at_the_sixth)
        run("perm", "10.2026", expect=1)
    assert not (tmp_path / "run.pdf").exists()
    return tmp_path / "run.pdf.work" / "numbers"


@pytest.fixture
def goes_on(run, tmp_path, monkeypatch):
    """See the stopped run come out whole, drawing only what was not kept."""

    def goes_on() -> None:
        add, added = documents.PrintRun.add, []
        monkeypatch.setattr(documents.PrintRun, "add", lambda self, paper: (added.append(paper.number), add(self, paper)))
        assert f"Продолжаем после счёта {NUMBERS[3]}." in run("perm", "10.2026")
        assert added == list(NUMBERS[4:])
        assert (tmp_path / "run.pdf").read_bytes() == (tmp_path / "whole.pdf").read_bytes()

    return goes_on


def test_what_was_stopped_goes_on_and_comes_out_the_same(run, stopped, goes_on):
    assert "от другого запуска" in run("perm", "09.2026", expect=1)
    assert "от другого запуска" in run("perm", "10.2026", "--street", "Полевая", expect=1)
    goes_on()


def test_a_journal_whose_last_line_was_cut_short_is_taken_up(stopped, goes_on):
    lines = stopped.read_bytes().splitlines(keepends=True)
    stopped.write_bytes(b"".join(lines[:5]) + lines[5][:4])
    goes_on()


def test_killed_while_it_takes_the_journal_up_it_can_be_taken_up_again(run, stopped, goes_on, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(commands, "appear", lambda *_: 1 / 0)
        run("perm", "10.2026", expect=1)
    with monkeypatch.context() as broken:
        broken.setattr(Path, "replace", lambda *_: 1 / 0)
        run("perm", "10.2026", expect=1)
    goes_on()


@pytest.mark.parametrize("left", [b"", b"perm 20", b"perm 202610 1 \n59000001\n5900"])
def test_a_journal_that_was_cut_short_before_any_page_is_begun_anew(run, town, tmp_path, monkeypatch, left):
    with monkeypatch.context() as broken:
        broken.setattr(documents.PrintRun, "add", lambda *_: 1 / 0)
        run("perm", "10.2026", expect=1)
    (tmp_path / "run.pdf.work" / "numbers").write_bytes(left)
    assert "Квитанций: 7," in run("perm", "10.2026")
    run("perm", "10.2026", name="whole.pdf")
    assert (tmp_path / "run.pdf").read_bytes() == (tmp_path / "whole.pdf").read_bytes()


@pytest.mark.parametrize("spoil", [lambda path: path.write_bytes(b""), lambda path: path.unlink()])
def test_pages_without_their_journal_are_refused_in_words(run, stopped, spoil):
    spoil(stopped)
    assert "Удалите её, чтобы начать заново" in run("perm", "10.2026", expect=1)


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
