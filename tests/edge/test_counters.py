"""The table of counters by itself: exact among processes and threads, and not to be wedged."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from api.kit import counters
from api.kit.counters import Counters

MOST, WINDOW, NOW = 1_000_000, 60.0, 1_800_000_000.0
COUNTING = """
import sys, threading
from api.kit.counters import Counters
table, turns = Counters(sys.argv[1]), int(sys.argv[2])
print("ready", flush=True)
def count():
    for turn in range(turns):
        table.count("shared", 1_000_000, 60.0, 1_800_000_000.0)
        table.count(f"other {turn % 500}", 1_000_000, 60.0, 1_800_000_000.0)
threads = [threading.Thread(target=count) for _ in range(3)]
[one.start() for one in threads]
[one.join() for one in threads]
"""


@pytest.fixture
def path(tmp_path) -> str:
    return str(tmp_path / "beside" / "limits")


def counting(path: str, turns: int) -> subprocess.Popen[str]:
    """A process that counts on three threads."""
    return subprocess.Popen([sys.executable, "-c", COUNTING, path, str(turns)], stdout=subprocess.PIPE, text=True,
                            env={**os.environ, "PYTHONPATH": os.getcwd()})  # fmt: skip


def test_a_window_begins_with_the_first_and_ends_after_its_time(path):
    table = Counters(path)
    assert table.count("a", 2, WINDOW, NOW) == (1, NOW + WINDOW)
    assert table.count("a", 2, WINDOW, NOW + 59.9) == (2, NOW + WINDOW)
    assert table.count("b", 2, WINDOW, NOW + 59.9) == (1, NOW + 59.9 + WINDOW)
    assert table.count("a", 2, WINDOW, NOW + WINDOW) == (1, NOW + 2 * WINDOW)


def test_beyond_the_most_it_counts_no_further(path):
    table = Counters(path)
    assert [table.count("a", 2, WINDOW, NOW)[0] for _ in range(5)] == [1, 2, 3, 3, 3]


def test_what_is_given_back_makes_room_for_as_many_and_no_more(path):
    table = Counters(path)
    assert [table.count("a", 2, WINDOW, NOW)[0] for _ in range(4)] == [1, 2, 3, 3]
    table.give_back("a", WINDOW, NOW + 1)
    assert [table.count("a", 2, WINDOW, NOW + 1) for _ in range(2)] == [(2, NOW + WINDOW), (3, NOW + WINDOW)]
    for _ in range(5):
        table.give_back("a", WINDOW, NOW + 2)
    table.give_back("nobody's", WINDOW, NOW + 2)
    assert table.count("a", 2, WINDOW, NOW + 2)[0] == 1
    table.give_back("a", WINDOW, NOW + 2 * WINDOW)  # its window is over
    assert table.count("a", 2, WINDOW, NOW + 2 * WINDOW) == (1, NOW + 3 * WINDOW)


def test_a_window_of_the_future_is_none(path):
    """The clock was set back, or the record is damaged: nobody is kept out for longer than a window."""
    table = Counters(path)
    table.count("a", 2, WINDOW, NOW)
    assert table.count("a", 2, WINDOW, NOW - 3600) == (1, NOW - 3600 + WINDOW)


def test_two_tables_on_one_file_count_together_and_a_new_one_goes_on(path):
    first, second = Counters(path), Counters(path)
    assert [one.count("a", MOST, WINDOW, NOW)[0] for one in (first, second, first)] == [1, 2, 3]
    first.close()
    assert Counters(path).count("a", MOST, WINDOW, NOW)[0] == 4


def test_a_full_neighbourhood_gives_up_what_is_over_and_then_what_ends_first(path, monkeypatch):
    monkeypatch.setattr(counters, "_PLACES", 1)
    table = Counters(path)
    for number in range(8):
        table.count(f"{number}", MOST, WINDOW, NOW + number)
    assert table.count("0", MOST, WINDOW, NOW + 8)[0] == 2
    table.count("long", MOST, 600, NOW + 9)  # the place of "0", which ended first
    assert table.count("long", MOST, 600, NOW + 10)[0] == 2
    assert table.count("7", MOST, WINDOW, NOW + 10)[0] == 2
    assert table.count("0", MOST, WINDOW, NOW + 10)[0] == 1
    table.count("new", MOST, WINDOW, NOW + 65)  # "2" to "4" are over by now
    assert table.count("long", MOST, 600, NOW + 66)[0] == 3
    assert table.count("7", MOST, WINDOW, NOW + 66)[0] == 3


@pytest.mark.parametrize(
    "content", [b"", b"short", b"\0" * 300_000, b"copi-counters-1\0" + b"x" * 40, os.urandom(3_000_000)]
)
def test_a_file_that_is_none_is_made_anew(path, content):
    Path(path).parent.mkdir()
    Path(path).write_bytes(content)
    table = Counters(path)
    assert [table.count("a", MOST, WINDOW, NOW)[0] for _ in range(3)] == [1, 2, 3]


def test_whatever_stands_in_the_records_is_survived(path):
    table = Counters(path)
    head = Path(path).read_bytes()[:32]
    Path(path).write_bytes(head + random.Random(1).randbytes(len(Path(path).read_bytes()) - 32))
    for number in range(2_000):
        many, ends = table.count(f"{number}", 10, WINDOW, NOW)
        assert (many, ends) == (1, NOW + WINDOW)


def test_nobody_can_tell_from_the_file_who_called(path):
    table = Counters(path)
    table.count("anonymous 192.0.2.7", MOST, WINDOW, NOW)
    assert b"192.0.2.7" not in Path(path).read_bytes()
    assert os.stat(path).st_mode & 0o077 == 0


def test_threads_of_one_process_count_exactly(path):
    table = Counters(path)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: table.count("a", MOST, WINDOW, NOW), range(8_000)))
    assert table.count("a", MOST, WINDOW, NOW)[0] == 8_001


@pytest.mark.slow
def test_processes_count_exactly(path):
    running = [counting(path, 2_000) for _ in range(4)]
    for one in running:
        one.communicate(timeout=120)
    assert [one.returncode for one in running] == [0] * 4
    assert Counters(path).count("shared", MOST, WINDOW, NOW)[0] == 4 * 3 * 2_000 + 1


@pytest.mark.slow
def test_killed_processes_leave_nothing_locked(path):
    """Killed at any moment, also while they hold the lock or write; who comes after counts on, exactly."""
    chance = random.Random(7)
    for _ in range(12):
        running = [counting(path, 10_000_000) for _ in range(2)]
        for one in running:
            assert one.stdout
            assert one.stdout.readline() == "ready\n"
        time.sleep(chance.random() / 20)  # so that the moment differs
        for one in running:
            one.send_signal(signal.SIGKILL)
            assert one.wait(10) == -signal.SIGKILL
            one.communicate()
        table = Counters(path)
        before = table.count("shared", MOST, WINDOW, NOW)[0]
        assert [table.count("shared", MOST, WINDOW, NOW)[0] for _ in range(3)] == [before + 1, before + 2, before + 3]
        table.close()
    survivor = counting(path, 1_000)
    survivor.communicate(timeout=60)
    assert survivor.returncode == 0
