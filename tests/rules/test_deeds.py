"""Whatever is written down in the audit can be read by a person."""

import ast
import re
from pathlib import Path

from mygas.web import deeds

CODE = Path(__file__).parents[2] / "mygas"


def noted() -> list[tuple[str, ast.Call]]:
    """Each place in the code that writes the audit: where, and the call."""
    found = []
    for path in sorted(CODE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("audit.by_user", "audit.by_operator", "audit.by_system"):
                found.append((f"{path.relative_to(CODE)}:{node.lineno}", node))
    return found


def test_every_action_has_a_sentence():
    calls = noted()
    assert len(calls) > 30
    unsaid = [
        where for where, call in calls if not (isinstance(call.args[0], ast.Constant) and call.args[0].value in deeds.known())
    ]
    assert not unsaid, f"mygas/web/deeds.py has no sentence for what is written down at {unsaid}"


def test_no_sentence_is_of_nothing():
    assert deeds.known() == {call.args[0].value for _, call in noted()}


def test_sentences_name_only_what_is_written_down():
    for where, call in noted():
        wanted = set(re.findall(r"%\(([a-z]+)\)s", deeds._DEEDS[call.args[0].value][1]))
        given = {keyword.arg for keyword in call.keywords}
        assert wanted <= given or None in given, f"{where} does not tell {wanted - given}"  # None: unpacked
