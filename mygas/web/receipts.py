"""Receipts: choose a month, wait a moment, save and print (instruction 004, point 7); and the same content as a page."""

from flask import Blueprint, Response, abort, current_app, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from mygas.domain import receipt_files, receipts
from mygas.domain.months import is_month
from mygas.domain.receipt_files import ReceiptFile
from mygas.domain.receipts import Composed
from mygas.domain.work import unit_of_work
from mygas.web import access, addresses, attachments, sections
from mygas.web.access import open_to
from mygas.web.forms import receipts as forms
from mygas.web.layout import month_within, name_the_page
from mygas.web.sections import Place
from mygas.words import Refused

bp = Blueprint("receipts", __name__)


@bp.route("/accounts/<ref>/receipts", methods=["GET", "POST"], endpoint="receipts")
@open_to("user")
def choose(ref: str) -> AnyResponse:
    """The form of the period, and receipts asked for before."""
    place = sections.enter(ref, "receipts")
    known = receipts.periods(place.account_id)
    form = forms.receipt(known, receipts.preselected(known, place.supplier.today()))
    if request.method == "POST" and form.validate():
        composed = _composed(place, int(form.period.data))
        try:
            file_ref = _asked(place, composed, form)
            return redirect(url_for("receipts.one", ref=ref, file_ref=file_ref), 303)
        except Refused as refusal:
            form.refuse(refusal)
    page = _draw(place, "choose", form=form, action=addresses.here(), asked=receipt_files.asked_before(place.connection))
    return name_the_page(make_response(page, 422 if request.method == "POST" else 200))


@bp.get("/accounts/<ref>/receipts/<file_ref>")
@open_to("user")
def one(ref: str, file_ref: str) -> AnyResponse:
    """What became of the receipt that was asked for: being made, ready, not to be had. 204 to who waits on the page for more."""
    place = sections.enter(ref, "receipts")
    file = receipt_files.find(place.connection, file_ref) or abort(404)
    state = "gone" if file.state == "ready" and not current_app.extensions["receipts"].has(file.ref) else file.state
    polls = request.headers.get("HX-Trigger") == "waiting"
    if polls and state == "waiting":
        return Response(status=204)
    again = forms.again(file) if state in ("failed", "gone") else None
    page = make_response(_draw(place, "one", file=file, state=state, form=again))
    return page if polls else name_the_page(page)


@bp.get("/accounts/<ref>/receipts/<file_ref>/pdf")
@open_to("user")
def pdf(ref: str, file_ref: str) -> AnyResponse:
    """The file, to save; to look at and print with `?show=1`."""
    place = sections.enter(ref, "receipts")
    file = receipt_files.find(place.connection, file_ref) or abort(404)
    data = current_app.extensions["receipts"].read(file.ref) if file.state == "ready" else None
    if data is None:
        return redirect(url_for("receipts.one", ref=ref, file_ref=file_ref), 303)
    response = Response(data, mimetype="application/pdf")
    return attachments.named(response, *_names(place, file), kind="inline" if "show" in request.args else "attachment")


@bp.get("/accounts/<ref>/receipts/<int(fixed_digits=6):period>/view")
@open_to("user")
def view(ref: str, period: int) -> str:
    """All that stands on the paper, as a page."""
    place = sections.enter(ref, "receipts")
    composed = _composed(place, period)
    paper = composed.paper
    drawn = current_app.extensions["papers"].qr_svg(paper.qr, paper.qr_codec) if paper.current else ""
    code = Markup(drawn)  # noqa: S704 - drawn by us, of squares
    return _draw(place, "view", paper=paper, newest=composed.newest, today_kop=composed.today_kop, code=code)


def _composed(place: Place, period: int) -> Composed:
    """The receipt of the place's account for the period; 404 where there is none."""
    if not is_month(period):
        abort(404)
    extended = place.connection.access == "extended"
    found = receipts.compose(place.supplier, period, [place.account_id], extended=extended)
    return next(found, None) or abort(404)


def _asked(place: Place, composed: Composed, form: forms.ReceiptForm) -> str:
    """The ref of the file. Raises Refused."""
    is_kept = current_app.extensions["receipts"].has
    with unit_of_work():
        file = receipt_files.ask(
            access.visitor(), place.connection, place.supplier, composed.paper, form.variant.data, is_kept=is_kept
        )
        return file.ref


def _draw(place: Place, template: str, **context: object) -> str:
    return render_template(
        f"receipts/{template}.html", section=place.section, connection=place.connection, supplier=place.supplier, **context
    )


def _names(place: Place, file: ReceiptFile) -> tuple[str, str]:
    """«Квитанция 59012345 октябрь 2026.pdf», and the same for programs that know no Russian."""
    number, when = place.connection.account.number, month_within(file.period)
    large = gettext(" крупно") if file.variant == "large" else ""
    ascii_number = number.encode("ascii", "ignore").decode().replace('"', "")
    return f"{gettext('Квитанция')} {number} {when}{large}.pdf", f"receipt-{ascii_number}-{file.period}.pdf"
