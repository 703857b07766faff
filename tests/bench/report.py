"""What was measured, as tables for people and as JSON for machines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

PEER = "FastAPI"
TARGETS = {"read one": 10.0, "list 50": 20.0, "304": 10.0}
"""How many times the peer's requests a second the service must answer, at the largest size."""


@dataclass(slots=True)
class Sum:
    """All rounds of one contender on one scenario."""

    seconds: float = 0.0
    server_seconds: float = 0.0
    database_seconds: float = 0.0
    bytes: int = 0
    latencies: list[float] = field(default_factory=list)

    def result(self) -> Result:
        """The figures."""
        count, ordered = len(self.latencies), sorted(self.latencies)
        return Result(
            requests=count,
            per_second=count / self.seconds,
            p50_ms=ordered[count // 2] * 1000,
            p99_ms=ordered[count * 99 // 100] * 1000,
            server_us=self.server_seconds / count * 1e6,
            database_us=self.database_seconds / count * 1e6,
            bytes=self.bytes / count,
        )


@dataclass(frozen=True, slots=True)
class Result:
    """The figures of one contender on one scenario; times of the processor are per request."""

    requests: int
    per_second: float
    p50_ms: float
    p99_ms: float
    server_us: float
    database_us: float
    bytes: float


@dataclass(frozen=True, slots=True)
class Measured:
    """One engine and size: scenario, contender, figures."""

    engine: str
    rows: int
    results: Mapping[str, Mapping[str, Result]]

    def ratio(self, scenario: str, contender: str) -> float | None:
        """Requests a second as a multiple of the peer's."""
        peer, one = self.results[scenario].get(PEER), self.results[scenario].get(contender)
        return one.per_second / peer.per_second if peer and one else None


def show(console: Console, measured: Measured) -> None:
    """The table of one engine and size."""
    table = Table(title=f"{measured.engine}, {measured.rows:,} projects", title_justify="left")
    table.add_column("")
    table.add_column("")
    for name in (f"× {PEER}", "requests/s", "p50 ms", "p99 ms", "CPU µs", "database µs", "bytes"):
        table.add_column(name, justify="right")
    for scenario, results in measured.results.items():
        for place, (contender, one) in enumerate(results.items()):
            table.add_row(
                "" if place else scenario, contender, _headline(measured, scenario, contender),
                f"{one.per_second:,.0f}", f"{one.p50_ms:.2f}", f"{one.p99_ms:.2f}", f"{one.server_us:,.0f}",
                f"{one.database_us:,.0f}", f"{one.bytes:,.0f}", end_section=place == len(results) - 1,
            )  # fmt: skip
    console.print(table)


def _headline(measured: Measured, scenario: str, contender: str) -> str:
    ratio, target = measured.ratio(scenario, contender), TARGETS.get(scenario)
    if ratio is None or contender == PEER:
        return ""
    if contender != "service" or target is None:
        return f"{ratio:.1f}"
    colour = "green" if ratio >= target else "red"
    return f"[bold {colour}]{ratio:.1f}[/bold {colour}] [dim]/ {target:.0f}[/dim]"


def write(path: Path, all_measured: Sequence[Measured], facts: Mapping[str, Any]) -> None:
    """Everything as JSON."""
    entries = [
        {
            "engine": one.engine,
            "rows": one.rows,
            "scenarios": {
                scenario: {
                    contender: {**asdict(result), "ratio": one.ratio(scenario, contender)}
                    for contender, result in results.items()
                }
                for scenario, results in one.results.items()
            },
        }
        for one in all_measured
    ]
    path.write_bytes(orjson.dumps({**facts, "measured": entries}, option=orjson.OPT_INDENT_2))
