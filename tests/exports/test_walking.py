"""How lists are taken out whole: in batches, of one moment, never all in memory, and only when asked for."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from sqlalchemy import event

from api.exports.lines import write as lines
from api.exports.rows import write as rows
from api.exports.workbook import write as workbook
from api.kit import formats, walking
from schemas.challenges import ChallengeSchema
from tests.exports.reading import MEDIA, Reader
from tests.v1.expect import problem


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches so small that a dozen records take several, each record sent as soon as it is read."""
    monkeypatch.setattr(walking, "BATCH", 3)
    monkeypatch.setattr("api.exports.pieces.SIZE", 1)


@pytest.mark.parametrize("order", ["", "sort=title", "sort=-created_at,title", "sort=deadline"])
@pytest.mark.parametrize("many", [0, 1, 3, 4, 6, 11])
def test_batches_join_without_gaps_or_twins(app, make, few, order, many):
    for number in range(many):
        make.challenge(title={"da": f"Behov {number // 2}"}, owner=make.home)
    reader = Reader(app)
    records = reader.walk(f"/challenges?{order}")
    assert len(records) == many
    assert reader.lines(f"/challenges?{order}") == records
    assert [row["id"] for row in reader.rows(f"/challenges?{order}")] == [record["id"] for record in records]


def test_a_file_is_of_one_moment_however_long_it_takes(app, make, few):
    made = [make.challenge(title={"da": f"Behov {number}"}, owner=make.home) for number in range(10)]
    editor = Reader(app, make.user(["copi_editor"]))
    before = [record["version"] for record in editor.walk("/challenges?sort=-updated_at")]
    answer = editor.get("/challenges?format=ndjson&sort=-updated_at", buffered=False)
    body = answer.iter_encoded()
    begun = next(body)

    # What comes last in this order would come first, and never be met, were it read as it now is.
    changed = editor.patch(f"/challenges/{made[0]}", {"sources": ["https://example.org"]}, version=1)
    assert changed.status_code == 200
    make.challenge(owner=make.home)
    taken = b"".join([begun, *body]).splitlines()
    assert [_id(line) for line in taken] == made[::-1]
    assert [b'"version":1,' in line for line in taken] == [True] * len(before)
    answer.close()


def _id(line: bytes) -> str:
    return line.partition(b'"id":"')[2][:36].decode()


@pytest.mark.parametrize(("write", "ahead"), [(lines, 200), (rows, 200)])
def test_no_more_is_read_than_fills_the_piece_at_hand(app, make, write, ahead):
    make.challenge()
    [document] = [line.encode() for line in Reader(app).get("/challenges?format=ndjson").text.splitlines()]
    read = 0

    def documents() -> Iterator[bytes]:
        nonlocal read
        for read in range(1, 100_001):  # noqa: B007 - counted outside
            yield document

    pieces = write(documents(), _about())
    assert read == 0
    for _ in range(3):
        taken = read
        assert len(next(pieces)) < 2 * 64 * 1024
        assert read - taken <= ahead


def test_a_workbook_leaves_nothing_behind(app, make, tmp_path, monkeypatch):
    make.challenge()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    document = Reader(app).get("/challenges?format=ndjson").data
    pieces = workbook(iter([document] * 5), _about())
    assert next(pieces)
    assert list(tmp_path.iterdir()), "it is on disk while it is sent"
    del pieces  # as when the client goes
    assert not list(tmp_path.iterdir())

    def broken() -> Iterator[bytes]:
        yield document
        raise ConnectionError

    with pytest.raises(ConnectionError):
        next(workbook(broken(), _about()))
    assert not list(tmp_path.iterdir())


def _about() -> formats.Context:
    from api.domain import clock

    where = "http://127.0.0.1:8000"
    return formats.Context("challenges", ChallengeSchema, None, None, where, f"{where}/v1/challenges", clock.now())


def test_more_rows_than_a_sheet_holds_go_on_the_next(app, make, monkeypatch):
    monkeypatch.setattr("api.exports.workbook.ROWS", 4)
    made = [make.challenge(owner=make.home) for _ in range(9)]
    sheets = Reader(app).sheets("/challenges?sort=created_at")
    names = ["challenges", "challenges 2", "challenges 3"]
    assert list(sheets)[:3] == names
    assert [[row["id"] for row in sheets[name]] for name in names] == [made[:4], made[4:8], made[8:]]


# --- Only when asked for -------------------------------------------------------------------------------------


@pytest.fixture
def statements(app) -> Iterator[list[str]]:
    """The statements that are run."""
    run: list[str] = []

    def note(connection, cursor, statement, *rest):
        run.append(statement)

    engine = app.extensions["copi"].database.reads
    event.listen(engine, "before_cursor_execute", note)
    yield run
    event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize("format", MEDIA)
def test_head_reads_no_record(app, make, statements, format):
    make.challenge()
    client = Reader(app)
    whole = client.get(f"/challenges?format={format}")
    statements.clear()
    head = client.call("HEAD", f"/challenges?format={format}")
    assert head.status_code == 200
    assert head.data == b""
    names = ("Content-Type", "Content-Disposition", "ETag", "Cache-Control", "Vary")
    assert [head.headers[name] for name in names] == [whole.headers[name] for name in names]
    assert not [one for one in statements if "document" in one]


@pytest.mark.parametrize("format", MEDIA)
def test_who_holds_the_file_is_told_so_without_reading_it_again(app, make, statements, format):
    make.challenge()
    client, path = Reader(app), f"/challenges?format={format}"
    held = {"If-None-Match": client.get(path).headers["ETag"]}
    statements.clear()
    answer = client.get(path, headers=held)
    assert (answer.status_code, answer.data) == (304, b"")
    assert answer.headers["ETag"] == held["If-None-Match"]
    assert not [one for one in statements if "document" in one]
    make.challenge()
    assert client.get(path, headers=held).status_code == 200


def test_every_format_dialect_and_caller_has_a_tag_of_its_own(app, make):
    make.challenge()
    editor = Reader(app, make.user(["copi_editor"]))
    queries = ["", *(f"format={format}" for format in MEDIA), "format=csv&dialect=excel-da"]
    tags = [caller.get(f"/challenges?{query}").headers["ETag"] for caller in (Reader(app), editor) for query in queries]
    assert len(set(tags)) == len(tags)
    held = {"If-None-Match": tags[0], "Accept": "text/csv"}
    assert Reader(app).get("/challenges", headers=held).status_code == 200, "the same address, another format"


@pytest.mark.parametrize("format", MEDIA)
def test_a_connection_comes_back_when_the_client_goes(app, make, few, format):
    for _ in range(12):
        make.challenge(owner=make.home)
    pool, client = app.extensions["copi"].database.reads.pool, Reader(app)
    client.get("/challenges")
    before = pool.checkedout()
    for _ in range(3):
        answer = client.get(f"/challenges?format={format}", buffered=False)
        next(answer.iter_encoded())
        answer.close()
    assert pool.checkedout() <= before + 1
    assert len(client.lines("/challenges")) == 12, "and no transaction is left open on it"
    assert make.challenge() in [record["id"] for record in client.lines("/challenges")]


def test_what_fails_at_once_is_a_problem_and_no_broken_file(app, make, monkeypatch):
    make.challenge()

    def broken(*_):
        raise OSError("No space left on device")

    monkeypatch.setattr("api.exports.workbook._fill", broken)
    logging.disable(logging.CRITICAL)
    problem(Reader(app).get("/challenges?format=xlsx"), 500)
    logging.disable(logging.NOTSET)
