"""Forms of the desk for questions to the support: answering, notes, who deals with it, replies kept ready."""

import re
from collections.abc import Iterable

from flask_babel import gettext
from wtforms import Field, HiddenField, IntegerField, SelectField, StringField, SubmitField, TextAreaField
from wtforms.validators import InputRequired, ValidationError

from mygas.domain.reply_templates import ReplyTemplate
from mygas.domain.tickets import LONGEST
from mygas.web.forms import Form
from mygas.web.forms.support import plain_text
from mygas.words import N_

LONGEST_TITLE = 120
LONGEST_REASON = 300


class AnswerForm(Form):
    """An answer; `seen` is the version of the ticket that is on the page. «Вставить» puts a template after what is typed."""

    text = TextAreaField(N_("Ответ абоненту"))
    template = SelectField(N_("Шаблон"), validate_choice=False)
    insert = SubmitField(N_("Вставить"))
    closing = SubmitField(N_("Ответить и закрыть"))
    seen = HiddenField()
    templates: dict[str, str]

    def offer(self, templates: Iterable[ReplyTemplate]) -> None:
        found = list(templates)
        self.templates = {one.ref: one.text for one in found}
        self.template.choices = [("", gettext("Не выбран")), *((one.ref, one.title) for one in found)]

    def validate(self, extra_validators: object = None) -> bool:
        """Whoever inserts a template has not finished: nothing is held against him yet."""
        if not self.insert.data:
            return super().validate(extra_validators)
        parts = ((self.text.data or "").strip(), self.templates.get(self.template.data, ""))
        self.text.data = "\n\n".join(part for part in parts if part)
        self.template.data = ""
        return False

    def validate_text(self, field: Field) -> None:
        field.data = plain_text(field.data)

    @property
    def version(self) -> int:
        """The version that was on the page; 0, which no ticket has, for what is no number."""
        return int(self.seen.data) if re.fullmatch("[0-9]{1,9}", self.seen.data or "") else 0


class NoteForm(Form):
    note = TextAreaField(N_("Заметка для коллег"))

    def validate_note(self, field: Field) -> None:
        field.data = plain_text(field.data)


class CloseForm(Form):
    reason = TextAreaField(N_("Почему закрываем без ответа"))

    def validate_reason(self, field: Field) -> None:
        if not (field.data or "").strip():
            raise ValidationError(gettext("Напишите причину: её прочтёт тот, кто спрашивал."))
        field.data = plain_text(field.data, LONGEST_REASON)


class AssignForm(Form):
    operator = SelectField(N_("Кто отвечает"), coerce=int)


class PassOnForm(Form):
    to = SelectField(N_("Передать"))


class FindTicketForm(Form):
    number = IntegerField(N_("Номер обращения"), [InputRequired(N_("Введите номер обращения: только цифры."))])

    def validate_number(self, field: Field) -> None:
        if not 0 < (field.data or 0) < 2**31:
            raise ValidationError(gettext("Введите номер обращения: только цифры."))


class TemplateForm(Form):
    """A reply kept ready."""

    addressee = SelectField(N_("От чьего имени"))
    title = StringField(N_("Название"))
    text = TextAreaField(N_("Текст"))

    def validate_title(self, field: Field) -> None:
        field.data = " ".join("".join(filter(str.isprintable, field.data or "")).split())
        if not 0 < len(field.data) <= LONGEST_TITLE:
            raise ValidationError(gettext("Введите название, не больше %(most)s знаков.", most=LONGEST_TITLE))

    def validate_text(self, field: Field) -> None:
        field.data = plain_text(field.data, LONGEST)
