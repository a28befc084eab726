"""Marks Russian sentences for translation where no request is at hand, and names a refusal."""


def N_(sentence: str) -> str:
    """Return the sentence unchanged: it is translated later, on the page, by gettext."""
    return sentence


class Figure(str):
    """A number as Russians write it, to be shown as the language of the reader does."""


class Refused(Exception):
    """The portal says no, in words for a person.

    `sentence` is a Russian msgid with `%(name)s` places, `values` fills them (speech.Speech writes dates and Figures), `field` is
    the form field it belongs to (None: the whole form). Before raising it a domain function may only have counted (see
    domain.work.unit_of_work).
    """

    def __init__(self, sentence: str, field: str | None = None, **values: object) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field
        self.values = values
