"""What upgrade.sh does to a database before its backup is brought back: a restore wants an empty place, and writes over nothing.

    mygas python set_aside.py aside NAME     move the database and the sealed files away, under that name
    mygas python set_aside.py forget NAME    delete what was moved away under it

SQLite: into a folder of that name beside the database. PostgreSQL: the schema is renamed, which the owner of the database may do.
"""

import os
import shutil
import sys
from contextlib import suppress
from pathlib import Path

from psycopg import sql
from sqlalchemy import create_engine, make_url

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from mygas.settings import Settings, from_environment


def aside(settings: Settings, name: str) -> None:
    away = settings.data_dir / name
    away.mkdir(mode=0o700)
    with suppress(FileNotFoundError):  # nobody has sent a scan yet
        (settings.data_dir / "scans").rename(away / "scans")
    if make_url(settings.database_url).get_backend_name() == "sqlite":
        database = Path(make_url(settings.database_url).database or "")
        for path in sorted(database.parent.glob(f"{database.name}*"), reverse=True):  # the journals before what they belong to
            shutil.move(path, away / path.name)
        os.sync()
    else:
        _execute(settings, "ALTER SCHEMA public RENAME TO {}", name)
        _execute(settings, "CREATE SCHEMA public")


def forget(settings: Settings, name: str) -> None:
    shutil.rmtree(settings.data_dir / name)
    if make_url(settings.database_url).get_backend_name() != "sqlite":
        _execute(settings, "DROP SCHEMA {} CASCADE", name)


def _execute(settings: Settings, statement: str, *names: str) -> None:
    engine = create_engine(settings.database_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        cursor = connection.connection.cursor()
        cursor.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
    engine.dispose()


if __name__ == "__main__":
    {"aside": aside, "forget": forget}[sys.argv[1]](from_environment(), sys.argv[2])
