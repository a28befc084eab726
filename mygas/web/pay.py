"""Paying: wizard PAY, then the bank's page. Whoever presses twice, goes Back or opens a second tab pays once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import Blueprint, abort, current_app, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from mygas.domain import accounts, checkout, owing, paying
from mygas.domain.accounts import Connection
from mygas.domain.drafts import Draft
from mygas.domain.owing import Bill
from mygas.domain.paying import Begun, Order
from mygas.domain.visitors import Visitor
from mygas.suppliers import Supplier
from mygas.web import access, explanations, order_words, orders, quantities, sections, steps
from mygas.web.access import open_to
from mygas.web.forms import pay as forms
from mygas.web.forms.pay import ReviewForm, SumForm
from mygas.web.forms.readings import meter_names
from mygas.web.layout import day, notify
from mygas.web.readings import Entry, sentence
from mygas.wizard import Step, Wizard
from mygas.words import N_

bp = Blueprint("pay", __name__)


@dataclass(frozen=True)
class _Here:
    """Whose account is paid for, at this address; asked once a request."""

    connection: Connection
    supplier: Supplier

    @cached_property
    def bill(self) -> Bill:
        return owing.bill(self.connection, self.supplier) or abort(404)

    @cached_property
    def entry(self) -> Entry | None:
        """Where readings may go along: there are meters, and they are taken now."""
        if not accounts.is_open("readings", self.connection, self.supplier):
            return None
        entry = Entry(self.connection, self.supplier)
        return entry if entry.window.taken and entry.meters else None

    def orders(self) -> list[Order]:
        """The user's own newest payments for this account."""
        return paying.of_account(self.connection.account_id, 5, self.connection.user_id)


def _here() -> _Here:
    if "paying_for" not in g:
        connection = access.my_account((request.view_args or {})["ref"])
        g.paying_for = _Here(connection, current_app.extensions["suppliers"].get(connection.supplier) or abort(404))
    found: _Here = g.paying_for
    return found


def _sum_form(_visitor: Visitor, answers: Mapping[str, Any]) -> SumForm:
    here = _here()
    return forms.sum_form(here.bill, here.supplier, here.entry, answers.get("typed", {}))


def _review_form(_visitor: Visitor, answers: Mapping[str, Any]) -> ReviewForm:
    here = _here()
    chosen = checkout.chosen_in(answers, here.supplier)
    form = ReviewForm(request_key=chosen.request_key)
    form.fresh = chosen.shown
    return form


def _begin(draft: Draft, visitor: Visitor, *, shown: str, confirmed: str, **_more: str) -> Begun:
    here, till = _here(), orders.till() or abort(404)
    return checkout.begin(
        draft, visitor, connection=here.connection, supplier=here.supplier, shown=shown, confirmed=confirmed.split(),
        acquirer=till.acquirer.name,
    )  # fmt: skip


PAY = Wizard(
    "pay",
    (
        Step("sum", N_("Оплата"), _sum_form, checkout.choose, lambda d: d.get("split")),
        Step("review", N_("Проверьте и оплатите"), _review_form, _begin, lambda d: d.get("begun")),
    ),
)


@bp.route("/accounts/<ref>/pay/<slug>", methods=["GET", "POST"])
@open_to("user", form_checks_token=True)
def step(ref: str, slug: str) -> Response:
    """A step; or, where there is none to be made: how else to pay, the way in, the payment that is not over yet."""
    here = _here()
    if not accounts.is_open("pay", here.connection, here.supplier):
        return _page("locked", 403, way_in=sections.way_in(here.connection))
    if orders.till() is None:
        return _page("elsewhere")
    if sent := _sent_before():
        return redirect(url_for("orders.one", ref=sent.ref), 303)
    if here.bill.open_ref:
        return _unfinished(here.bill.open_ref)
    orders.let_forms_lead_to_bank()
    return steps.run(steps.Journey(PAY, _finish, _context, _late, {"ref": ref}), slug)


def _sent_before() -> Order | None:
    """The payment that this very form has begun already: its button was pressed twice, or the browser went Back to it."""
    key = request.form.get("request_key")
    return next((order for order in _here().orders() if order.request_key == key), None) if key else None


def _unfinished(ref: str) -> Response:
    """Beside an open payment none is begun: what was typed for a new one is left undone, and that is said."""
    if request.method == "POST":
        notify("warn", gettext("По этому счёту у Вас уже был незаконченный платёж: вот он. Новый не начат."))
        if _here().entry:
            notify("warn", gettext("Показания вместе с ним не переданы: передайте их в разделе «Приборы учёта»."))
        return redirect(url_for("orders.one", ref=ref), 303)
    order = paying.of_user(_here().connection.user_id, ref) or abort(404)
    return _page("unfinished", order=order, words=order_words.STATES[order.state])


def _late() -> Response:
    """The draft is over, and no payment was begun by this form."""
    notify("info", gettext("Эта форма оплаты устарела: проверьте сумму ещё раз."))
    sent = _sent_before()  # the other press of the button was faster
    here = url_for("pay.step", ref=_here().connection.ref, slug="sum")
    return redirect(url_for("orders.one", ref=sent.ref) if sent else here, 303)


def _finish(draft: Draft, _visitor: Visitor, begun: Begun) -> Callable[[], Response]:
    sends_readings, same = bool(draft.answers["entries"]), begun.order.request_key == draft.answers["request_key"]

    def arrive() -> Response:
        if sends_readings:
            notify("good", gettext("Показания переданы."))
        if not same:
            notify("warn", gettext("По этому счёту у Вас уже был незаконченный платёж: вот он. Новый не начат."))
            return redirect(url_for("orders.one", ref=begun.order.ref), 303)
        return orders.go_to_bank(begun.order)

    return arrive


def _context(step: Step, draft: Draft | None, _visitor: Visitor) -> Mapping[str, Any]:
    here = _here()
    context: dict[str, Any] = {"connection": here.connection, "supplier": here.supplier, "sentence": sentence}
    if step.slug == "sum" or draft is None:
        return {**context, "bill": here.bill, "source_words": explanations.source_words, **_figures(here)}
    chosen = checkout.chosen_in(draft.answers, here.supplier)
    names = meter_names(here.entry.meters, with_serials=here.connection.access == "extended") if here.entry else {}
    readings = [
        (names.get(entered.meter_id, ""), gettext("%(value)s м³", value=quantities.volume(entered.value_milli)))
        for entered in chosen.entries
    ]
    services = [(service, quantities.rubles(kopecks)) for service, kopecks in chosen.split]
    return {**context, "chosen": chosen, "services": services, "readings": readings}


def _figures(here: _Here) -> dict[str, Any]:
    """What is owed, in words; and why the debt cannot be paid at once, where it cannot."""
    bill, pay = here.bill, here.supplier.pay
    standing = [(gettext("По данным поставщика на %(day)s", day=day(bill.balance_on)), quantities.standing(bill.balance_kop))]
    if bill.paid_here_kop:
        standing.append((gettext("Оплачено здесь, ещё не учтено поставщиком"), quantities.rubles(bill.paid_here_kop)))
        standing.append((gettext("Остаётся"), quantities.standing(bill.left_kop)))
    debt = owing.total(bill.debt)
    if debt == 0 or pay.min_kop <= debt <= pay.max_kop:
        return {"standing": standing, "too_much": None}
    bounds = {"least": quantities.rubles(pay.min_kop), "most": quantities.rubles(pay.max_kop)}
    why = gettext("Одним платежом можно заплатить от %(least)s до %(most)s: введите свою сумму.", **bounds)
    return {"standing": standing, "too_much": why}


def _page(template: str, status: int = 200, **context: Any) -> Response:
    here = _here()
    page = render_template(f"pay/{template}.html", connection=here.connection, supplier=here.supplier, **context)
    return make_response(page, 422 if request.method == "POST" and status == 200 else status)
