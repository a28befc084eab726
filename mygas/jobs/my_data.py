"""Making archives of users' own data that were asked for, and taking away old ones (domain.my_data)."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask import Flask, current_app

from mygas import clock
from mygas.domain import consents, my_data, my_data_parts, receipt_files
from mygas.domain.my_data_parts import Whose
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.gateways.shelf import Shelf
from mygas.jobs import my_data_file, shelf_sweeping


def make(payload: Mapping[str, Any]) -> None:
    """Write the archive onto its shelf, read in one transaction, a page at a time.

    May run twice: one file comes of it. What cannot be made is said to the user; trouble with the disk is tried again.
    """
    task = my_data.to_make(payload["ref"])
    if task is None:
        return
    try:
        with _shelf(current_app).writing(task.ref) as file:
            whose = my_data_parts.of(task.user_id, current_app.extensions["suppliers"])
            my_data_file.write(file, whose, _papers(whose), clock.now())
            size = file.seek(0, 2)
    except OSError:
        raise
    except Exception:
        with unit_of_work():
            my_data.not_made(task)
        raise
    finally:
        db.session.rollback()
    with unit_of_work():
        taken = my_data.made(task, size)
    if not taken and not my_data.wanted([task.ref]):  # the cabinet was closed meanwhile
        _shelf(current_app).destroy(task.ref)


def sweep(app: Flask) -> None:
    """Take away what is not to be there any more."""
    shelf_sweeping.tidy(_shelf(app), my_data)


def _papers(whose: Whose) -> Iterator[tuple[str, bytes]]:
    """Consents, and receipts that lie ready: names and files. A receipt with a PIN printed on it is left out."""
    drawn, shelf = current_app.extensions["papers"], current_app.extensions["receipts"]
    for consent in consents.given(whose.user):
        yield f"consents/{consent.version}-{consent.id}.pdf", drawn.consent(consents.paper(consent))
    for connection in whose.live:
        supplier = whose.suppliers.get(connection.supplier)
        if supplier is None or supplier.access.pin_on_receipt:
            continue
        for one in receipt_files.asked_before(connection):
            data = shelf.read(one.ref) if one.state == "ready" else None
            if data is not None:
                yield f"receipts/{connection.ref[:6]}-{one.period}-{one.variant}-{one.id}.pdf", data


def _shelf(app: Flask) -> Shelf:
    shelf: Shelf = app.extensions["my_data"]
    return shelf
