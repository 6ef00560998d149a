"""What `workbench train` prints: a line an epoch for people, or one JSON object an event."""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from workbench import terminal
from workbench.core.figure_names import parted, told
from workbench.core.runs import RunRecord, read_run
from workbench.core.wording import plural, time_left
from workbench.link import messages as m

LINE_SECONDS = 0.5
MANY = 100
"""More epochs than this would fill the screen: for people, at most a line in that time. JSON has them all."""

BAR = 8, 24
"""Its least and largest width, as the terminal has room beside the figures."""

RECENT = 25
"""Batches, whose mean is the loss of this moment, as in the window: that of one jumps."""

REASONS = {
    "finished": "all epochs done",
    "early_stopped": "ended by early stopping",
    "stopped": "stopped",
    "aborted": "stopped",
}


class TrainingLines:
    """Prints the events of one run as they come, to standard output; what rewrites itself goes to a terminal only."""

    def __init__(self, record: RunRecord, as_json: bool) -> None:
        self._record = record
        self._json = as_json
        self._terminal = terminal.is_terminal() and not as_json
        self._shown = -math.inf
        self._state = ""
        self._epochs = record.epochs
        self._best: dict[str, float] = {}
        self._last: m.EpochEnded | None = None
        self._first_step = self._steps = self._size = 0
        self.started = False

    def begun(self, folder: Path, *, of_cluster: bool) -> None:
        """The run has its folder. Who started one machine of a cluster learns where to follow it."""
        if self._json and of_cluster:
            self._object({"event": "begun", "run": self._record.name, "folder": str(folder.absolute())})

    def event(self, event: m.Message) -> None:
        """Any message of the run."""
        if isinstance(event, m.RunStarted):
            self._start(event)
        elif isinstance(event, m.EpochEnded):
            self._epoch(event)
        elif isinstance(event, m.Batches):
            self._batches(event)
        elif isinstance(event, m.RunAdjusted):
            self._epochs, self._size = event.epochs, event.batch_size
            left = (event.epochs - event.epoch) * event.steps_per_epoch
            self._steps = event.epoch_step - self._first_step + round(left)
            self._note(event)
        elif isinstance(event, m.RunStateChanged) and event.text and self._terminal:
            terminal.rewrite(event.text)

    def ended(self, ended: m.RunEnded, folder: Path, project: Path) -> None:
        """The last lines. Raises WorkbenchError when the run failed."""
        from workbench.core.errors import TrainError
        from workbench.headless_engine import quoted

        self._flush()
        if ended.reason == "failed":
            remedy = ended.remedy
            if ended.cause in ("memory", "weights", "disk"):
                smaller = f" --batch-size {self._size // 2}" if ended.cause == "memory" and self._size > 1 else ""
                remedy += f" To go on: workbench train {quoted(project)} --resume{smaller}"
            raise TrainError(ended.what, where=ended.where, remedy=remedy)
        test = _test_scores(folder)
        if self._json:
            best = ended.best_epoch + 1 if ended.best_epoch >= 0 else None
            done: dict[str, object] = {"event": "done", "run": self._record.name, "folder": str(folder)}
            done |= {"reason": ended.reason, "epochs": ended.epochs, "best_epoch": best, "seconds": ended.seconds}
            done["test"] = test
            self._object(done)
            return
        head = f"{self._record.name}: {REASONS.get(ended.reason, ended.reason)}"
        if ended.best_epoch < 0:
            print(f"{head} before the first epoch was over; go on with: workbench train {quoted(project)} --resume")
            return
        best_text = "  ".join(f"{k} {_figure(v)}" for k, v in self._telling(self._best).items())
        print(f"{head} after epoch {ended.epochs} in {ended.seconds:.1f} s; epoch {ended.best_epoch + 1} was best.")
        if best_text:
            print(f"  {best_text}")
        if test:
            print("  on the test part: " + "  ".join(f"{k} {_figure(v)}" for k, v in self._telling(test).items()))
        if not self._record.group:  # the folds are told together
            print(f"Next: workbench evaluate {quoted(project)}")

    def _start(self, event: m.RunStarted) -> None:
        self.started = True
        self._epochs, self._size = event.epochs, event.batch_size
        self._first_step = event.first_step
        left = (event.epochs - event.first_epoch) * event.steps_per_epoch
        self._steps = left - event.first_step % event.steps_per_epoch
        if self._json:
            return
        self._clear()
        steps = f"{plural(event.steps_per_epoch, 'step')} an epoch"
        again = f", going on at epoch {event.first_epoch + 1}" if event.first_epoch or event.first_step else ""
        size = f"{plural(event.parameters, 'parameter')}, {steps} of {plural(event.batch_size, 'row')}"
        print(f"{self._record.name}: {size}, on {event.device} ({event.mode}){again}", flush=True)

    def _epoch(self, event: m.EpochEnded) -> None:
        if event.best:
            self._best = dict(event.logs)
        if self._json:
            logs = {k: float(v) for k, v in event.logs.items()}
            self._object({"event": "epoch", "epoch": event.epoch + 1, **logs})
            return
        self._last = event
        if self._epochs <= MANY or time.monotonic() - self._shown >= LINE_SECONDS:
            self._flush()

    def _note(self, event: m.RunAdjusted) -> None:
        if self._json:
            self._object({"event": "note", "step": event.step, "text": event.text})
            return
        self._clear()
        print(f"note: {event.text}", file=sys.stderr, flush=True)

    def _flush(self) -> None:
        """The newest epoch that has not been printed yet."""
        event, self._last = self._last, None
        self._clear()
        if event is None:
            return
        self._shown = time.monotonic()
        width = len(str(self._epochs))
        logs = "  ".join(f"{k} {_figure(v):<9}" for k, v in self._telling(event.logs).items())
        print(f"epoch {event.epoch + 1:>{width}}/{self._epochs}  {logs.rstrip()}", flush=True)

    def _batches(self, event: m.Batches) -> None:
        loss = event.values.get("loss")
        if not self._terminal or loss is None or not len(loss):
            return
        done = event.step + len(loss) - self._first_step
        share = min(1.0, done / self._steps) if self._steps else 0.0
        left = time_left(event.seconds_left)
        told = [f"{share:4.0%}", f"epoch {event.epoch + 1}/{self._epochs}", f"loss {float(loss[-RECENT:].mean()):.4g}"]
        told += [f"{left} left"] * bool(left)
        if event.samples_per_second:
            told.append(f"{event.samples_per_second:,.0f} rows/s")
        while len(told) > 1 and len("  ".join(told)) + BAR[0] + 2 > terminal.columns():
            told.pop()  # no figure is cut in its middle
        said = "  ".join(told)
        room = max(BAR[0], min(BAR[1], terminal.columns() - len(said) - 2))
        terminal.rewrite(f"{terminal.bar(share, room)} {said}")

    def _telling(self, logs: Mapping[str, float]) -> dict[str, float]:
        """What is printed for people: no rate, and of several outputs their metrics beside the loss of all together."""
        parts = {name: parted(name) for name in logs}
        measured = any(of and metric != "loss" for of, metric in parts.values())
        hidden = {
            n
            for n, (of, metric) in parts.items()
            if metric == "learning_rate" or (measured and of and metric == "loss")
        }
        return {told(name, self._record.outputs): float(v) for name, v in logs.items() if name not in hidden}

    def _object(self, value: dict[str, object]) -> None:
        finite = {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in value.items()}
        print(json.dumps(finite, ensure_ascii=False), flush=True)

    def _clear(self) -> None:
        if self._terminal:
            terminal.clear()


def _figure(value: float) -> str:
    """Four digits, and whole numbers in full: 34712 and not 3.471e+04."""
    return f"{value:.0f}" if 1e4 <= abs(value) < 1e9 else f"{value:.4g}"


def _test_scores(folder: Path) -> dict[str, float]:
    """What the engine measured on the test part at the end of the run, by the metrics' names; empty when nothing."""
    scores = read_run(folder).scores
    return {name.removeprefix("test."): value for name, value in scores.items() if name.startswith("test.")}
