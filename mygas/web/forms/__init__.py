"""Forms, one module per journey. A form checks spelling; whether a thing is so, the domain decides."""

from typing import Any

from flask import request, session
from flask_babel import gettext
from flask_wtf import FlaskForm
from wtforms import PasswordField

from mygas.web import languages
from mygas.words import N_, Refused

_STALE = N_("Страница устарела, пока Вы её заполняли. Введённое сохранено: нажмите кнопку ещё раз.")
_STALE_PASSWORD = N_("Страница устарела, пока Вы её заполняли. Введите пароль ещё раз и нажмите кнопку; остальное сохранено.")
_NO_COOKIE = N_("Браузер не принял cookie, без них войти нельзя. Разрешите cookie для этого сайта и нажмите кнопку ещё раз.")


class Form(FlaskForm):  # type: ignore[misc]
    """A form whose stale token is a sentence at the form, not an error page, and that takes the domain's refusals."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        """WTForms' own sentences in the page's language; labels too, which modules can only mark (N_)."""

        @property
        def locales(self) -> tuple[str]:
            return (languages.language(),)

        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Any:
            field = super().bind_field(form, unbound_field, options)
            if field.label.text:
                field.label.text = gettext(field.label.text)
            return field

    def validate(self, extra_validators: Any = None) -> bool:
        """WTForms' validation; a wrong CSRF token keeps all that was typed but passwords."""
        fits: bool = super().validate(extra_validators)
        for field in self:
            if isinstance(field.errors, (list, tuple)):  # what validators say is only marked (N_) too
                field.errors = [gettext(sentence) if isinstance(sentence, str) else sentence for sentence in field.errors]
        if self.csrf_token.errors:
            known = session.get("csrf_token") and request.cookies
            stale = _STALE_PASSWORD if any(isinstance(field, PasswordField) for field in self) else _STALE
            self.csrf_token.errors = [gettext(stale if known else _NO_COOKIE)]
            self.csrf_token.data = None
        return fits

    def answer(self) -> dict[str, Any]:
        """What the domain function takes, by name."""
        return {name: value for name, value in self.data.items() if name != "csrf_token"}

    def before_page(self) -> None:
        """Called each time before the form's page is drawn."""

    def refuse(self, refusal: Refused) -> None:
        """Put the refusal's sentence at its field, or at the form."""
        sentence = languages.refusal(refusal)
        if refusal.field and refusal.field in self:
            self[refusal.field].errors = [*self[refusal.field].errors, sentence]
        else:
            self.form_errors.append(sentence)
