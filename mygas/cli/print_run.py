"""`flask print-run`: one file of all receipts of a month, for a printing house (docs/receipts.md)."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import click
from flask.cli import with_appcontext

from mygas.cli.arguments import supplier_named
from mygas.cli.progress import bar
from mygas.documents.print_run import OtherRun, PrintRun, appear
from mygas.domain import receipts
from mygas.domain.months import is_month
from mygas.exchange import faults, values
from mygas.suppliers import Supplier

_FOREIGN = (
    "Папка {folder} осталась от другого запуска: другие поставщик, месяц, улица или вид, новая версия портала, "
    "либо с тех пор загружен новый реестр. Удалите её, чтобы начать заново."
)


class _Period(click.ParamType[int]):
    """A month as registries write it."""

    name = "month"

    def convert(self, value: str, param: click.Parameter | None, context: click.Context | None) -> int:
        try:
            period = values.period(value)
        except faults.Unfit as unfit:
            self.fail(unfit.reason % unfit.values, param, context)
        return period if is_month(period) else self.fail(f"«{value}» — не месяц", param, context)


class _Journal:
    """Which accounts are in the run, a number a line under what the run is `about`; written ahead of the pages.

    A run that is taken up again goes on after its `last` number: those of pages that were lost are forgotten, be they written
    whole or in part.
    """

    def __init__(self, path: Path, about: str, done: int) -> None:
        """Raises OtherRun where the pages are not of this run."""
        written = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        kept = written[: done + 1] if done else [about]
        if len(kept) != done + 1 or kept[0] != about:
            raise OtherRun(str(path))
        self.numbers = done
        self.last = kept[-1] if done else ""
        appear(path, "".join(f"{line}\n" for line in kept).encode())
        self._file = path.open("a", encoding="utf-8")

    def note(self, numbers: Sequence[str]) -> None:
        """Write them; they are on the disk when this returns."""
        self._file.writelines(f"{number}\n" for number in numbers)
        self._file.flush()
        os.fsync(self._file.fileno())
        self.numbers += len(numbers)


@click.command("print-run")
@click.argument("slug", metavar="SUPPLIER")
@click.argument("period", metavar="PERIOD", type=_Period())
@click.option("--street", default="", metavar="ТЕКСТ", help="Только адреса, в которых есть этот текст.")
@click.option("--large", is_flag=True, help="Крупный шрифт.")
@click.option("-o", "output", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Куда записать.")
@with_appcontext
def print_run(slug: str, period: int, street: str, large: bool, output: Path | None) -> None:
    """Собрать квитанции поставщика SUPPLIER за месяц PERIOD (10.2026) в один файл PDF; прерванное продолжить."""
    supplier = supplier_named(slug)
    path = output or Path(f"receipts-{slug}-{period // 100}-{period % 100:02d}.pdf")
    folder = path.with_name(f"{path.name}.work")
    os.umask(0o077)  # PINs may stand in the file
    try:
        run = PrintRun(folder, "large" if large else "a4")
        journal = _Journal(folder / "numbers", f"{slug} {period} {receipts.edition(slug)} {street}", run.done)
    except OtherRun as other:
        raise click.ClickException(_FOREIGN.format(folder=folder)) from other
    if journal.last:
        click.echo(f"Продолжаем после счёта {journal.last}.")
    _add(run, journal, supplier, period, street)
    if not journal.numbers:
        shutil.rmtree(folder)
        raise click.ClickException("За этот месяц по этим адресам квитанций нет.")
    pages = run.finish(path)
    click.echo(f"Записан: {path}. Квитанций: {journal.numbers}, страниц: {pages}.")


def _add(run: PrintRun, journal: _Journal, supplier: Supplier, period: int, street: str) -> None:
    wanted, done, of = _plain(street), 0, receipts.count(supplier.slug, journal.last)
    with bar("Квитанции") as progress:
        for looked, batch in receipts.batches(supplier, period, journal.last):
            papers = [one.paper for one in batch if wanted in _plain(one.paper.address)]
            journal.note([paper.number for paper in papers])
            for paper in papers:
                run.add(paper)
            done += looked
            progress(done, of)


def _plain(text: str) -> str:
    return text.casefold().replace("ё", "е")
