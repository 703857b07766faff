"""Migrations and rendering anew, on a database full of the real cases, on both engines."""

from __future__ import annotations

from typing import Any

import pytest
from alembic.script import ScriptDirectory
from click.testing import CliRunner
from sqlalchemy import bindparam, inspect, select, text

from api import ledger, migrations
from api.cli import copi
from api.cli.db import upgrade
from api.cli.demo import seed_demo_users
from api.cli.seed import seed_cases
from api.db import Database, opened
from api.models import RESOURCES, Base, Event, Partner
from tests.clients import Client, Everybody
from tests.conftest import Server, build
from tests.make import SANDBOX, Make

MANY = sum((81, 285, 101, 133))


@pytest.fixture
def database(server: Server):
    with opened(server.database("migrations")) as database:
        yield database


def contents(database: Database) -> dict[str, list[Any]]:
    """Every row of every table."""
    with database.reading() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(select(table)))) for table in Base.metadata.sorted_tables
        }  # fmt: skip


def tables(database: Database) -> set[str]:
    with database.reading() as connection:
        return set(inspect(connection).get_table_names())


def revisions() -> list[str]:
    """From the first to the newest."""
    return [one.revision for one in ScriptDirectory(str(migrations.HERE)).walk_revisions()][::-1]


def test_an_upgrade_from_nothing_ends_in_the_tables_of_the_models(database):
    with database.writes.connect() as connection:
        migrations.upgrade(connection)
        migrations.check(connection)
        migrations.downgrade(connection, "base")
        left = {name for name in inspect(connection).get_table_names() if name != "alembic_version"}
        assert left == set()
        migrations.upgrade(connection)
        migrations.check(connection)
    assert {table.name for table in Base.metadata.sorted_tables} <= tables(database)


def test_rows_survive_an_upgrade(database):
    upgrade(database)
    seed_cases(database)
    seed_demo_users(database)
    before = contents(database)
    assert len(before["event"]) > MANY
    upgrade(database)
    assert contents(database) == before

    # Down as far as the tables of records stay, and up again: nothing of the cases may get lost on the way.
    for revision in revisions()[-2::-1]:
        with database.writes.connect() as connection:
            migrations.downgrade(connection, revision)
    upgrade(database)
    after = contents(database)
    for name in ("partner", "challenge", "project", "outcome"):  # the rest came later, and goes with its tables
        assert len(after[name]) == len(before[name])
    with database.writes.connect() as connection:
        migrations.check(connection)


def test_a_database_full_of_cases_goes_down_to_nothing_and_up_again(database):
    upgrade(database)
    seed_cases(database)
    before = len(contents(database)["event"])
    with database.writes.connect() as connection:
        migrations.downgrade(connection, "base")
        migrations.upgrade(connection)
    upgrade(database)
    seed_cases(database)
    assert len(contents(database)["event"]) == before > MANY


def test_the_commands_go_down_and_up(server, monkeypatch):
    url = server.database("migrations")
    monkeypatch.setenv("COPI_DATABASE_URL", url)
    runner = CliRunner()
    assert runner.invoke(copi, ["db", "upgrade"], catch_exceptions=False).exit_code == 0
    assert "at base" in runner.invoke(copi, ["db", "downgrade", "base"], catch_exceptions=False).output
    with opened(url) as database:
        assert tables(database) <= {"alembic_version"}
    assert runner.invoke(copi, ["db", "upgrade"], catch_exceptions=False).exit_code == 0
    assert runner.invoke(copi, ["db", "check"], catch_exceptions=False).exit_code == 0


# --- Rendering anew -----------------------------------------------------------------------------------------


def test_documents_of_an_old_shape_are_rendered_anew(server):
    """As if the records had been written by code that knew neither today's fields nor today's filters."""
    app = build(server.database("stale"))
    database, client = app.extensions["copi"].database, Client(app)
    seed_cases(database)
    before = contents(database)
    answer = client.get("/partners?kind=municipality&limit=250&q=kommune").json
    with database.writes.begin() as connection:
        for name in RESOURCES:
            connection.execute(text(f"UPDATE {name} SET document = :old"), {"old": b'{"old":true}'})
            connection.execute(text(f"DELETE FROM {name}_facet"))
            connection.execute(text(f"DELETE FROM {name}_words"))
            connection.execute(text(f"UPDATE {name} SET audience = 'owners'"))
        connection.execute(text("UPDATE partner SET name_key = ''"))
        connection.execute(text('UPDATE setting SET value = \'{"fingerprint": "another"}\''))
    with database.reading() as connection:
        assert ledger.stale(connection) == list(RESOURCES.values())
    upgrade(database)
    with database.reading() as connection:
        assert ledger.stale(connection) == []
    after = contents(database)
    assert after.keys() == before.keys()
    for name in before:
        assert after[name] == before[name], name
    again = build(str(database.url.render_as_string(hide_password=False)))
    assert Client(again).get("/partners?kind=municipality&limit=250&q=kommune").json == answer
    for one in (database, again.extensions["copi"].database):
        one.dispose()


def test_events_of_before_stakes_were_kept_are_told_to_their_owners(server):
    app = build(server.database("unstaked"))
    database, make = app.extensions["copi"].database, Make(app.extensions["copi"].database)
    owner = make.partner()
    enquiry = make.enquiry(partner_id=owner)
    editor = Everybody(app, make)(owner, "editor")
    with database.writes.begin() as connection:
        connection.execute(text("DELETE FROM event_stake"))
        connection.execute(text('UPDATE setting SET value = \'{"fingerprint": "another"}\''))
    assert editor.get("/events?resource=enquiry").json["items"] == []
    upgrade(database)
    assert [one["resource_id"] for one in editor.get("/events?resource=enquiry").json["items"]] == [enquiry]
    database.dispose()


def test_only_the_resource_whose_shape_changed_is_rendered(server, monkeypatch):
    app = build(server.database("stale"))
    database = app.extensions["copi"].database
    seed_cases(database)
    before = len(contents(database)["event"])
    rendered: list[str] = []
    anew = ledger.render_anew

    def counted(session, model, batch=100):
        done = list(anew(session, model, batch))
        rendered.append(model.__tablename__)
        assert done == [100, 200, 285]
        return iter(done)

    monkeypatch.setattr(ledger, "render_anew", counted)
    monkeypatch.setattr(Partner, "TEXTS", ("name",))
    upgrade(database)
    upgrade(database)
    assert rendered == ["partner"]
    with database.reading() as connection:
        assert connection.execute(select(Event.seq).where(Event.seq > before)).all() == []
    database.dispose()


def test_a_test_record_stays_hidden_whichever_way_the_tables_go(server):
    """Tables before sandboxes knew that a record is a test, not whose; whoever goes back and forth shows it to nobody."""
    app = build(server.database("hidden"))
    database, make = app.extensions["copi"].database, Make(app.extensions["copi"].database)
    shown, test = make.partner(), make.partner(sandbox=SANDBOX)
    with database.writes.connect() as connection:
        migrations.downgrade(connection, "0004")
        assert connection.scalars(text("SELECT audience FROM partner WHERE test ORDER BY id")).all() == ["sandbox"]
        connection.rollback()
        migrations.upgrade(connection)
    with database.reading() as connection:
        whose = dict(connection.execute(select(Partner.id, Partner.sandbox)).all())
    assert whose == {shown: None, test: "00000000-0000-0000-0000-000000000000"}
    assert Client(app).get("/partners").json["total"] == 1
    database.dispose()


# --- One adoption per outcome and adopter -------------------------------------------------------------------


def test_of_adoptions_that_stood_twice_one_stays(server):
    """What is confirmed stays before what is not, the older before the younger; the others say why they went."""
    app = build(server.database("twice"))
    database, make = app.extensions["copi"].database, Make(app.extensions["copi"].database)
    lead, adopter, others = make.partner(kind="region"), make.home, [make.partner() for _ in range(4)]
    outcome = make.outcome(project=make.project(owner=lead))
    reported, confirmed, second = (
        make.adoption(state, outcome=outcome, partner_id=other)
        for state, other in zip(("reported", "confirmed", "confirmed"), others, strict=False)
    )
    counted = [make.adoption(outcome=outcome, count={"count": 9, "unit": "kommuner"}) for _ in range(2)]
    alone = make.adoption("reported", outcome=outcome, partner_id=others[3])
    before = migrations_before("0014")
    with database.writes.connect() as connection:
        migrations.downgrade(connection, before)
        ids = {"adopter": adopter, "others": others[:3]}
        if database.is_sqlite:
            ids = {"adopter": adopter.replace("-", ""), "others": [one.replace("-", "") for one in others[:3]]}
        some = bindparam("others", expanding=True)
        connection.execute(text("UPDATE adoption SET partner_id = :adopter WHERE partner_id IN :others")
                           .bindparams(some), ids)  # fmt: skip
        connection.execute(text("UPDATE adoption_facet SET value = :adopter WHERE value IN :others").bindparams(some),
                           {"adopter": adopter, "others": others[:3]})  # fmt: skip
        connection.commit()
    upgrade(database)
    admin = Everybody(app, make).copi_admin
    states = {id: admin.get(f"/adoptions/{id}").json["state"] for id in (reported, confirmed, second, alone, *counted)}
    assert states == {reported: "withdrawn", confirmed: "confirmed", second: "withdrawn", alone: "reported",
                      **dict.fromkeys(counted, "confirmed")}  # fmt: skip
    gone = admin.get(f"/adoptions/{second}").json
    assert admin.get("/adoptions?state=withdrawn").json["total"] == 2
    last = admin.get(f"/adoptions/{second}/history").json["items"][0]
    assert (last["version"], last["type"], last["changes"]) == (gone["version"], "adoption.withdrawn", ["state"])
    assert "to gange" in last["reason"]
    told = Everybody(app, make)(adopter, "member").get("/events?resource=adoption&limit=250").json["items"]
    assert {one["resource_id"] for one in told if one["type"] == "adoption.withdrawn"} == {reported, second}
    assert Client(app).get(f"/outcomes/{outcome}").json["reuse"] == {"organisations": 1, "adoptions": 3}
    assert Client(app).get(f"/partners/{lead}").json["reuse"] == {"taken_over": 0, "passed_on": 1}
    assert Client(app).get(f"/partners/{adopter}").json["reuse"] == {"taken_over": 1, "passed_on": 0}
    with database.writes.connect() as connection:
        migrations.check(connection)
    database.dispose()


def migrations_before(revision: str) -> str:
    """The revision that this one comes after."""
    return revisions()[revisions().index(revision) - 1]
