"""«Журнал»: what happened in one's cabinet, on pages and as a file."""

from collections.abc import Iterator

from flask import Response, abort, current_app, render_template, request
from flask_babel import gettext
from flask_login import current_user

from mygas.domain import journal as entries
from mygas.domain.journal import Event
from mygas.suppliers import Supplier
from mygas.web import access, addresses, csv_out, deeds
from mygas.web.access import open_to
from mygas.web.layout import when
from mygas.web.settings import bp

A_PAGE = 30


@bp.get("/journal")
@open_to("user")
def journal() -> str:
    """A page of it, newest first; of one kind where that is chosen."""
    kind = request.args.get("kind", "")
    if kind and kind not in deeds.KINDS:
        abort(404)
    found = entries.events(
        current_user.user,
        access.my_connections(),
        actions=deeds.of_kind(kind) if kind else None,
        before=addresses.number("before"),
        limit=A_PAGE + 1,
    )
    return render_template(
        "settings/journal.html",
        events=[(one, _at(one), deeds.sentence(one), deeds.who(one)) for one in found[:A_PAGE]],
        older=found[A_PAGE - 1].id if len(found) > A_PAGE else None,
        kind=kind,
        kinds=deeds.KINDS,
    )


@bp.get("/journal.csv")
@open_to("user")
def journal_file() -> Response:
    """All of it for a spreadsheet."""
    events = entries.everything(current_user.user, access.my_connections())
    return csv_out.answer(gettext("Журнал.csv"), _spreadsheet(events))


def _spreadsheet(events: Iterator[Event]) -> Iterator[tuple[csv_out.Cell, ...]]:
    yield gettext("Когда"), gettext("Что"), gettext("Кто"), gettext("Лицевой счёт"), gettext("Сетевой адрес")
    for one in events:
        yield _at(one), deeds.sentence(one), deeds.who(one), one.number or "", one.ip


def _at(event: Event) -> str:
    """On the clock of the account's supplier, else on the portal's."""
    supplier: Supplier | None = current_app.extensions["suppliers"].get(event.supplier or "")
    return when(event.at, supplier)
