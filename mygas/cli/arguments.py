"""What the commands ask for: a folder, a supplier."""

from pathlib import Path

import click
from flask import current_app

from mygas.suppliers import Supplier

FOLDER = click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
SUPPLIER = click.option("--supplier", "slug", required=True, metavar="SLUG", help="Поставщик: имя его файла в каталоге.")


def supplier_named(slug: str) -> Supplier:
    """The supplier of the catalogue; ends the command in words when there is none."""
    catalogue = current_app.extensions["suppliers"]
    if slug not in catalogue:
        raise click.BadParameter(f"нет поставщика «{slug}»; есть: {', '.join(sorted(catalogue))}", param_hint="--supplier")
    supplier: Supplier = catalogue[slug]
    return supplier
