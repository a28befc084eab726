"""«Закрыть кабинет»."""

from flask import url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from mygas.domain import closing, present_password
from mygas.domain.work import unit_of_work
from mygas.web import access
from mygas.web.access import open_to
from mygas.web.forms.own import PresentPasswordForm
from mygas.web.layout import notify
from mygas.web.settings import bp, form_page


@bp.route("/close", methods=["GET", "POST"])
@open_to("user", form_checks_token=True, without_consent=True)
def close() -> Response:
    visitor, form = access.visitor(), PresentPasswordForm()

    def part() -> Response:
        proof = present_password.check(visitor, form.present.data)
        with unit_of_work():
            closing.close(visitor, proof)
        response = access.dismiss(access.leave(url_for("start.sign_in")))
        notify("good", gettext("Кабинет закрыт. Зарегистрироваться снова можно с тем же логином."))
        return response

    held = closing.unfinished(current_user.user.id)
    return form_page("settings/close.html", form, part, unfinished=held)
