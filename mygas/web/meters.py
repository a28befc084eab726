"""The section «Приборы учёта»: meters, the history of their readings, what became of those sent, consumption by month."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from itertools import dropwhile
from typing import Any

from flask import Blueprint, abort, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from mygas.domain import accounts, billing_words, metering, reading_history, readings, visible
from mygas.domain.reading_history import Line
from mygas.domain.work import unit_of_work
from mygas.web import access, charts, explanations, sections
from mygas.web.access import open_to
from mygas.web.fates import fate_words
from mygas.web.forms.readings import MessagesForm
from mygas.web.layout import month_under_bar, notify
from mygas.web.sections import Place

bp = Blueprint("meters", __name__)

PAGE = 24
"""Lines of the history on a page."""


@bp.get("/accounts/<ref>/readings", endpoint="readings")
@open_to("user")
def meters_page(ref: str) -> str:
    """The meters, and the history of their readings; where there is no meter, how the account is charged."""
    place = sections.enter(ref, "readings")
    meters = visible.meters(place.account_id)
    if not meters:
        return place.draw("no_meter", card=visible.card(place.account_id) or abort(404), methods=billing_words.METHODS)
    today = place.supplier.today()
    history = accounts.is_open("history", place.connection, place.supplier)
    context = _history(place, today) if history else _own(place)
    return place.draw(
        meters=[(meter, None if meter.taken_off else metering.warning(meter.verified_until, today)) for meter in meters],
        hanging=any(not meter.taken_off for meter in meters),
        names={meter.meter_id: meter.model or meter.place for meter in meters},
        source_words=explanations.source_words,
        fate=partial(fate_words, place.supplier),
        form=MessagesForm(obj=place.connection),
        history=history,
        today=today,
        **context,
    )


@bp.post("/accounts/<ref>/meters/messages")
@open_to("user")
def messages(ref: str) -> Response:
    """What to tell the user by message, for this account."""
    place, form = sections.enter(ref, "readings"), MessagesForm()
    with unit_of_work():
        readings.choose_messages(access.visitor(), place.connection, answer=form.answer.data, remind=form.remind.data)
    notify("good", gettext("Сохранено."))
    return redirect(url_for("meters.readings", ref=ref), 303)


def _history(place: Place, today: date) -> dict[str, Any]:
    """The whole history, by years and pages, with the chart on its first page."""
    overview = reading_history.overview(place.account_id, since_period=(today.year - 3) * 100 + today.month)
    year = sections.chosen_year(overview.years)
    since, until = (date(year, 1, 1), date(year + 1, 1, 1)) if year else (date.min, date.max)
    before = sections.day_in(request.args.get("before", "")) or until
    found = reading_history.lines(place.account_id, since=since, before=before, limit=PAGE + 1)
    shown = _whole_days(found)
    older = shown[-1].taken_on.isoformat() if len(shown) < len(found) else None
    months = by_month(overview.volumes) if before == date.max else []
    return {
        "lines": shown,
        "older": sections.older_page(older, year),
        "years": overview.years,
        "year": year,
        "months": months,
        "chart": charts.bars([(month_under_bar(period), now, last) for period, now, last in months]),
        "way_in": None,
    }


def _own(place: Place) -> dict[str, Any]:
    """Where the history is closed: what the user himself sent."""
    lines = reading_history.own(place.account_id, place.connection.user_id)
    return {"lines": lines, "older": None, "years": (), "year": None, "months": [], "chart": None,
            "way_in": sections.way_in(place.connection)}  # fmt: skip


def by_month(volumes: Mapping[int, int]) -> list[tuple[int, int | None, int | None]]:
    """(month, volume, volume in the same month of the year before) of the last twelve months; the first ones have something."""
    if not volumes:
        return []
    last = max(volumes)
    year, months = last // 100, last % 100
    periods = [(year - 1) * 100 + month for month in range(months + 1, 13)]
    periods += [year * 100 + month for month in range(1, months + 1)]
    pairs = [(period, volumes.get(period), volumes.get(period - 100)) for period in periods]
    return list(dropwhile(lambda pair: pair[1:] == (None, None), pairs))


def _whole_days(found: Sequence[Line]) -> list[Line]:
    """As many as fit on a page without parting the readings of one day: the key of the next page is a day."""
    if len(found) <= PAGE:
        return list(found)
    return [line for line in found if line.taken_on > found[PAGE].taken_on] or list(found)
