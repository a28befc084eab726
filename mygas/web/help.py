"""The help centre: articles by subject, found by whatever is typed; whom to call; what to do when pages do not open."""

from flask import Blueprint, abort, current_app, make_response, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from mygas.domain import help as texts
from mygas.suppliers import Supplier
from mygas.web import access, languages
from mygas.web.access import open_to

bp = Blueprint("help", __name__, url_prefix="/help")


@bp.get("/")
@open_to("anyone")
def index() -> str:
    supplier = _supplier()
    return render_template("help/index.html", subjects=texts.contents(supplier, languages.language()), **_beside(supplier))


@bp.get("/search")
@open_to("anyone")
def search() -> str:
    """What was found; the same page serves the suggestions while a question is being typed."""
    supplier, asked = _supplier(), "".join(filter(str.isprintable, request.args.get("q", ""))).strip()[: texts.LONGEST]
    found = texts.search(asked, supplier, language=languages.language())
    return render_template("help/search.html", asked=asked, found=found, **_beside(supplier))


@bp.get("/<slug>")
@open_to("anyone")
def article(slug: str) -> str:
    supplier, language = _supplier(), languages.language()
    one = texts.article(slug, supplier, language) or abort(404)
    return render_template("help/article.html", article=one, related=texts.related(one, language), **_beside(supplier))


@bp.get("/contacts")
@open_to("anyone")
def contacts() -> str:
    """The suppliers of one's own accounts, the one asked for, or all by name."""
    return render_template("help/contacts.html", mine=_suppliers(), all=current_app.extensions["suppliers"].values())


@bp.get("/browsers")
@open_to("anyone")
def browsers() -> Response:
    """For who came here because pages do not work: no cookie, no script, no style, nothing from the context (SC26)."""
    page = current_app.jinja_env.get_template("help/browsers.html")
    one = texts.hinted("browsers", language=languages.language())
    return make_response(page.render(article=one, home=url_for("start.sign_in"), help=url_for("help.index")))


def _beside(supplier: Supplier | None) -> dict[str, object]:
    """What the pages of the help share; `s` keeps the supplier in their addresses."""
    return {"supplier": supplier, "s": request.args.get("s"), "root": request.script_root}


def _supplier() -> Supplier | None:
    """In whose words the help speaks: the supplier named in the address, else the only one of the user's accounts."""
    known = _suppliers()
    return known[0] if len(known) == 1 else None


def _suppliers() -> list[Supplier]:
    """The supplier named in the address, else those of the user's accounts."""
    catalogue = current_app.extensions["suppliers"]
    slugs = [request.args["s"]] if "s" in request.args else []
    if not slugs and current_user.is_authenticated:
        slugs = [connection.supplier for connection in access.my_connections()]
    return [catalogue[slug] for slug in dict.fromkeys(slugs) if slug in catalogue]
