"""The room «Уведомления» of the settings: of which events the user is told, and by which of his contacts."""

from flask import current_app, redirect, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from mygas import contacts
from mygas.domain import accounts, notices, readings
from mygas.domain.notices import EVENTS, Where
from mygas.domain.work import unit_of_work
from mygas.web import access
from mygas.web.access import open_to
from mygas.web.forms import own_accounts as forms
from mygas.web.layout import notify
from mygas.web.settings import bp, form_page


@bp.route("/notices", methods=["GET", "POST"], endpoint="notices")
@open_to("user", form_checks_token=True)
def notices_page() -> Response:
    """A table of events and contacts; below it the readings of each account. What is mandatory is said, not offered."""
    user, visitor = access.user(), access.visitor()
    suppliers = current_app.extensions["suppliers"]
    mine = [one for one in access.my_connections() if one.supplier in suppliers]
    taking = [one for one in mine if accounts.is_open("readings", one, suppliers[one.supplier])]
    known = notices.choices(user.id)
    has: dict[Where, str] = {"login": user.login}
    if user.second_login:
        has["second"] = user.second_login
    parsed = {where: contacts.parse(value) for where, value in has.items()}
    words = {where: gettext("СМС") if one.channel == "phone" else gettext("Почта") for where, one in parsed.items()}
    form = forms.notices(known, words, taking)

    def choose() -> Response:
        with unit_of_work():
            notices.choose(user.id, known | form.wanted())
            for connection in taking:
                answer, remind = (bool(field.data) for field in form.readings(connection))
                if (answer, remind) != (connection.answer, connection.remind):
                    readings.choose_messages(visitor, connection, answer=answer, remind=remind)
        notify("good", gettext("Сохранено."))
        return redirect(url_for("settings.notices"), 303)

    masked = {where: one.masked for where, one in parsed.items()}
    return form_page("settings/notices.html", form, choose, events=EVENTS, masked=masked, words=words, taking=taking)
