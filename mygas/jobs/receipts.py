"""Making receipts that were asked for, and taking away old ones (domain.receipt_files)."""

from collections.abc import Mapping
from typing import Any

from flask import Flask, current_app

from mygas.domain import receipt_files, receipts
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.gateways.shelf import Shelf
from mygas.jobs import shelf_sweeping


def make(payload: Mapping[str, Any]) -> None:
    """Compose the receipt again, draw it outside of any transaction, put the file on its shelf.

    May run twice: the file is the same then. What cannot be drawn is said to the user; trouble with the disk is tried again.
    """
    task = receipt_files.to_make(payload["ref"], payload["generation"])
    if task is None:
        return
    supplier = current_app.extensions["suppliers"][task.supplier]
    composed = next(receipts.compose(supplier, task.period, [task.account_id], extended=task.extended), None)
    db.session.rollback()
    if composed is None or receipt_files.fingerprint(composed.paper, task.extended) != task.digest:
        with unit_of_work():
            receipt_files.overtaken(task)
        return
    try:
        data: bytes = current_app.extensions["papers"].receipt(composed.paper, task.variant)
    except Exception:
        with unit_of_work():
            receipt_files.not_made(task)
        raise
    _shelf(current_app).put(task.ref, data)
    with unit_of_work():
        receipt_files.made(task, len(data))


def sweep(app: Flask) -> None:
    """Take away what is not to be there any more."""
    shelf_sweeping.tidy(_shelf(app), receipt_files)


def _shelf(app: Flask) -> Shelf:
    shelf: Shelf = app.extensions["receipts"]
    return shelf
