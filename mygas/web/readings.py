"""Sending readings: one page for all meters of an account, what was taken, and what to be told of it."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from typing import Any

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from mygas.contacts import Contact
from mygas.domain import readings, visible
from mygas.domain.accounts import Connection
from mygas.domain.explaining import cost_kop
from mygas.domain.reading_checks import check
from mygas.domain.reading_facts import Checked, Finding, MeterNow, Price
from mygas.domain.reading_window import Window, window
from mygas.domain.readings import NotAccepted
from mygas.domain.settlements import period_of
from mygas.domain.work import unit_of_work
from mygas.suppliers import Supplier
from mygas.web import access, addresses, explanations, languages, sections
from mygas.web.access import open_to
from mygas.web.fates import fate_words
from mygas.web.forms import readings as forms
from mygas.web.forms.readings import ReadingsForm
from mygas.web.layout import notify, when
from mygas.web.sections import Place
from mygas.words import Refused

bp = Blueprint("readings", __name__)


@bp.route("/accounts/<ref>/readings/send", methods=["GET", "POST"])
@open_to("user", form_checks_token=True)
def send(ref: str) -> Response:
    """All the meters of the account. What is doubtful comes back with a question and the numbers as they were typed."""
    place = sections.enter(ref, "readings")
    entry = Entry(place.connection, place.supplier)
    if not entry.meters:
        return _nothing_to_send(place, entry)
    form = entry.form()
    asked: list[Checked] = []
    if request.method == "POST" and form.validate():
        try:
            with unit_of_work():
                accepted = readings.accept(
                    access.visitor(), place.connection, place.supplier, form.entries(), form.confirmations()
                )
            for note in accepted.notes:
                notify("warn" if note.name == "expired" else "info", sentence(note))
            return redirect(url_for("readings.sent", ref=ref), 303)
        except Refused as refusal:
            form.refuse(refusal)
            if isinstance(refusal, NotAccepted) and refusal.may_be_confirmed:
                asked = entry.with_costs(refusal)
    page = entry.draw("send", form=form, asked=asked)
    return make_response(page, 422 if request.method == "POST" else 200)


@bp.get("/accounts/<ref>/readings/sent")
@open_to("user")
def sent(ref: str) -> Response:
    """What was taken, which month it enters, what becomes of it, and till when it may be corrected."""
    place = sections.enter(ref, "readings")
    entry = Entry(place.connection, place.supplier)
    taken = readings.sent(place.connection, place.supplier, entry.window.period)
    if not taken:
        return redirect(url_for("readings.send", ref=ref), 303)
    form = forms.MessagesForm(obj=place.connection)
    costs = {one.meter_id: entry.cost(one.consumed_milli) for one in taken}
    user = access.visitor().user or abort(404)
    to = Contact(user.channel, user.login).masked  # type: ignore[arg-type]
    rejected = [one for one in taken if one.sent and one.sent.fate == "rejected"]
    fate = partial(fate_words, place.supplier)
    page = entry.draw("sent", taken=taken, rejected=rejected, costs=costs, form=form, to=to, fate=fate)
    response = make_response(page)
    if request.headers.get("HX-Target") == "main":
        response.headers["HX-Push-Url"] = addresses.here()
    return response


@dataclass(frozen=True)
class Entry:
    """The meters of one's own account as they stand today, for pages that take their readings."""

    connection: Connection
    supplier: Supplier

    @cached_property
    def blind(self) -> bool:
        """Whether earlier readings, consumption and money are not for this connection."""
        return readings.is_blind(self.connection, self.supplier)

    @cached_property
    def window(self) -> Window:
        return window(self.supplier.readings, self.supplier.today())

    @cached_property
    def meters(self) -> list[MeterNow]:
        """As this connection may see them."""
        today = self.supplier.today()
        known = readings.meters_now(self.connection.account_id, self.window.period, today, self.connection.user_id)
        return readings.as_seen(known, self.connection, self.supplier)

    @cached_property
    def price(self) -> Price | None:
        """None also where this connection may not be told what gas cost."""
        return None if self.blind else readings.price(self.connection.account_id)

    def cost(self, consumed_milli: int | None) -> int | None:
        """Kopecks for that consumption, where both are known."""
        if consumed_milli is None or self.price is None:
            return None
        return cost_kop(consumed_milli, self.price.price_kop, self.price.coefficient_micro)

    def form(self) -> ReadingsForm:
        return forms.readings(self.meters, self.supplier, with_serials=self.connection.access == "extended")

    def with_costs(self, refusal: NotAccepted) -> list[Checked]:
        """The readings of a form that waits for a word, with what the gas comes to."""
        today = self.supplier.today()
        return [check(one.meter, one.entered, self.supplier, today, self.price, blind=self.blind) for one in refusal.checked]

    def moment(self, at: datetime) -> str:
        """For its pages: when it was, where the supplier is."""
        return when(at, self.supplier)

    @property
    def address(self) -> str:
        """Where the form is posted."""
        return url_for("readings.send", ref=self.connection.ref)

    @property
    def sent_address(self) -> str:
        """Where it is said what was taken."""
        return url_for("readings.sent", ref=self.connection.ref)

    @property
    def nothing_sent(self) -> bool:
        return not any(meter.is_sent for meter in self.meters)

    @property
    def all_sent(self) -> bool:
        return all(meter.is_sent for meter in self.meters)

    @property
    def this_period(self) -> int:
        """The month of today."""
        return period_of(self.supplier.today())

    def draw(self, template: str, **context: Any) -> str:
        return render_template(
            f"readings/{template}.html",
            connection=self.connection,
            supplier=self.supplier,
            entry=self,
            names=forms.meter_names(self.meters, with_serials=self.connection.access == "extended"),
            sentence=sentence,
            source_words=explanations.source_words,
            **context,
        )


def sentence(finding: Finding) -> str:
    """A finding in words."""
    return languages.spoken().say(finding.sentence, **finding.values)


def _nothing_to_send(place: Place, entry: Entry) -> Response:
    """No meter hangs there: why, and how the account is charged."""
    card = visible.card(place.account_id) or abort(404)
    page = entry.draw("closed") if card.closed else place.draw("no_meter", card=card)
    return make_response(page, 422 if request.method == "POST" else 200)
