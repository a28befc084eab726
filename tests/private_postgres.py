"""Run a command with DATABASE_URL naming a PostgreSQL cluster of its own, gone afterwards.

    python tests/private_postgres.py pytest -q

The server will not run as root; started as root, it runs as the user `postgres` that Debian's package makes.
"""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SETTINGS = "-c listen_addresses='' -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200"


def server_folder() -> Path:
    """Where initdb and pg_ctl are: on the PATH or where Debian keeps them, newest version first."""
    if found := shutil.which("initdb"):
        return Path(found).parent
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True):
        return folder
    sys.exit("No PostgreSQL server is installed here. On Debian: apt-get install postgresql")


def main(command: list[str]) -> int:
    """The command's exit status."""
    server = server_folder()
    owner = {"user": pwd.getpwnam("postgres").pw_name} if os.getuid() == 0 else {}
    folder = Path(tempfile.mkdtemp(prefix="mygas-pg-"))
    if owner:
        shutil.chown(folder, "postgres")
    data, log = folder / "data", folder / "log"

    def run(*words: str | Path) -> None:
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL, cwd=folder, **owner)

    try:
        run(server / "initdb", "-D", data, "-U", "mygas", "--auth=trust", "--encoding=UTF8", "--locale=C")
        run(server / "pg_ctl", "-D", data, "-l", log, "-w", "-o", f"-k {folder} {SETTINGS}", "start")
        try:
            url = f"postgresql+psycopg://mygas@/postgres?host={folder}"
            return subprocess.run(command, env={**os.environ, "DATABASE_URL": url}, check=False).returncode
        finally:
            run(server / "pg_ctl", "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
