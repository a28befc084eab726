"""The desk's word to subscribers: announcements, and functions that are off."""

from typing import TypeVar

from flask import abort, current_app, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from mygas.domain import bulletins, outages
from mygas.domain.bulletins import Bulletin
from mygas.domain.work import unit_of_work
from mygas.suppliers import Supplier
from mygas.web import access, addresses, layout
from mygas.web.access import open_to
from mygas.web.desk import bp, do, ip, suppliers
from mygas.web.forms.bulletins import AnnouncementForm, OutageForm
from mygas.words import Refused

A_PAGE = 30
Written = TypeVar("Written", OutageForm, AnnouncementForm)


@bp.route("/outages/", methods=["GET", "POST"])
@open_to("operator")
def outages_page() -> AnyResponse:
    """What is off or was, and the form that turns a function off."""
    form = _offered(OutageForm())
    if request.method == "POST" and _write(form):
        layout.notify("good", gettext("Приостановлено. Абоненты видят это на страницах портала."))
        return redirect(url_for("desk.outages_page"), 303)
    return _page("outages", form, functions=outages.FUNCTIONS, outages=True)


@bp.get("/announcements/")
@open_to("operator")
def announcements() -> AnyResponse:
    return _page("announcements", None, outages=False)


@bp.route("/announcements/new", methods=["GET", "POST"])
@open_to("operator")
def new_announcement() -> AnyResponse:
    """Written as a draft first: its page says how many accounts it concerns before anybody sees it."""
    form = _offered(AnnouncementForm())
    if request.method == "POST" and (written := _write(form)):
        return redirect(url_for("desk.one_bulletin", ref=written.ref), 303)
    page = render_template("desk/new_announcement.html", form=form)
    return make_response(page, 422 if request.method == "POST" else 200)


@bp.get("/bulletins/<ref>")
@open_to("operator")
def one_bulletin(ref: str) -> str:
    """As its readers see it, and how many accounts of users it concerns."""
    found = _bulletin(ref)
    whose = [found.supplier] if found.supplier else list(_all())
    count = bulletins.count_concerned(whose, found.prefix)
    return render_template("desk/bulletin.html", bulletin=found, count=count, **_words(found))


@bp.post("/bulletins/<ref>/publish")
@open_to("operator")
def publish(ref: str) -> AnyResponse:
    found = _bulletin(ref)
    then = url_for("desk.announcements")
    return do(lambda: bulletins.publish(access.operator(), ip(), found), gettext("Объявление опубликовано."), then)


@bp.post("/bulletins/<ref>/end")
@open_to("operator")
def end_bulletin(ref: str) -> AnyResponse:
    found = _bulletin(ref)
    then = url_for("desk.outages_page" if found.function else "desk.announcements")
    done = gettext("Функция снова работает.") if found.function else gettext("Объявление снято.")
    return do(lambda: bulletins.end(access.operator(), ip(), found), done, then)


def _all() -> dict[str, Supplier]:
    known: dict[str, Supplier] = current_app.extensions["suppliers"]
    return known


def _bulletin(ref: str) -> Bulletin:
    return bulletins.of_ref(access.operator(), _all(), ref) or abort(404)


def _offered(form: Written) -> Written:
    mine = suppliers()
    form.offer(mine, everybody=len(mine) == len(_all()))
    return form


def _write(form: OutageForm | AnnouncementForm) -> Bulletin | None:
    """What the form says, written down; None where it is refused."""
    if not form.validate():
        return None
    try:
        with unit_of_work():
            return bulletins.write(access.operator(), ip(), _all(), **form.answer())
    except Refused as refusal:
        form.refuse(refusal)
        return None


def _page(template: str, form: OutageForm | None, *, outages: bool, **context: object) -> AnyResponse:
    before = addresses.number("before")
    found = bulletins.of_desk(access.operator(), _all(), outages=outages, limit=A_PAGE + 1, before=before)
    page = render_template(
        f"desk/{template}.html",
        form=form,
        shown=[(one, _words(one)) for one in found[:A_PAGE]],
        following=found[A_PAGE - 1].id if len(found) > A_PAGE else None,
        **context,
    )
    return make_response(page, 422 if request.method == "POST" else 200)


def _words(one: Bulletin) -> dict[str, object]:
    """Whose it is, how it stands and from when to when, in words."""
    supplier = _all().get(one.supplier)
    state = bulletins.state(one)
    return {
        "whose": supplier.name if supplier else gettext("Все поставщики"),
        "state": state,
        "since": layout.when(one.starts_at, supplier),
        "until": layout.when(one.ends_at, supplier) if one.ends_at else None,
    }
