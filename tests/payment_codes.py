"""Reading a payment code back, as a bank does: written from the standard, sharing nothing with the code that composes."""

CODECS = {"1": "cp1251", "2": "utf-8"}
MANDATORY = ("Name", "PersonalAcc", "BankName", "BIC", "CorrespAcc")


def read(code: bytes) -> list[tuple[str, str]]:
    """The fields in their order. Raises AssertionError for what is no payment code of ГОСТ Р 56042-2014."""
    assert code[:6] == b"ST0001", code[:8]
    codec, separator = CODECS[chr(code[6])], chr(code[7])
    fields = [tuple(field.split("=", 1)) for field in code[8:].decode(codec).split(separator)]
    names = [name for name, _ in fields]
    assert tuple(names[:5]) == MANDATORY and len(set(names)) == len(names), names
    assert len(separator.join("=".join(field) for field in fields[:5]).encode(codec)) <= 300
    told = dict(fields)
    assert len(told["Name"]) <= 160 and len(told["BankName"]) <= 45 and len(told.get("Purpose", "")) <= 160
    for name, digits in (("PersonalAcc", 20), ("BIC", 9), ("CorrespAcc", 20)):
        assert told[name].isascii() and told[name].isdigit() and len(told[name]) == digits
    assert told.get("Sum", "1").isdigit() and not told.get("Sum", "1").startswith("0"), "whole kopecks"
    return fields
