"""What every page needs around its own content: the layout, links, notices, and how money and time look."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, current_app, request, session, url_for
from flask_babel import format_date, gettext
from flask_login import current_user
from jinja2 import StrictUndefined
from werkzeug.wrappers import Response

from mygas import contacts
from mygas.domain import help
from mygas.domain.help_files import Article
from mygas.suppliers import Supplier
from mygas.web import addresses, appearance, headers, languages, statics

HTMX = "htmx-1.9.12.min.js"
PORTAL_ZONE = ZoneInfo("Europe/Moscow")


def register(app: Flask) -> None:
    """Filters, strictness, and the variables of the frame."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.globals.update(hinted=_hinted)
    moments = {"day_of": day_of, "moment": moment, "at": when, "iso_moment": iso_moment}
    app.jinja_env.filters.update(day=day, month=month, month_within=month_within, mailto=contacts.mailto, **moments)
    app.context_processor(_frame)


def _hinted(key: str, supplier: Supplier | None = None) -> Article:
    """The hint in the language of the page."""
    return help.hinted(key, supplier, languages.language())


def notify(kind: str, text: str) -> None:
    """Show the sentence on the next page. Kinds: good, info, warn."""
    session["notices"] = [*session.get("notices", []), (kind, text)]


def name_the_page(response: Response) -> Response:
    """Tell htmx the address of what a 303 led it to, so that reloading shows the same page again. A poll (`seen`) stays there."""
    asked = request.method == "GET" and request.headers.get("HX-Target") == "main" and "seen" not in request.args
    if asked and response.status_code == 200:
        response.headers["HX-Push-Url"] = addresses.here_with_query()
    return response


def day(value: date) -> str:
    """21.11.2026. A moment has no day before a zone is named: see day_of."""
    if isinstance(value, datetime):
        raise TypeError("the day of a moment depends on the zone")
    return _date(value)


def day_of(value: datetime, slug: str) -> str:
    """The day of a moment where that supplier is: 21.11.2026."""
    supplier = current_app.extensions["suppliers"].get(slug)
    return _date(value.astimezone(supplier.time_zone if supplier else PORTAL_ZONE))


def moment(value: datetime, zone: ZoneInfo = PORTAL_ZONE) -> str:
    """The clock time in that zone."""
    return f"{value.astimezone(zone):%H:%M}"


def when(value: datetime, supplier: Supplier | None = None) -> str:
    """21.11.2026 14:05 where the supplier is; of what belongs to none, where the portal is."""
    at = value.astimezone(supplier.time_zone if supplier else PORTAL_ZONE)
    return f"{_date(at)} {at:%H:%M}"


def iso_moment(text: str) -> str:
    """21.11.2026 14:05:09 Moscow time, from an ISO 8601 string."""
    at = datetime.fromisoformat(text).astimezone(PORTAL_ZONE)
    return f"{_date(at)} {at:%H:%M:%S}"


def month(period: int) -> str:
    """Ноябрь 2026, from year * 100 + month."""
    name: str = format_date(date(period // 100, period % 100, 1), "LLLL yyyy")
    return name.capitalize()


def month_under_bar(period: int) -> str:
    """«ноя»: a word, not a number, for text browsers write the labels of a drawing in one line."""
    words: str = gettext("янв фев мар апр май июн июл авг сен окт ноя дек")
    return words.split()[period % 100 - 1]


def month_within(period: int) -> str:
    """The same within a sentence: «ноябрь 2026», but «November 2026»."""
    return month(period).lower() if languages.is_russian() else month(period)


def _date(value: date) -> str:
    """21.11.2026, or «21 Nov 2026» where some read the month first."""
    return languages.spoken().day(value)


def _frame() -> dict[str, Any]:
    content = {"notices": session.pop("notices", []), "home_href": url_for("start.sign_in")}
    if "HX-Request" in request.headers:
        return {"layout": "ui/fragment.html", **content}
    look = appearance.chosen()
    signed_in = current_user.is_authenticated
    return {
        "layout": "ui/page.html",
        **content,
        "inline_css": headers.inline_css(),
        "css_href": url_for("static", filename=headers.styles().name),
        "icon_href": url_for("static", filename="icon.svg"),
        "touch_icon_href": url_for("static", filename="icon-192.png"),
        "manifest_href": url_for("static", filename="manifest.webmanifest"),
        "boot_href": url_for("static", filename="boot.js"),
        "htmx_href": url_for("static", filename=HTMX),
        "worker_href": url_for("static", filename=statics.SERVICE_WORKER, view=str(look)),
        "sign_out_href": url_for("start.sign_out"),
        "signed_in": signed_in,
        "nav": _nav() if signed_in else [],
        "footer_links": _footer(),
        "version": current_app.extensions["version"],
        "view_classes": look.classes,
        "color_schemes": look.schemes,
    }


def _nav() -> list[tuple[str, str, bool]]:
    journeys = [
        (gettext("Мои счета"), url_for("accounts.index"), "accounts"),
        (gettext("Подключить счёт"), url_for("connect.step", slug="supplier"), "connect"),
        (gettext("Поддержка"), url_for("support.index"), "support"),
        (gettext("Настройки"), url_for("settings.index"), "settings"),
    ]
    return [(text, href, addresses.is_under(name)) for text, href, name in journeys]


def _footer() -> list[tuple[str, str]]:
    settings = current_app.extensions["settings"]
    here = addresses.here_with_query() if request.endpoint else None  # an address that is not ours is not repeated
    if request.endpoint == "view.page":
        here = request.values.get("next")
    links = [
        (gettext("Помощь"), url_for("help.index")),
        (gettext("Задать вопрос"), url_for("support.new")),
        (gettext("Вид и язык (Language)"), url_for("view.page", next=here)),
    ]
    if settings.lessons:
        links.append((gettext("Режим обучения"), settings.lessons))
    if settings.shows_messages:
        links.append((gettext("Сообщения (демо)"), url_for("demo.messages")))
    return links
