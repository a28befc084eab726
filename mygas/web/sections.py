"""The sections of an account: what the supplier knows of it. A locked one says what it holds, why it is so, and the way in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, Response, abort, current_app, make_response, render_template, request, url_for
from flask_babel import gettext

from mygas.domain import accounts, billing_words, explaining, histories, metering, paying, settlements, visible
from mygas.domain.accounts import Connection
from mygas.domain.orders import PAID
from mygas.domain.paying import Order
from mygas.suppliers import Supplier
from mygas.web import access, addresses, charts, csv_out, explanations, order_words, quantities
from mygas.web.access import open_to
from mygas.web.layout import month, month_under_bar
from mygas.words import N_

bp = Blueprint("sections", __name__)
quantities.register(bp)

IN_A_CHART = 12
PAGE = 24
"""Payments or readings on a page."""
CONTRACT_NOTICE = 60
"""Days before the end of a contract at which people are told (product.md §2: DAYS_BEFORE_CONTRACT_END)."""


@dataclass(frozen=True)
class Section:
    """A section as people know it; `slug` is the end of its address and the name of its rule in domain.accounts, `room` the
    blueprint of its pages; `hint` is its text of the help."""

    slug: str
    title: str
    about: str
    hint: str
    room: str = "sections"


SECTIONS = (
    Section(
        "settlements",
        N_("Взаиморасчёты"),
        N_("Начисления, перерасчёты и платежи по месяцам, и почему сумма такая"),
        "settlements",
    ),
    Section("payments", N_("Платежи"), N_("Когда, сколько и через кого оплачено"), "payments"),
    Section(
        "receipts", N_("Квитанции"), N_("Сформировать квитанцию за месяц, сохранить её и распечатать"), "receipts", "receipts"
    ),
    Section("readings", N_("Приборы учёта"), N_("Состояние, срок поверки и история показаний"), "meters", "meters"),
    Section("subscriber", N_("Абонент"), N_("Адрес, площадь, проживающие, оборудование и льготы"), "subscriber"),
    Section("contracts", N_("Договоры"), N_("Поставка газа и обслуживание оборудования: сроки и состояние"), "contracts"),
    Section("acts", N_("Акты"), N_("Проверки, замены и сверки"), "acts"),
)


def contents(connection: Connection, supplier: Supplier) -> list[tuple[str, str, str, str]]:
    """The sections for an account's first page: (title, address, about, hint), with the reason where one is locked."""
    rows = []
    for section in SECTIONS:
        about = gettext(section.about)
        if not accounts.is_open(section.slug, connection, supplier):
            about = gettext("Нужна расширенная версия. %(about)s.", about=about)
        rows.append((gettext(section.title), url_for(f"{section.room}.{section.slug}", ref=connection.ref), about, section.hint))
    if connection.access == "extended" and supplier.access.pin_on_receipt:
        about = gettext("Для тех, с кем Вы делите этот счёт: показать или сменить")
        rows.append((gettext("ПИН-код"), url_for("extended.pin", ref=connection.ref), about, "pin"))
    return rows


def way_in(connection: Connection) -> str | None:
    """Where the extended version is opened; None once it is open."""
    return None if connection.access == "extended" else url_for("extended.begin", ref=connection.ref)


@bp.get("/accounts/<ref>/settlements", endpoint="settlements")
@open_to("user")
def settlements_page(ref: str) -> str:
    place = enter(ref, "settlements")
    known = settlements.of_account(place.account_id) or abort(404)
    year = chosen_year(known.years)
    shown, older = settlements.page(known.months, year=year, before=addresses.number("before"))
    card = visible.card(place.account_id) or abort(404)
    first_page = year is None and request.args.get("before") is None
    return place.draw(
        known=known, card=card, shown=shown, older=older_page(older, year), years=known.years, year=year,
        chart=_moved(known.months[:IN_A_CHART]) if first_page else None,
    )  # fmt: skip


def _moved(months: Sequence[settlements.SettledMonth]) -> charts.Bars | None:
    """What was paid beside what was charged, the newest month last; no bar where a recalculation outweighs the charges."""
    return charts.bars([(month_under_bar(one.period), one.paid_kop, max(one.due_kop, 0)) for one in reversed(months)])


@bp.get("/accounts/<ref>/settlements/<int(fixed_digits=6):period>")
@open_to("user")
def settlements_month(ref: str, period: int) -> str:
    """One month: what moved the balance, and each line with its making."""
    place = enter(ref, "settlements")
    known = settlements.of_account(place.account_id) or abort(404)
    settled = known.month(period) or abort(404)
    charged = visible.months(place.account_id, since_period=period, until_period=period)
    since, until = date(period // 100, period % 100, 1), date(period // 100 + period % 100 // 12, period % 100 % 12 + 1, 1)
    readings = visible.readings(place.account_id, since=since, before=until) if charged else []
    lines = [(one, explanations.rows(one)) for listed in charged for one in explaining.explain(listed, readings)]
    return place.draw("month", settled=settled, lines=lines, methods=billing_words.METHODS)


@bp.get("/accounts/<ref>/settlements.csv")
@open_to("user")
def settlements_file(ref: str) -> Response:
    """All months for a spreadsheet."""
    place = enter(ref, "settlements")
    known = settlements.of_account(place.account_id) or abort(404)
    lines = {listed.period: listed.lines for listed in visible.months(place.account_id, limit=len(known.months))}
    name = gettext("Взаиморасчёты по счёту %(number)s.csv", number=place.connection.account.number)
    return csv_out.answer(name, _spreadsheet(known.months, lines))


def _spreadsheet(
    months: Sequence[settlements.SettledMonth], lines: dict[int, tuple[visible.Line, ...]]
) -> Iterator[tuple[csv_out.Cell, ...]]:
    yield (
        gettext("Месяц"),
        gettext("На начало, ₽ (долг с плюсом, переплата с минусом)"),
        gettext("Начислено, ₽"),
        gettext("Перерасчёт, ₽"),
        gettext("Оплачено, ₽"),
        gettext("На конец, ₽ (долг с плюсом, переплата с минусом)"),
        gettext("Что начислено"),
    )
    for one in months:
        services = ", ".join(dict.fromkeys(line.service for line in lines.get(one.period, ())))
        yield (
            month(one.period), one.opening_kop, one.charged_kop, one.recalculated_kop, one.paid_kop, one.closing_kop, services,
        )  # fmt: skip


@bp.get("/accounts/<ref>/payments")
@open_to("user")
def payments(ref: str) -> str:
    place = enter(ref, "payments")
    older_than = request.args.get("before", "")
    years = histories.payment_years(place.account_id)
    year = chosen_year(years)
    before = _payment_key(older_than) or ((date(year + 1, 1, 1), "") if year else None)
    found = visible.payments(place.account_id, PAGE + 1, before, since=date(year, 1, 1) if year else None)
    shown = found[:PAGE]
    older = f"{shown[-1].paid_on}_{shown[-1].number}" if len(found) > PAGE else None
    orders = [] if older_than or year else _through_portal(place.connection)
    return place.draw(
        shown=shown, orders=orders, states=order_words.STATES, older=older_page(older, year), years=years, year=year
    )  # fmt: skip


def _through_portal(connection: Connection) -> list[Order]:
    """The newest payments made here: all of one's own; of others who share the account, what they paid."""
    made = paying.of_account(connection.account_id, PAGE)
    return [order for order in made if order.user_id == connection.user_id or order.state in PAID]


@bp.get("/accounts/<ref>/subscriber")
@open_to("user")
def subscriber(ref: str) -> str:
    place = enter(ref, "subscriber")
    return place.draw(card=visible.card(place.account_id) or abort(404))


@bp.get("/accounts/<ref>/contracts")
@open_to("user")
def contracts(ref: str) -> str:
    place = enter(ref, "contracts")
    today = place.supplier.today()
    rows = [
        (contract, metering.days_left(contract.ends_on, today) if contract.ends_on else None)
        for contract in visible.contracts(place.account_id)
    ]
    return place.draw(contracts=rows, notice=CONTRACT_NOTICE)


@bp.get("/accounts/<ref>/acts")
@open_to("user")
def acts(ref: str) -> str:
    place = enter(ref, "acts")
    return place.draw(acts=visible.acts(place.account_id))


@dataclass(frozen=True)
class Place:
    """A section that is open to who asks."""

    section: Section
    connection: Connection
    supplier: Supplier

    @property
    def account_id(self) -> int:
        return self.connection.account_id

    def draw(self, template: str = "", **context: object) -> str:
        """The section's page, or another one of its folder."""
        return render_template(
            f"accounts/{template or self.section.slug}.html",
            section=self.section,
            connection=self.connection,
            supplier=self.supplier,
            **context,
        )


def enter(ref: str, slug: str) -> Place:
    """The section of one's own account: 404 where it is not one's own, 403 with the way in where it is locked."""
    connection = access.my_account(ref)
    supplier = current_app.extensions["suppliers"].get(connection.supplier) or abort(404)
    section = next(one for one in SECTIONS if one.slug == slug)
    place = Place(section, connection, supplier)
    if not accounts.is_open(slug, connection, supplier):
        abort(make_response(place.draw("locked", way_in=way_in(connection)), 403))
    return place


def chosen_year(years: Sequence[int]) -> int | None:
    """The year that was asked for, if there is anything in it."""
    year = addresses.number("year")
    return year if year in years else None


def older_page(before: int | str | None, year: int | None) -> str | None:
    """The address of the next page of the same section, if there is one."""
    if before is None:
        return None
    return url_for(request.endpoint or "", **(request.view_args or {}), year=year, before=before)


def _payment_key(text: str) -> tuple[date, str] | None:
    day, _, number = text.partition("_")
    found = day_in(day)
    return (found, number) if found else None


def day_in(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
