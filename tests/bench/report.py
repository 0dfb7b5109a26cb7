"""The table: medians of three runs, each figure beside its floor of the same run."""

from __future__ import annotations

import json
import statistics
from pathlib import Path

from tests.bench import figures
from tests.bench.stage import stage

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
            found.setdefault("accept, leads a second", []).append(figures.accept(ready, run))
            found.setdefault("deliver, leads a second", []).append(figures.deliver(ready, run))
            for name, pair in figures.latency(ready, run).items():
                found.setdefault(f"accept to delivered, ms, {name}", []).append(pair)
    return found


def _row(pairs: list[tuple[float, float]]) -> dict[str, float]:
    return {
        "product": round(statistics.median(product for product, _ in pairs), 2),
        "floor": round(statistics.median(floor for _, floor in pairs), 2),
        "ratio": round(statistics.median(product / floor for product, floor in pairs), 3),
    }


def _print(rows: dict[str, dict[str, float]]) -> None:
    print(f"\n{f'medians of {RUNS} runs':34}{'product':>10}{'floor':>10}{'ratio':>8}")
    for name, row in rows.items():
        print(f"{name:34}{row['product']:>10}{row['floor']:>10}{row['ratio']:>8}")
