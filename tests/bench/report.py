"""The table: medians of three runs, each figure beside its floor of the same run."""

from __future__ import annotations

import json
import statistics
from pathlib import Path

from tests.bench import accepting, delivering
from tests.bench.stage import Stage, stage

PROJECT = Path(__file__).resolve().parents[2]
RUNS = 3


def main() -> None:
    """Measure, print, write down."""
    rows = {name: _row(pairs) for name, pairs in _measure().items()}
    _print(rows)
    target = PROJECT / "var" / "bench.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(rows, indent=2))
    print(f"Written to {target.relative_to(PROJECT)}.")


def _measure() -> dict[str, list[tuple[float, float]]]:
    found: dict[str, list[tuple[float, float]]] = {}
    with stage() as ready:
        for run in range(RUNS):
            for name, pair in _one_run(ready, run).items():
                found.setdefault(name, []).append(pair)
    return found


def _one_run(ready: Stage, run: int) -> dict[str, tuple[float, float]]:
    ready.clear()
    delivered = delivering.deliver(ready, run)
    soon = delivering.latency(ready, run)
    single, batches = accepting.single(ready, run), accepting.batches(ready, run)
    return {
        "accept one by one, a second": single,
        "accept by the thousand, a second": batches,
        "by the thousand beside one by one": (batches[0], single[0]),
        "deliver, a second": delivered["rate"],
        "deliver, CPU ms a lead (allowed)": delivered["cpu"],
        "accept to delivered, p50 ms": soon["p50"],
        "accept to delivered, p99 ms": soon["p99"],
    }


def _row(pairs: list[tuple[float, float]]) -> dict[str, float]:
    return {
        "product": round(statistics.median(product for product, _ in pairs), 2),
        "floor": round(statistics.median(floor for _, floor in pairs), 2),
        "ratio": round(statistics.median(product / floor for product, floor in pairs), 3),
    }


def _print(rows: dict[str, dict[str, float]]) -> None:
    print(f"\n{f'medians of {RUNS} runs':36}{'product':>10}{'floor':>10}{'ratio':>8}")
    for name, row in rows.items():
        print(f"{name:36}{row['product']:>10}{row['floor']:>10}{row['ratio']:>8}")
