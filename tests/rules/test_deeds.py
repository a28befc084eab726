"""Whatever is written down in the audit can be read by a person."""

import ast
import re
from pathlib import Path

from mygas.web import deeds

CODE = Path(__file__).parents[2] / "mygas"


WRITERS = {"audit.by_user", "audit.by_operator", "audit.by_system"}


def noted() -> list[tuple[str, ast.Call]]:
    """Each place in the code that writes the audit: where, and the call that names the action.

    A function that passes its first argument on as the action is a writer too.
    """
    found = []
    for path in sorted(CODE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        passing = {
            one.name
            for one in ast.walk(tree)
            if isinstance(one, ast.FunctionDef)
            and one.args.args
            and any(
                isinstance(call.args[0], ast.Name) and call.args[0].id == one.args.args[0].arg for call in calls(one, WRITERS)
            )
        }
        named = [call for call in calls(tree, WRITERS | passing) if not isinstance(call.args[0], ast.Name)]
        found += [(f"{path.relative_to(CODE)}:{call.lineno}", call) for call in named]
    return found


def calls(tree: ast.AST, names: set[str]) -> list[ast.Call]:
    """Calls of functions of these names, those with an argument."""
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args and ast.unparse(node.func) in names]


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
        given = {keyword.arg for keyword in call.keywords} | ({None} if ast.unparse(call.func) not in WRITERS else set())
        assert wanted <= given or None in given, f"{where} does not tell {wanted - given}"  # None: unpacked
