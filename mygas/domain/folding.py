"""One form for secrets that people copy from paper: meter serials and PINs."""

import unicodedata

_LOOK_ALIKES = str.maketrans("авекмнорстухі", "abekmhopctyxi")


def fold(text: str) -> str:
    """Lower case, letters and digits only, Cyrillic letters that look like Latin ones made Latin.

    «АВ-12 с» typed on a Russian keyboard is then the same as `ab12C` (instruction 002 asks for lower case). Unlike letters
    stay as they are: «ж» is nobody's double. Full-width forms become plain ones.
    """
    plain = unicodedata.normalize("NFKC", text.replace("№", "")).lower()
    return "".join(character for character in plain if character.isalnum()).translate(_LOOK_ALIKES)
