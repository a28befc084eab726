"""`flask import`, `demo-data`: registries of the supplier's billing, real and made up."""

from pathlib import Path

import click
from flask import current_app

from mygas import clock, money
from mygas.cli.arguments import FOLDER, SUPPLIER, supplier_named
from mygas.cli.progress import bar
from mygas.domain import common_charges
from mygas.exchange.demo import write_demo
from mygas.exchange.faults import BadRegistry
from mygas.exchange.importing import Report, import_registry
from mygas.exchange.store import UnderWay
from mygas.extensions import keyring


@FOLDER
@SUPPLIER
def load_registry(folder: Path, slug: str) -> None:
    """Загрузить реестр поставщика из папки DIR (docs/formats.md): весь или ничего."""
    try:
        with bar("Загрузка") as progress:
            report = import_registry(
                folder,
                supplier_named(slug),
                current_app.extensions["settings"].database_url,
                pin_mac=keyring.pin_mac,
                progress=progress,
                now=clock.now,
            )
    except BadRegistry as bad:
        for fault in bad.faults:
            click.echo(str(fault), err=True)
        click.echo(f"Реестр не принят, ничего не изменено. Ошибок: {bad.total}, показано: {len(bad.faults)}.", err=True)
        raise SystemExit(1) from bad
    except UnderWay as other:
        raise click.ClickException("Реестр этого поставщика уже загружается, дождитесь окончания.") from other
    common_charges.note(slug)
    _tell(report)


@FOLDER
@SUPPLIER
@click.option("--accounts", default=1000, type=click.IntRange(1, 100_000), show_default=True, help="Сколько лицевых счетов.")
@click.option("--seed", default=1, show_default=True, help="Одинаковое число даёт одинаковые данные.")
def make_demo_data(folder: Path, slug: str, accounts: int, seed: int) -> None:
    """Придумать реестр: записать в папку DIR файлы, пригодные для flask import."""
    supplier = supplier_named(slug)
    today = supplier.today()
    with bar("Запись") as progress:
        shown = write_demo(folder, supplier, accounts, seed, today=today, progress=progress)
    for account in shown[:6]:
        charged = money.plain(account.charge_kop)
        click.echo(f"{account.number}  прибор {account.serial or 'нет':8}  начислено {charged}  ПИН {account.pin}")


def _tell(report: Report) -> None:
    if report.already:
        click.echo(f"Этот реестр уже загружен (№ {report.registry_id}), ничего не изменено.")
        return
    click.echo(f"Реестр № {report.registry_id} загружен.")
    for name, tally in report.files.items():
        click.echo(f"  {name}.csv: новых {tally.new}, изменённых {tally.changed}, прежних {tally.same}")
