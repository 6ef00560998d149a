"""The time left that a run tells at 10, 20, 50 and 80 % of its way against what it then took. Real runs of different
kinds; also after a pause, after a resume, and when more epochs are asked for: then the way counts from there.

A run counts from its first step to its last file and the scores of its test part. Where early stopping may end it
sooner, the time left is a bound: such a run is given more patience than it has epochs. There is no floor: 20 % is 20 %
also where two seconds are left; by how many seconds it was wrong is told beside it, with what was wrong for another
reason: how far the speed of the machine itself wandered, and how wrong the plainest of all reckonings, so many steps in
so many seconds so far, would have been there.

`python -m benchmarks.remaining 0 3` runs only those kinds, `--times 3` trains each three times and takes the medians.
What was foretold before a run began is measured by forecast.py.
"""

from __future__ import annotations

import argparse
import bisect
import json
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from workbench.core.project import EarlyStopping
from workbench.core.runs import read_facts, read_project

from .cases import CNN, TABLE, Case, Layers, make_run
from .common import Result, child

SHARES = (0.1, 0.2, 0.5, 0.8)  # of the time a run takes
PAUSE = 3.0  # seconds
DEEP: Layers = (
    ("Flatten", {}),
    ("Dense", {"units": 256, "activation": "relu"}),
    ("Dense", {"units": 128, "activation": "relu"}),
    ("Dense", {"units": 10, "activation": "softmax"}),
)
PICTURES = (28, 28, 1)


@dataclass(frozen=True)
class Run:
    """parts: rows of validation and test; the case's rows are for training. train: settings. streamed: from disk.
    happens: in the middle, after a third of its epochs: "pause", "resume" (it was ended and goes on), "more" epochs."""

    case: Case
    parts: Mapping[str, int] = field(default_factory=dict)
    train: Mapping[str, Any] = field(default_factory=dict)
    streamed: bool | None = None
    happens: str = ""


RUNS = (
    Run(Case("dense", PICTURES, 100_000, 10, DEEP, 128, 20), {"validation": 5_000}),
    Run(Case("small CNN, few epochs", PICTURES, 20_000, 10, CNN, 32, 7), {"validation": 8_000}),
    Run(Case("table, many epochs a call", (30,), 600, 3, TABLE, 32, 20_000), {"validation": 200}),
    Run(Case("dense, streamed", PICTURES, 50_000, 10, DEEP, 64, 40), {"validation": 5_000}, {}, True),
    Run(
        Case("table, early stopping possible", (30,), 60_000, 3, TABLE, 32, 250),
        {"validation": 20_000},
        {"early_stopping": EarlyStopping(True, "val_loss", 1_000)},
    ),
    Run(
        Case("CNN, checkpoints kept, probes, test part", PICTURES, 8_000, 10, CNN, 64, 20),
        {"validation": 1_000, "test": 6_000},
        {"keep_every": 1, "probes": "auto"},
    ),
    *(
        Run(Case(f"dense, {happens}", PICTURES, 54_000, 10, DEEP, 128, 24), {"validation": 5_000}, {}, None, happens)
        for happens in ("pause", "resume", "more")
    ),
)


def measure() -> Result:
    """figure: the worst relative error of a time left that was told after the first tenth of a run. left: of the first
    time, at each share of the run, the seconds told and those it took."""
    details = {run.case.name: _told(kind, 1) for kind, run in enumerate(RUNS)}
    worst = max(found["worst"] for found in details.values())
    return Result("remaining", worst, "relative error of the time left, at most", details)


def _told(kind: int, times: int) -> Any:
    return child("benchmarks.remaining", "--alone", f"{kind}:{times}")


def main(run: Run, times: int) -> dict[str, Any]:
    """In a process of its own: what is foretold of the run when it is to be trained 0 times, or what it tells and what
    comes."""
    from workbench.engine import devices
    from workbench.engine.warm import warm_up

    with tempfile.TemporaryDirectory() as home:
        parts = {"train": run.case.rows, **run.parts}
        folders = [make_run(Path(home), run.case, parts, **run.train) for _ in range(max(1, times))]
        devices.setup()
        warm_up()
        return followed(folders, run.streamed, run.happens) if times else foretold(folders[0], run.streamed)


def foretold(folder: Path, streamed: bool | None = None) -> dict[str, float]:
    """The forecast of a run: seconds and bytes."""
    from workbench.engine.forecast import forecast

    project, began = read_project(folder), time.monotonic()
    found = forecast(project.graph, read_facts(folder), project.train, streamed=streamed)
    took = time.monotonic() - began
    said = {"epoch": found.epoch_seconds, "run": found.run_seconds, "memory": found.memory, "model": found.model}
    return {**said, "took": took}


def followed(folders: Sequence[Path], streamed: bool | None = None, happens: str = "") -> dict[str, Any]:
    """Train a run as often as there are folders of it, and compare what it tells with what comes."""
    before = _own()
    with Peak() as peak:
        first = _once(folders[0], streamed, happens)
    found = [first, *(_once(folder, streamed, happens) for folder in folders[1:])]
    errors = {f"{share:.0%}": statistics.median(one.error(share) for one in found) for share in SHARES}
    return {
        "worst": round(max(errors.values()), 3),
        "errors": {share: round(error, 3) for share, error in errors.items()},
        "errors_each": [[round(one.error(share), 2) for share in SHARES] for one in found],
        "errors_of_mean_so_far": [[round(one.error(share, mean=True), 2) for share in SHARES] for one in found],
        "seconds_off": {
            f"{share:.0%}": round(statistics.median(one.off(share) for one in found), 2) for share in SHARES
        },
        "left_told_and_real_s": {f"{share:.0%}": [round(s, 2) for s in first.at(share)] for share in SHARES},
        "pace_wandered_x": [round(one.wandered, 2) for one in found],
        "seconds": [round(one.seconds, 2) for one in found],
        "mode": first.mode,
        "epoch_s": round(statistics.median(one.epoch for one in found), 6),
        "memory_MB": round((peak.bytes - before) / 1e6),
    }


@dataclass(frozen=True)
class Told:
    """What a run said. words: (seconds since its first step, seconds left, steps done). epoch: seconds of the middle
    one."""

    words: tuple[tuple[float, float, int], ...]
    seconds: float
    steps: int
    epoch: float
    mode: str

    def at(self, share: float, *, mean: bool = False) -> tuple[float, float]:
        """Seconds told at that share of its time, and those it really took from there. mean: not those told, but as
        many steps a second as on average so far."""
        found = max(0, bisect.bisect_right(self.words, share * self.seconds, key=lambda word: word[0]) - 1)
        when, left, done = self.words[found]
        return when * (self.steps / done - 1) if mean else left, self.seconds - when

    def error(self, share: float, *, mean: bool = False) -> float:
        said, came = self.at(share, mean=mean)
        return abs(said / came - 1)

    def off(self, share: float) -> float:
        """Seconds that it was wrong by."""
        said, came = self.at(share)
        return abs(said - came)

    @property
    def wandered(self) -> float:
        """The slowest fifth of its steps to the fastest one."""
        when = np.interp(np.linspace(0, self.steps, 6), [w[2] for w in self.words], [w[0] for w in self.words])
        taken = np.diff(when)
        return float(taken.max() / taken.min())


def _once(folder: Path, streamed: bool | None, happens: str = "") -> Told:
    from workbench.engine import trainer
    from workbench.engine.control import RunControl
    from workbench.engine.job import Sitting
    from workbench.link import messages as m

    words: list[tuple[float, float, int]] = []
    epochs: list[float] = []
    began, mode, first, control = 0.0, "", 0, RunControl()
    wanted = happens

    def anew(step: int, skipped: float = 0.0) -> None:
        nonlocal began, first
        began, first = time.monotonic() + skipped, step
        words.clear()

    def heard(message: m.Message) -> None:
        nonlocal mode, wanted
        if isinstance(message, m.RunStarted):
            anew(message.first_step)
            mode = message.mode
        elif isinstance(message, m.Batches):
            done = message.step + len(message.values["loss"])
            words.append((time.monotonic() - began, message.seconds_left, done - first))
        elif isinstance(message, m.EpochEnded):
            epochs.append(message.seconds)
            if wanted and message.epoch >= read_project(folder).train.epochs // 3:
                wanted, now = "", words[-1][2] + first
                if happens == "resume":
                    control.end("shutdown")
                elif happens == "pause":
                    control.pause()
                    threading.Timer(PAUSE, control.resume).start()
                    anew(now, PAUSE)
                else:
                    control.adjust(m.Adjust(folder.name, epochs=2 * read_project(folder).train.epochs))
                    anew(now)

    ended = trainer.train(folder, heard, control, Sitting(streamed=streamed))
    if happens == "resume":
        ended = trainer.train(folder, heard, RunControl(), Sitting(resume=True, streamed=streamed))
    whole = time.monotonic() - began
    if ended.reason != "finished":
        raise RuntimeError(f"{ended.reason} {ended.what} {ended.where}")
    if path := os.environ.get("REMAINING_WORDS"):
        with open(path, "a") as file:
            file.write(json.dumps([words, whole]) + "\n")
    return Told(tuple(words), whole, words[-1][2], statistics.median(epochs), mode)


class Peak:
    """The most memory this process has while it lasts, looked at 200 times a second."""

    def __init__(self) -> None:
        self.bytes = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="peak", daemon=True)

    def __enter__(self) -> Peak:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.005):
            self.bytes = max(self.bytes, _own())


def _own() -> int:
    """Bytes of this process's memory, without the files that are mapped into it."""
    info = psutil.Process().memory_info()
    return int(info.rss - getattr(info, "shared", 0))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.remaining")
    parser.add_argument("kinds", nargs="*", type=int, metavar="KIND", help="0 to 8; all of them when none is named")
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--alone", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.alone:
        kind, _, times = given.alone.partition(":")
        print(json.dumps(main(RUNS[int(kind)], int(times))))
    else:
        for number in given.kinds or range(len(RUNS)):
            print(RUNS[number].case.name, json.dumps(_told(number, given.times)), flush=True)
