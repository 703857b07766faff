"""Closing at the deadline: exactly once however many processes tend to it, and no longer than the server lives."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from api.models import Event
from api.services import deadlines

PASSED, AHEAD = "2020-01-01T12:00:00.000000Z", "2100-01-01T12:00:00.000000Z"


def test_many_tend_at_once_and_each_challenge_is_closed_once(app, make):
    database = app.extensions["copi"].database
    town = make.partner(kind="municipality")
    due = {make.challenge(owner=town, timeline={"response_deadline": PASSED}) for _ in range(12)}
    make.challenge(owner=town, timeline={"response_deadline": AHEAD})
    make.challenge(owner=town)
    make.challenge(owner=town, state="draft", timeline={"response_deadline": PASSED})

    with ThreadPoolExecutor(6) as pool:
        closed = [id for found in pool.map(lambda _: list(deadlines.close_passed(database)), range(6)) for id in found]

    assert sorted(closed) == sorted(due)
    with database.reading() as connection:
        counted = connection.execute(
            select(func.count(), func.count(Event.resource_id.distinct())).where(Event.type == "challenge.closed")
        ).one()
    assert counted == (12, 12)
    assert list(deadlines.close_passed(database)) == []


def test_closing_is_the_services_own_doing(app, as_, make):
    id = make.challenge(timeline={"response_deadline": PASSED})
    assert list(deadlines.close_passed(app.extensions["copi"].database)) == [id]
    [newest, *_] = as_.copi_editor.get(f"/challenges/{id}/history").json["items"]
    assert (newest["type"], newest["actor"]) == ("challenge.closed", None)


@pytest.mark.slow
def test_tending_goes_on_beside_the_server_and_ends_with_it(server):
    url = server.database("tended")
    environment = {"COPI_DATABASE_URL": url, "COPI_SECRET": "x" * 40, "COPI_LOG": "json", "PATH": "/usr/bin:/bin"}
    subprocess.run([sys.executable, "-m", "api.cli", "db", "upgrade"], env=environment, check=True, capture_output=True)
    command = [sys.executable, "-m", "api.cli", "tend", "--leashed", "--every", "0.1"]
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(3)
        assert process.stdin
        assert process.stderr
        process.stdin.close()  # as when the server is killed
        assert process.wait(20) == 0
        assert process.stderr.read() == b""
