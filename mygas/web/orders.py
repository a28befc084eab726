"""One payment: what happened to the money, where it is now, what to do. A page for each state.

Open without a consent in force: the money is the payer's, and his cabinet stays open until it has come to its end.
"""

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from mygas.domain import order_papers, order_paths, paying, refunds
from mygas.domain.asking_times import page_pause
from mygas.domain.order_paths import Step
from mygas.domain.orders import OPEN, PAID, UNPAID
from mygas.domain.paying import Order, Till
from mygas.extensions import db
from mygas.suppliers import Supplier
from mygas.web import access, attachments, headers, languages, order_words, quantities
from mygas.web.access import open_to
from mygas.web.layout import name_the_page, notify, when
from mygas.words import N_, Refused

bp = Blueprint("orders", __name__)
bp.after_request(name_the_page)

_CHANGES_BY_ITSELF = OPEN - {"created"}  # of which nobody has told the bank: that waits for the payer
_STEPS = {
    "created": N_("Создан"),
    "paid": N_("Оплачен"),
    "receipt": N_("Кассовый чек"),
    "sent": N_("Передан поставщику"),
    "booked": N_("Учтён поставщиком"),
}
_NOT_YET = {
    "paid": N_("ещё нет"),
    "receipt": N_("пробивается: придёт на Ваш логин"),
    "sent": N_("ещё нет: обычно на следующий рабочий день"),
    "booked": N_("ещё нет: обычно за один–три рабочих дня"),
}
_GIVEN_BACK = {
    "refund_pending": N_("не передаётся: деньги возвращаются"),
    "refunded": N_("не передаётся: деньги возвращены"),
}


@bp.get("/payments/<ref>")
@open_to("user", without_consent=True)
def one(ref: str) -> AnyResponse | str:
    """Reads only. An open page that asks again is answered by 204 while it would show the same.

    Who comes `back` from the bank has most probably paid, and the bank will say so in seconds: he is not led there again, but by
    a link of few words.
    """
    order = _mine(ref)
    back = _came_back() if order.state == "pending" else None
    pace = int(page_pause(order.asks).total_seconds()) if order.state in _CHANGES_BY_ITSELF else None
    seen = f"{order.version}-{pace}"
    if "HX-Request" in request.headers and request.args.get("seen") == seen:
        return Response(status=204)
    supplier = _supplier(order)
    let_forms_lead_to_bank()
    return render_template(
        "orders/one.html",
        order=order,
        supplier=supplier,
        connection=next((one for one in access.my_connections() if one.account_id == order.account_id), None),
        words=order_words.BACK if back else order_words.of(order),
        back=back,
        reason=order_words.REASONS.get(order.reason) if order.state in UNPAID else None,
        bank_page=None if back else _bank_page(order),
        may_give_up=order.state in ("created", "pending") and not back,
        may_repeat=order.state in UNPAID,
        asked_on=order_words.is_asked_on(order),
        is_open=order.state in OPEN,
        pace=pace,
        seen=seen,
        services=[(service, quantities.rubles(kopecks)) for service, kopecks in order.split],
        path=path_of(order, supplier),
        refund_failed=order.state == "succeeded" and _refund_failed(order),
        has_paper=order_papers.has_paper(order),
    )


@bp.post("/payments/<ref>/check")
@open_to("user", without_consent=True)
def check(ref: str) -> AnyResponse:
    """Ask the bank, as often as it may be asked. The page does so by itself where scripts run; elsewhere it is a button."""
    order, at = _mine(ref), till()
    if at is not None:
        paying.refresh_if_due(order.id, at)
    seen = request.form.get("seen")
    if seen is None and _mine(ref).state in OPEN:
        notify("info", gettext("Банк пока ничего нового не сообщил."))
    return redirect(url_for("orders.one", ref=ref, seen=seen, back=_came_back()), 303)


@bp.post("/payments/<ref>/continue")
@open_to("user", without_consent=True)
def go_on(ref: str) -> AnyResponse:
    """To the bank's page: one that the bank has never been told of is told of now."""
    return go_to_bank(_mine(ref))


@bp.post("/payments/<ref>/give-up")
@open_to("user", without_consent=True)
def give_up(ref: str) -> AnyResponse:
    """«Я не буду платить»: only after the bank, asked now, has said that it has no money."""
    order = _mine(ref)
    try:
        paying.let_go(access.visitor(), order.id, till())
        notify("good", gettext("Вы отказались от платежа."))
    except Refused as refusal:
        notify("warn", languages.refusal(refusal))
    return redirect(url_for("orders.one", ref=ref), 303)


@bp.get("/payments/<ref>/document.pdf")
@open_to("user", without_consent=True)
def document(ref: str) -> Response:
    """The document of the payment, drawn while no transaction is open."""
    order = _mine(ref)
    if not order_papers.has_paper(order):
        abort(404)
    extended = any(one.account_id == order.account_id and one.access == "extended" for one in access.my_connections())
    paper = order_papers.compose(order, _supplier(order), extended=extended)
    db.session.rollback()
    response = Response(current_app.extensions["papers"].payment(paper), mimetype="application/pdf")
    name = gettext("Документ об оплате %(number)s.pdf", number=paper.number)
    return attachments.named(response, name, f"payment-{paper.number}.pdf")


def till() -> Till | None:
    """None where nothing is paid through the portal."""
    bank = current_app.extensions["gateways"].bank
    public_url = current_app.extensions["settings"].public_url
    return Till(bank, current_app.extensions["suppliers"], public_url) if bank else None


def let_forms_lead_to_bank() -> None:
    """The page that is being drawn has a form that ends at the bank."""
    if bank := current_app.extensions["gateways"].bank:
        headers.let_forms_lead_to(bank.pages)


def go_to_bank(order: Order) -> AnyResponse:
    """Submit what is not submitted yet; then to the bank's page where there is one, else to the payment's own."""
    at = till()
    if at is not None and order.acquirer == at.acquirer.name:
        order = paying.submit(order.id, at)
    page = _bank_page(order)
    return access.leave(page) if page else redirect(url_for("orders.one", ref=order.ref), 303)


def path_of(order: Order, supplier: Supplier) -> list[tuple[str, str]]:
    """Where the payment is: each step, and when it was made, or why it was not."""
    return [_told(step, order, supplier) for step in order_paths.path(order)]


def _came_back() -> str | None:
    """What paying.submit put into the address that the bank leads back to."""
    return request.args.get("back")


def _bank_page(order: Order) -> str | None:
    """Where the payer goes on: only a page of the bank that this portal works with."""
    bank = current_app.extensions["gateways"].bank
    known = bank is not None and any(order.page.startswith(f"{origin}/") for origin in bank.pages)
    return order.page if known and order.state == "pending" else None


def _told(step: Step, order: Order, supplier: Supplier) -> tuple[str, str]:
    title = gettext(_STEPS[step.name])
    if step.at is not None:
        number = f", № {step.number}" if step.number else ""
        return title, when(step.at, supplier) + number
    if step.failed:
        return title, gettext("не пробит: спросите у поставщика")
    if step.name == "sent" and order.state in _GIVEN_BACK:
        return title, gettext(_GIVEN_BACK[order.state])
    if order.state in UNPAID or (step.name == "booked" and order.state in _GIVEN_BACK and order.dispatch_id is None):
        return title, "—"
    return title, gettext(_NOT_YET[step.name if order.state in PAID or step.name != "receipt" else "paid"])


def _refund_failed(order: Order) -> bool:
    """Whether the bank would not give the money back when it was last told to."""
    return any(refund.state == "failed" for refund in refunds.of_order(order.id)[:1])


def _supplier(order: Order) -> Supplier:
    supplier: Supplier = current_app.extensions["suppliers"].get(order.supplier) or abort(404)
    return supplier


def _mine(ref: str) -> Order:
    """The one place where ownership of a payment is resolved: 404 for what is not the user's own."""
    return paying.of_user(access.user().id, ref) or abort(404)
