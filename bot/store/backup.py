"""Backup and restore of all state, while the product runs: a folder with a list of its files.

State is the database: two files where it is embedded (the dialogue's memory and the journal), one
dump where it is PostgreSQL. Models are made anew from the data; settings are kept elsewhere.
"""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path

from sqlalchemy.engine import make_url

from bot.database import migrate, sqlite_file
from bot.errors import SettingsError
from bot.settings import Settings

_LIST = "backup.json"
_DUMP = "navi.dump"
_PAGES = 2000
# The journal last: with an older memory the dialogue asks something again, but a turn that the
# journal has never heard of would be nobody's.
_FILES = ("dialogue.db", "navi.db")


def back_up(settings: Settings, folder: Path, now: datetime) -> Path:
    """Copy everything into a new folder below `folder`; gives it. Members may go on writing.

    Raises SettingsError where a program is missing or fails, or the folder cannot be written.
    """
    target = _new_folder(folder, f"navi-{now:%Y%m%dT%H%M%SZ}")
    file = sqlite_file(settings)
    if file is None:
        _dump(settings, target / _DUMP)
    else:
        for name in _FILES:
            source = file.parent / name if name != "navi.db" else file
            if source.exists():
                _copy(source, target / name)
    digests = {path.name: _digest(path) for path in sorted(target.iterdir())}
    listed = {"made_at": now.isoformat(timespec="seconds"), "files": digests}
    (target / _LIST).write_text(json.dumps(listed, indent=1) + "\n", encoding="utf-8")
    return target


def restore(settings: Settings, backup: Path) -> None:
    """Put a backup where these settings look for the database, and bring it to this release.

    Nothing is written over. Raises SettingsError where the backup is damaged, is of the other
    kind of database, or where data are there already.
    """
    names = _checked(backup)
    file = sqlite_file(settings)
    if (file is None) != (_DUMP in names):
        raise SettingsError("the backup is of the other kind of database than NAVI_DATABASE_URL")
    if file is None:
        _load(settings, backup / _DUMP)
    else:
        _put_files(file, backup, names)
    migrate(settings)


def _new_folder(folder: Path, name: str) -> Path:
    """A folder of its own, also for the second backup of a second."""
    for place in range(1, 100):
        target = folder / (name if place == 1 else f"{name}-{place}")
        try:
            target.mkdir(mode=0o700, parents=True)
        except FileExistsError:
            continue
        except OSError as error:
            why = f"{folder}: no backup can be made there ({error.strerror})"
            raise SettingsError(why) from None
        return target
    raise SettingsError(f"{folder} holds too many backups of this second")


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy, pages=_PAGES, sleep=0.01)
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, without -wal beside it
        if copy.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
            raise SettingsError(f"{source.name}: the copy is not sound")
    target.chmod(0o600)


def _put_files(file: Path, backup: Path, names: Sequence[str]) -> None:
    targets = {name: file.parent / name if name != "navi.db" else file for name in names}
    for target in targets.values():
        for there in (target, Path(f"{target}-wal"), Path(f"{target}-shm")):
            if there.exists():
                raise SettingsError(f"{there} is there: stop navi and move it away first")
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, target in targets.items():
        shutil.copyfile(backup / name, target)
        target.chmod(0o600)


def _dump(settings: Settings, target: Path) -> None:
    _run(settings, ["pg_dump", "--format=custom", "--no-owner", f"--file={target}"])
    target.chmod(0o600)


def _load(settings: Settings, dump: Path) -> None:
    count = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
    if _run(settings, ["psql", "--no-psqlrc", "-tAc", count]).strip() != "0":
        raise SettingsError("the database is not empty: restore into a new one")
    database = make_url(settings.resolved_database_url()).database or ""
    options = ["--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges"]
    _run(settings, ["pg_restore", *options, "--dbname", database, str(dump)])


def _run(settings: Settings, command: Sequence[str]) -> str:
    """Run one of PostgreSQL's programs on the database; its password is in no command line."""
    url = make_url(settings.resolved_database_url())
    host = url.host or url.query.get("host")
    given = {
        "PGHOST": host,
        "PGPORT": url.port,
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
        "PGDATABASE": url.database,
        "PGSSLMODE": url.query.get("sslmode"),
    }
    environment = {**os.environ, **{k: str(v) for k, v in given.items() if v}}
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise SettingsError(
            f"the program {command[0]} is missing (Debian: postgresql-client)"
        ) from None
    if done.returncode != 0:
        raise SettingsError(f"{command[0]} failed: {done.stderr.strip()[-500:]}")
    return done.stdout


def _checked(backup: Path) -> list[str]:
    try:
        listed = json.loads((backup / _LIST).read_text(encoding="utf-8"))
        digests: dict[str, str] = dict(listed["files"])
    except (OSError, ValueError, KeyError, TypeError):
        raise SettingsError(f"{backup} is no backup: {_LIST} is missing or unreadable") from None
    for name, digest in digests.items():
        path = backup / name
        if Path(name).name != name or not path.is_file() or _digest(path) != digest:
            raise SettingsError(f"{path}: missing, or not what was backed up")
    return list(digests)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
