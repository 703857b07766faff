"""Dispatchers are killed at work and nothing is lost; the command ends with whoever started it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.bench.deliveries import prove


@pytest.mark.slow
def test_killed_again_and_again_nothing_is_lost(server, tmp_path):
    """A small version of `python -m tests.bench.deliveries`."""
    found = prove(server, tmp_path, webhooks=4, events=50, kills=5, patience=60)
    assert (found.lost, found.unordered, found.together) == (0, 0, 0), found
    assert found.errors > 0
    assert found.duplicates <= found.kills * 4, "no more than was being sent when it was killed"
    assert "Traceback" not in (tmp_path / "deliver.log").read_text()


@pytest.mark.slow
def test_delivering_goes_on_beside_the_server_and_ends_with_it(server):
    url = server.database("delivering")
    environment = {"COPI_DATABASE_URL": url, "COPI_SECRET": "x" * 40, "COPI_LOG": "json", "PATH": os.defpath}
    subprocess.run([sys.executable, "-m", "api.cli", "db", "upgrade"], env=environment, check=True, capture_output=True)
    once = subprocess.run(
        [sys.executable, "-m", "api.cli", "deliver"], env=environment, check=True, capture_output=True
    )
    assert once.stdout == "✓ 0 requests sent\n".encode()
    command = [sys.executable, "-m", "api.cli", "deliver", "--leashed", "--every", "0.1"]
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(3)
        assert process.stdin
        assert process.stderr
        process.stdin.close()  # as when the server is killed
        assert process.wait(20) == 0
        assert process.stderr.read() == b""
