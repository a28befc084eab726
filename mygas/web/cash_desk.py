"""The desk's money: payments, refunds that take two people, differences with the bank."""

from flask import abort, current_app, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from mygas.domain import cash_desk, paying, reconciling, refunds, serving
from mygas.domain.paying import Order
from mygas.domain.reconciling import Discrepancy
from mygas.domain.refunds import Refund
from mygas.domain.work import unit_of_work
from mygas.suppliers import Supplier
from mygas.web import access, addresses, layout, order_words, orders
from mygas.web.access import open_to
from mygas.web.desk import bp, do, ip, suppliers
from mygas.web.forms import Form
from mygas.web.forms.cash_desk import FindPaymentForm, SettleForm, WordsForm
from mygas.words import N_, Refused

A_PAGE = 50
REFUND_STATES = {
    "asked": N_("Ждёт второго оператора"),
    "approved": N_("Одобрен, передаётся банку"),
    "done": N_("Деньги возвращены"),
    "refused": N_("Отклонён"),
    "failed": N_("Банк не вернул деньги"),
}
DIFFERENCES = {
    "missing_here": N_("Платёж есть в банке, а на портале его нет"),
    "missing_there": N_("Платёж есть на портале, а в банке его нет"),
    "sum_differs": N_("Суммы в банке и на портале разные"),
    "state_differs": N_("Состояния в банке и на портале разные"),
}


@bp.route("/payments/", methods=["GET", "POST"])
@open_to("operator")
def payments() -> AnyResponse:
    """Find one; the newest, and those that a person must decide. Numbers are posted, so that they do not stand in logs."""
    form = FindPaymentForm()
    form.offer(suppliers())
    if request.method == "POST" and form.validate():
        if found := _found(form):
            return redirect(found, 303)
        form.refuse(Refused(N_("Такого платежа или счёта у Ваших поставщиков нет."), field="number"))
    state = "review" if request.args.get("state") == "review" else ""
    shown = cash_desk.newest(access.operator(), state, addresses.number("before"), A_PAGE + 1)
    page = render_template(
        "desk/payments.html",
        form=form,
        state=state,
        payments=shown[:A_PAGE],
        following=shown[A_PAGE - 1].id if len(shown) > A_PAGE else None,
        states=order_words.STATES,
    )
    return make_response(page, 422 if request.method == "POST" else 200)


def _found(form: FindPaymentForm) -> str | None:
    operator = access.operator()
    if form.payment is not None and (order := cash_desk.of_number(operator, form.payment)):
        return url_for("desk.one_payment", ref=order.ref)
    account = serving.find(operator, form.supplier.data, form.account) if form.account else None
    return url_for("desk.account_payments", account_id=account.id) if account else None


@bp.get("/accounts/<int:account_id>/payments")
@open_to("operator")
def account_payments(account_id: int) -> str:
    account = serving.account(access.operator(), account_id) or abort(404)
    with unit_of_work():
        serving.note_look(access.operator(), ip(), account.id)
    found = paying.of_account(account.id, A_PAGE)
    return render_template("desk/account_payments.html", account=account, payments=found, states=order_words.STATES)


@bp.get("/payments/<ref>")
@open_to("operator")
def one_payment(ref: str) -> str:
    """The payment; that it was looked at is written down."""
    order = _order(ref)
    with unit_of_work():
        cash_desk.note_look(access.operator(), ip(), order)
    return _payment_page(order)


@bp.post("/payments/<ref>/refund")
@open_to("operator")
def ask_refund(ref: str) -> AnyResponse:
    """«Вернуть деньги»: asked for here, given back when somebody else approves."""
    order, form = _order(ref), WordsForm()
    if not form.validate():
        return make_response(_payment_page(order, form), 422)
    done = gettext("Возврат запрошен. Деньги уйдут, когда его одобрит другой оператор.")
    then = url_for("desk.one_payment", ref=ref)
    return do(lambda: refunds.ask(access.operator(), ip(), order, form.words.data), done, then)


@bp.post("/payments/<ref>/settle")
@open_to("operator")
def settle_payment(ref: str) -> AnyResponse:
    order, form = _order(ref), SettleForm()
    if not form.validate():
        return make_response(_payment_page(order, form), 422)
    then = url_for("desk.one_payment", ref=ref)
    told = cash_desk.ask_bank(order, orders.till())
    return do(
        lambda: cash_desk.settle(access.operator(), ip(), order, form.outcome.data, form.words.data, told=told),
        gettext("Решение записано."),
        then,
    )


@bp.get("/refunds/")
@open_to("operator")
def refund_queue() -> str:
    """Refunds that wait for a second pair of eyes, and those that the bank would not do."""
    mine = access.operator().suppliers
    waiting, failed = refunds.queue(mine), refunds.queue(mine, "failed", 10)
    names = cash_desk.names(refund.asked_by for refund in waiting)
    return render_template("desk/refunds.html", waiting=waiting, failed=failed, names=names)


@bp.post("/refunds/<ref>/approve")
@open_to("operator")
def approve_refund(ref: str) -> AnyResponse:
    refund = _refund(ref)
    done = gettext("Возврат по платежу № %(number)s одобрен и передаётся банку.", number=refund.order_id)
    return do(lambda: refunds.approve(access.operator(), ip(), refund), done, url_for("desk.refund_queue"))


@bp.post("/refunds/<ref>/refuse")
@open_to("operator")
def refuse_refund(ref: str) -> AnyResponse:
    """Also by whoever asked, who so takes it back."""
    refund, form = _refund(ref), WordsForm()
    if not form.validate():
        return make_response(_payment_page(refund.order, form), 422)
    done = gettext("Возврат по платежу № %(number)s отклонён.", number=refund.order_id)
    return do(lambda: refunds.refuse(access.operator(), ip(), refund, form.words.data), done, url_for("desk.refund_queue"))


@bp.get("/differences/")
@open_to("operator")
def differences() -> str:
    """Where the bank's register and ours differ: tasks, until somebody writes down what was done. A register is of all suppliers:
    its sums are for operators who serve all of them."""
    mine, after = access.operator().suppliers, addresses.number("after")
    tasks = reconciling.tasks(mine, after or 0, A_PAGE + 1)
    return render_template(
        "desk/differences.html",
        tasks=tasks[:A_PAGE],
        following=tasks[A_PAGE - 1].id if len(tasks) > A_PAGE else None,
        left=reconciling.waiting(mine),
        kinds=DIFFERENCES,
        last=reconciling.last(7),
        sees_all=len(suppliers()) == len(current_app.extensions["suppliers"]),
    )


@bp.get("/differences/<int:number>")
@open_to("operator")
def one_difference(number: int) -> str:
    return _difference_page(_difference(number), WordsForm())


@bp.post("/differences/<int:number>/settle")
@open_to("operator")
def settle_difference(number: int) -> AnyResponse:
    task, form = _difference(number), WordsForm()
    if not form.validate():
        return make_response(_difference_page(task, form), 422)
    done = gettext("Расхождение № %(number)s разобрано.", number=number)
    then = url_for("desk.differences")
    return do(lambda: reconciling.settle(access.operator(), ip(), number, form.words.data), done, then)


def _difference(number: int) -> Discrepancy:
    """One that waits, of the operator's suppliers or of nobody's."""
    return reconciling.task(number, access.operator().suppliers) or abort(404)


def _difference_page(task: Discrepancy, form: WordsForm) -> str:
    order = cash_desk.of_number(access.operator(), task.order_id) if task.order_id else None
    states = order_words.STATES
    return render_template("desk/difference.html", task=task, form=form, kinds=DIFFERENCES, order=order, states=states)


def _payment_page(order: Order, form: Form | None = None) -> str:
    supplier = _supplier(order)
    asked = refunds.of_order(order.id)
    waiting = next((refund for refund in asked if refund.state == "asked"), None)
    return render_template(
        "desk/payment.html",
        order=order,
        supplier=supplier,
        words=order_words.STATES[order.state],
        states=order_words.STATES,
        sources=order_words.SOURCES,
        path=orders.path_of(order, supplier),
        events=[(layout.when(event.at, supplier), event) for event in cash_desk.events(order.id)],
        asked=[(layout.when(refund.asked_at, supplier), refund) for refund in asked],
        refund_states=REFUND_STATES,
        names=cash_desk.names(one for refund in asked for one in (refund.asked_by, refund.decided_by)),
        waiting=waiting,
        mine=waiting is not None and waiting.asked_by == access.operator().id,
        may_refund=order.state == "succeeded" and waiting is None,
        form=form or (SettleForm() if order.state == "review" else WordsForm()),
    )


def _order(ref: str) -> Order:
    return cash_desk.of_ref(access.operator(), ref) or abort(404)


def _refund(ref: str) -> Refund:
    return refunds.find(ref, access.operator().suppliers) or abort(404)


def _supplier(order: Order) -> Supplier:
    return next((one for one in suppliers() if one.slug == order.supplier), None) or abort(404)
