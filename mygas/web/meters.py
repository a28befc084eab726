"""The section «Приборы учёта»: meters, the history of their readings."""

from collections.abc import Sequence
from datetime import date

from flask import Blueprint, abort, request

from mygas.domain import accounts, billing_words, histories, metering, visible
from mygas.domain.readings import today_at
from mygas.web import explanations, sections
from mygas.web.access import open_to

bp = Blueprint("meters", __name__)

PAGE = 24
"""Lines of the history on a page."""


@bp.get("/accounts/<ref>/readings")
@open_to("user")
def readings(ref: str) -> str:
    """The meters, and the history of their readings; where there is no meter, how the account is charged."""
    place = sections.enter(ref, "readings")
    meters = visible.meters(place.account_id)
    if not meters:
        return place.draw("no_meter", card=visible.card(place.account_id) or abort(404), methods=billing_words.METHODS)
    history = accounts.is_open("history", place.connection, place.supplier)
    years = histories.reading_years(place.account_id) if history else []
    year = sections.chosen_year(years)
    before = sections.day_in(request.args.get("before", "")) or (date(year + 1, 1, 1) if year else None)
    since = date(year, 1, 1) if year else None
    found = visible.readings(place.account_id, since=since, before=before, limit=PAGE + 1) if history else []
    shown = _whole_days(found)
    older = shown[-1].taken_on.isoformat() if len(shown) < len(found) else None
    today = today_at(place.supplier)
    return place.draw(
        meters=[(meter, None if meter.taken_off else metering.warning(meter.verified_until, today)) for meter in meters],
        names={meter.meter_id: meter.model or meter.place for meter in meters},
        shown=[(reading, metering.consumed_milli(reading)) for reading in shown],
        way_in=None if history else sections.way_in(place.connection),
        source_words=explanations.source_words,
        today=today,
        older=sections.older_page(older, year),
        years=years,
        year=year,
    )


def _whole_days(found: Sequence[visible.KnownReading]) -> list[visible.KnownReading]:
    """As many as fit on a page without parting the readings of one day: the key of the next page is a day."""
    if len(found) <= PAGE:
        return list(found)
    return [reading for reading in found if reading.taken_on > found[-1].taken_on] or list(found)
