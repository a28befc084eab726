"""A portal that cannot start says why in one line."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def start(**env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "routes"]
    return subprocess.run(command, cwd=ROOT, env={"PATH": os.environ["PATH"], **env}, capture_output=True, text=True, check=False)


def test_a_bad_supplier_file_stops_the_start(tmp_path):
    shutil.copytree(ROOT / "mygas" / "suppliers" / "catalogue", tmp_path / "catalogue")
    file = tmp_path / "catalogue" / "perm.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("max_per_user = 3", 'max_per_user = "three"'), encoding="utf-8")
    ended = start(MYGAS_MODE="demo", MYGAS_DATA=str(tmp_path), MYGAS_CATALOGUE=str(tmp_path / "catalogue"))
    assert ended.returncode == 1
    (line,) = ended.stderr.strip().splitlines()
    assert "perm.toml" in line
    assert "account.max_per_user" in line


@pytest.mark.parametrize(
    ("env", "says"), [({}, "keys do not exist: session, codes, pins"), ({"MYGAS_MODE": "nonsense"}, "MYGAS_MODE")]
)
def test_bad_settings_stop_the_start(tmp_path, env, says):
    ended = start(MYGAS_DATA=str(tmp_path), **env)
    assert ended.returncode == 1
    (line,) = ended.stderr.strip().splitlines()
    assert line.startswith("mygas cannot start: ")
    assert says in line
