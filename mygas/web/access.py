"""Who may enter: every view says so, one that says nothing answers nobody. And who it is that entered."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Request, Response, abort, current_app, g, redirect, request, session, url_for
from flask_babel import gettext
from flask_login import UserMixin, current_user
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from mygas.domain import accounts, consents, operators, own_accounts, signing_in
from mygas.domain.accounts import Connection
from mygas.domain.operators import Operator
from mygas.domain.signing_in import User
from mygas.domain.visitors import Visitor
from mygas.domain.work import unit_of_work
from mygas.extensions import csrf, login
from mygas.suppliers.entry import EntryRules
from mygas.web import addresses, languages
from mygas.web.layout import notify

Audience = Literal["anyone", "user", "operator", "machine"]
View = TypeVar("View", bound=Callable[..., Any])


def open_to(audience: Audience, *, form_checks_token: bool = False, without_consent: bool = False) -> Callable[[View], View]:
    """Say who may enter a view. A machine proves itself to the view: it has no session that a forged form could ride on.

    `form_checks_token`: the view's form looks at the CSRF token itself, so that a page which grew stale comes back with
    what was typed and a fresh token, instead of an error page. `without_consent`: a page for users that also answers him
    whose consent to the processing of his data is not in force (see _without_consent).
    """

    def mark(view: View) -> View:
        view.audience = audience  # type: ignore[attr-defined]
        view.form_checks_token = form_checks_token  # type: ignore[attr-defined]
        view.without_consent = without_consent  # type: ignore[attr-defined]
        return view

    return mark


@dataclass
class SignedIn(UserMixin):  # type: ignore[misc]
    """What Flask-Login's current_user is here: the user, the key of the session that named him, whether he has consented to
    the edition in force."""

    user: User
    key: str
    stale: bool
    consented: bool


@dataclass(frozen=True)
class AtDesk:
    """Who sits at the desk in this browser, and the key of the session that named him."""

    operator: Operator
    key: str
    stale: bool


def register(app: Flask) -> None:
    """Install the doorkeeper."""
    login.session_protection = None  # sessions are rows of ours (promises.md §2.5)
    login.request_loader(_load)
    app.before_request(_keep_the_door)
    app.after_request(_note_presence)


@dataclass(frozen=True)
class Door:
    """One of the two ways in: its cookie, to which of other sites' links the cookie goes along, and what of the form cookie
    outlives the sign-in. `samesite` and the cookies' being two: ASVS 3.3.2.
    """

    name: str
    samesite: str
    keeps: tuple[str, ...] = ()

    @property
    def cookie(self) -> str:
        return str(current_app.extensions["settings"].cookie(self.name))

    @property
    def attributes(self) -> dict[str, Any]:
        settings = current_app.extensions["settings"]
        return {"path": settings.cookie_path, "httponly": True, "secure": settings.secure, "samesite": self.samesite}


CABINET = Door("sid", "Lax", keeps=("notices", "drafts"))
DESK = Door("desk", "Strict")


def admit(response: AnyResponse, key: str, door: Door = CABINET) -> AnyResponse:
    """Hand out the session's cookie; what was in the form cookie before is forgotten, the old CSRF token too (ASVS 7.2.4)."""
    kept = {name: session[name] for name in door.keeps if session.get(name)}
    session.clear()
    session.update(kept)
    response.set_cookie(door.cookie, key, **door.attributes)
    return response


def dismiss(response: AnyResponse, door: Door = CABINET) -> AnyResponse:
    """Take the cookies back and ask the browser to forget what it kept."""
    session.clear()
    response.delete_cookie(door.cookie, **door.attributes)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def at_desk() -> AtDesk | None:
    """The operator signed in at the desk, read once a request; None for everybody else, users among them."""
    if "at_desk" not in g:
        key = request.cookies.get(DESK.cookie)
        found = operators.SESSIONS.find(key) if key else None
        g.at_desk = AtDesk(found.person, key, found.stale) if found and key else None
    known: AtDesk | None = g.at_desk
    return known


def operator() -> Operator:
    """The operator, in a view that is open to operators."""
    return (at_desk() or abort(404)).operator


def visitor(entry: str = "") -> Visitor:
    """Who asks, under the rules of the entry page he came by."""
    portal: EntryRules = current_app.extensions["entry_rules"]
    rules = portal.at(current_app.extensions["suppliers"].get(entry))
    user = current_user.user if current_user.is_authenticated else None
    return Visitor(request.remote_addr or "", request.user_agent.string[:250], rules, user, languages.language())


def user() -> User:
    """The signed-in user, in a view that is open to users."""
    found: User = current_user.user
    return found


def my_connections() -> list[Connection]:
    """The signed-in user's connections, read once a request."""
    if "connections" not in g:
        g.connections = accounts.connections(current_user.user)
    return list(g.connections)


def my_account(ref: str) -> Connection:
    """The one place where ownership of an account is resolved: 404 for what is not the user's own. A page of what was his once,
    as a bookmark may name it, leads to what is left of it."""
    connection = accounts.owned(my_connections(), ref)
    if connection is None and request.method == "GET" and own_accounts.past_one(user().id, ref):
        abort(leave(url_for("settings.past_account", ref=ref)))
    return connection or abort(404)


def leave(url: str) -> AnyResponse:
    """303 to a page whose frame differs (signed in or out): htmx is told to fetch the whole of it."""
    if "HX-Request" in request.headers:
        return Response(status=204, headers={"HX-Redirect": url})
    return redirect(url, 303)


def safe_next(target: str | None) -> str | None:
    """A path of ours that answers GET, or None (ASVS 3.7.2)."""
    if not target or not target.startswith("/") or target[1:2] in ("/", "\\") or any(ord(c) < 33 for c in target):
        return None
    try:
        endpoint, _ = current_app.url_map.bind("").match(addresses.within(urlsplit(target).path), method="GET")
    except (HTTPException, ValueError):
        return None
    return target if endpoint != "static" else None


def _load(incoming: Request) -> SignedIn | None:
    key = incoming.cookies.get(CABINET.cookie)
    found = signing_in.SESSIONS.find(key, consents.in_force(User.id)) if key else None
    return SignedIn(found.person, key, found.stale, found.fact) if found and key else None


def _keep_the_door() -> AnyResponse | None:
    if request.endpoint is None or request.endpoint == "static":
        return None  # Flask answers 404 or 405 by itself
    view = current_app.view_functions[request.endpoint]
    audience = getattr(view, "audience", None)
    if audience is None:
        abort(404)
    if audience == "machine":
        return None
    door = DESK if audience == "operator" else CABINET
    known = at_desk() is not None if audience == "operator" else current_user.is_authenticated
    ended = audience != "anyone" and not known and door.cookie in request.cookies
    if request.method == "POST" and not ended and not getattr(view, "form_checks_token", False):
        csrf.protect()  # a form of an ended session does nothing, and its token is often over too
    if audience == "anyone":
        return None
    if known:
        return _without_consent() if audience == "user" and not getattr(view, "without_consent", False) else None
    return _turn_away("desk.sign_in" if audience == "operator" else "start.sign_in", ended)


def _turn_away(entrance: str, ended: bool) -> AnyResponse:
    """To the way in, and from there back to the page that was asked for or whose form was sent. Whoever brings the cookie of a
    session that is over is told so; what he typed is lost, and he is told that too."""
    page = addresses.here() if request.method == "GET" else _page_of_form()
    if ended:
        if request.method == "GET":
            sentence = gettext("Сеанс закончился. Войдите снова.")
        elif page:
            sentence = gettext("Сеанс закончился, введённое не отправлено. Войдите, и мы вернём Вас на ту же страницу.")
        else:
            sentence = gettext("Сеанс закончился, введённое не отправлено. Войдите и повторите.")
        if ("warn", sentence) not in session.get("notices", []):
            notify("warn", sentence)
    return leave(url_for(entrance, next=page or _page_above()))


def _page_of_form() -> str | None:
    """Where the form of this POST stands: its own address if that is a page, else the page that the browser names, if it is
    ours. Plain forms name none (headers.py, Referrer-Policy), htmx does."""
    named = addresses.parted(request.headers.get("HX-Current-URL") or request.referrer)
    return safe_next(addresses.here()) or (safe_next(named.path) if named.netloc == request.host else None)


def _page_above() -> str | None:
    """The nearest page above this address, short of the portal's first."""
    above = [path for path in PurePosixPath(addresses.here()).parents if len(path.parts) > 1]
    return next((page for path in above for page in (safe_next(str(path)), safe_next(f"{path}/")) if page), None)


def _without_consent() -> AnyResponse | None:
    """Where to whoever withdrew his consent, or has not given it to the newest edition, is led from the rest of the cabinet.

    What he was about to send is not taken, not even in part; he is told so, and led back to its page once he has consented.
    """
    if current_user.consented:
        return None
    if request.method == "POST":
        notify("warn", gettext("Отправленное не принято: сначала нужно Ваше согласие."))
    return leave(url_for("settings.consents", next=safe_next(addresses.here())))


def _note_presence(response: AnyResponse) -> AnyResponse:
    """Once a minute at most, and after the page is out: a page view never waits for the write lock."""
    signed_in, seated = g.get("_login_user"), g.get("at_desk")
    if signed_in is not None and signed_in.is_authenticated and signed_in.stale:
        _after(response, partial(signing_in.SESSIONS.touch, signed_in.key))
    if seated is not None and seated.stale:
        _after(response, partial(operators.SESSIONS.touch, seated.key))
    return response


def _after(response: AnyResponse, deed: Callable[[], None]) -> None:
    app = current_app._get_current_object()  # type: ignore[attr-defined]

    @response.call_on_close
    def do() -> None:
        with app.app_context(), unit_of_work():
            deed()
