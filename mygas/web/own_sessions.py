"""«Сеансы»: where the user is signed in."""

from flask import redirect, request, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from mygas.domain import browsers, own_sessions, present_password
from mygas.domain.work import unit_of_work
from mygas.web import access
from mygas.web.access import open_to
from mygas.web.forms.own import PresentPasswordForm
from mygas.web.layout import notify
from mygas.web.settings import bp, form_page


@bp.route("/sessions", methods=["GET", "POST"])
@open_to("user", form_checks_token=True)
def sessions() -> Response:
    """«Завершить» needs the password: else whoever sits at an open browser could put its owner out everywhere else."""
    visitor, form = access.visitor(), PresentPasswordForm()
    ref = request.form.get("ref", "")  # comes with the button that is pressed; the one for all others has none

    def end() -> Response:
        proof = present_password.check(visitor, form.present.data)
        with unit_of_work():
            own_sessions.end(visitor, current_user.key, ref, proof)
        notify("good", gettext("Сеанс завершён.") if ref else gettext("Завершены все сеансы, кроме этого."))
        return redirect(url_for("settings.sessions"), 303)

    shown = [(one, _browser(one.user_agent)) for one in own_sessions.live(current_user.user.id, current_user.key)]
    return form_page("settings/sessions.html", form, end, sessions=shown, most=own_sessions.MOST_SHOWN)


def _browser(user_agent: str) -> str:
    sentence, values = browsers.named(user_agent)
    words: str = gettext(sentence, **values)
    return words[:1].upper() + words[1:]
