"""What a run is told to take before it begins against what it takes: memory at its peak and seconds of an epoch.

Each kind is forecast and trained in processes of their own, as what one leaves behind would be counted to the other.
Memory does not depend on what else the machine does; seconds do.

`python -m benchmarks.forecast 0 3` measures only those kinds.
"""

from __future__ import annotations

import argparse
import json
from typing import Any

from .cases import CNN, SLOW, TABLE, Case, Layers
from .common import Result, child
from .remaining import DEEP, PICTURES, Run, main

RECURRENT: Layers = (("LSTM", {"units": 64}), ("Dense", {"units": 3, "activation": "softmax"}))
WORDS = 200_000
EMBEDDED: Layers = (
    ("Embedding", {"input_dim": WORDS, "output_dim": 64}),
    ("GlobalAveragePooling1D", {}),
    ("Dense", {"units": 3, "activation": "softmax"}),
)

KINDS = (
    Run(Case("small table", (30,), 600, 3, TABLE, 32, 8_000), {"validation": 200}),
    Run(Case("table 100,000 x 30", (30,), 100_000, 3, TABLE, 32, 6), {"validation": 10_000}),
    Run(Case("table 1,000,000 x 30", (30,), 1_000_000, 3, TABLE, 256, 4), {"validation": 50_000}),
    Run(Case("dense on pictures", PICTURES, 54_000, 10, DEEP, 128, 3), {"validation": 6_000}),
    Run(Case("CNN", PICTURES, 6_000, 10, CNN, 64, 10), {"validation": 1_000, "test": 1_000}, {"keep_every": 1}),
    Run(Case("wide CNN", PICTURES, 1_500, 10, SLOW, 64, 4), {"validation": 300}),
    Run(Case("table, streamed", (30,), 1_000_000, 3, TABLE, 256, 3), {"validation": 50_000}, {}, True),
    Run(Case("dense on pictures, streamed", PICTURES, 50_000, 10, DEEP, 64, 4), {"validation": 5_000}, {}, True),
    Run(Case("recurrent", (50, 8), 4_000, 3, RECURRENT, 32, 2), {"validation": 500}),
    Run(Case("embedding of 200,000 words", (40,), 4_000, 3, EMBEDDED, 32, 2, words=WORDS), {"validation": 500}),
)


def measure() -> Result:
    """figure: the forecast of the memory that is furthest from what came, as so many times that."""
    details = {kind.case.name: _compared(number) for number, kind in enumerate(KINDS)}
    worst = max((found["memory_x"] for found in details.values()), key=lambda x: max(x, 1 / max(x, 0.01)))
    return Result("forecast", worst, "of the memory that came was told, at worst", details)


def _compared(kind: int) -> dict[str, Any]:
    told = child("benchmarks.forecast", "--alone", f"{kind}:0")
    came = child("benchmarks.forecast", "--alone", f"{kind}:1")
    return {
        "memory_told_and_came_MB": [round(told["memory"] / 1e6), came["memory_MB"]],
        "memory_x": round(told["memory"] / 1e6 / came["memory_MB"], 2),
        "epoch_told_and_came_s": [round(told["epoch"], 4), came["epoch_s"]],
        "epoch_x": round(told["epoch"] / came["epoch_s"], 2),
        "forecast_took_s": round(told["took"], 1),
        "mode": came["mode"],
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.forecast")
    parser.add_argument("kinds", nargs="*", type=int, metavar="KIND", help="0 to 9; all of them when none is named")
    parser.add_argument("--alone", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.alone:
        number, _, times = given.alone.partition(":")
        print(json.dumps(main(KINDS[int(number)], int(times))))
    else:
        for kind in given.kinds or range(len(KINDS)):
            print(KINDS[kind].case.name, json.dumps(_compared(kind)), flush=True)
