"""How long a run will still take is told well enough after its first tenth, whatever happens to it on the way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from workbench.engine import devices, remaining
from workbench.engine.remaining import Remaining, save_every

ROWS = 32


class Simulated:
    """A run on a clock of its own. step, between, validation, turn, save, kept, scoring: seconds of each. looks: of the
    first look inside and of those after it, further and further apart. load: by which steps and validations take longer
    at a moment."""

    def __init__(
        self,
        epochs: int,
        steps: int,
        step: float,
        *,
        between: float = 0.0,
        validation: float = 0.0,
        validation_rows: int = 0,
        turn: float = 0.0,
        save: float = 0.0,
        kept: float = 0.0,
        scoring: float = 0.0,
        looks: tuple[float, float] = (0.0, 0.0),
        load: Callable[[float], float] = lambda _: 1.0,
        noise: float = 0.25,
        first: float = 0.0,
        late: float = 0.0,
        change: tuple[int, int, float, int] | None = None,
        begin: tuple[int, int] = (0, 0),
        seed: int = 0,
    ) -> None:
        self.now, self.told, self.away = 0.0, [], 0.0
        rng, rows, since = np.random.default_rng(seed), ROWS, 0.0
        test_rows = int(scoring / (0.4 * step) * ROWS)
        left = Remaining(
            epochs,
            steps,
            validation_rows=validation_rows,
            test_rows=test_rows,
            keep_every=1 if kept else 0,
            scoring=(0.3, 20.0),
            clock=lambda: self.now,
        )
        calls, saved, trained, looked = 0, 0.0, 0.0, 0
        for epoch in range(begin[0], epochs):
            if change is not None and epoch == change[0]:
                _, steps, step, rows = change
                left.steps, since = steps, self.now
            at = begin[1] if epoch == begin[0] else 0
            while at < steps:
                count = min(5, steps - at)
                took = count * step * float(rng.lognormal(0, noise)) * load(self.now)
                took += first if not calls else 0.0
                self.now += took
                trained += took
                calls, at = calls + 1, at + count
                left.trained((epoch, at), count, count * rows, took)
                self.told.append((self.now, left.until(epochs)))
                self.now += count * between + (late if calls == 1 else 0.0)
                if save and self.now - saved >= save_every(trained, save):
                    self.now += save
                    left.saved(save)
                    saved = self.now
            took = validation * load(self.now)
            self.now += took
            if validation:
                left.validated(took)
            if kept:
                self.now += kept
                left.kept(kept)
            if any(looks) and epoch + 1 >= max(2, 1.5 * looked):
                took = looks[1] if looked else looks[0]
                self.now += took
                left.looked(took)
                looked = epoch + 1
            if epoch == begin[0]:
                self.now, self.away = self.now + 1000.0, self.now
                left.paused()
            self.now += turn
        self.now += max(save, 0.03) + (0.3 + scoring if scoring else 0.0)
        self.since = since

    def errors(self, first: float = 0.1, last: float = 0.95) -> list[float]:
        """Relative errors of what was told between two shares of the way."""

        def without_pause(at: float) -> float:
            return at - 1000.0 if at > self.away else at

        begin, end = without_pause(self.since), without_pause(self.now)
        found = []
        for when, seconds in self.told:
            at = without_pause(when)
            if first * (end - begin) <= at - begin and at <= last * end:
                found.append(seconds / (end - at) - 1)
        assert found
        return found


@pytest.mark.parametrize(
    ("epochs", "steps", "step", "more"),
    [
        (40, 50, 0.010, {}),
        (30, 100, 0.010, {"validation": 0.8, "validation_rows": 6400, "between": 0.002}),
        (4, 400, 0.050, {"validation": 3.0, "validation_rows": 4800, "between": 0.001}),
        (400, 30, 0.001, {"validation": 0.02, "validation_rows": 1600, "between": 0.0005}),
        (20, 60, 0.010, {"turn": 0.15, "first": 0.6}),
        (12, 200, 0.010, {"save": 0.2, "kept": 0.5}),
        (8, 200, 0.010, {"scoring": 4.0, "save": 0.3}),
        (20, 100, 0.020, {"late": 1.5, "validation": 0.4, "validation_rows": 1600}),
        (30, 100, 0.010, {"begin": (20, 37), "validation": 0.3, "validation_rows": 2400}),
        (20, 125, 0.0027, {"looks": (0.3, 0.05), "scoring": 0.1, "kept": 0.01}),
        (20, 125, 0.0027, {"looks": (0.3, 0.05), "scoring": 0.1, "validation": 0.017, "validation_rows": 1000}),
        (100, 20, 0.005, {"looks": (1.0, 0.1), "turn": 0.02}),
    ],
    ids=[
        *("plain", "validated", "few epochs", "short epochs", "turns", "kept", "scored", "compiled late", "resumed"),
        *("looked into", "looked into, validated", "looked into, turns"),
    ],
)
@pytest.mark.parametrize("seed", range(2))
def test_time_left_is_right_within_a_fifth_after_the_first_tenth(
    epochs: int, steps: int, step: float, more: dict, seed: int
) -> None:
    assert max(map(abs, Simulated(epochs, steps, step, seed=seed, **more).errors())) < 0.2


@pytest.mark.parametrize(
    "change",
    [
        (8, 50, 0.038, 64),  # batches twice as large, which take nearly twice as long
        (8, 13, 0.022, 256),  # eight times as large, at nearly the same time each
        (8, 400, 0.009, 8),  # a quarter
    ],
)
def test_time_left_is_right_soon_after_the_batch_size_was_changed(change: tuple[int, int, float, int]) -> None:
    made = Simulated(20, 100, 0.02, validation=0.4, validation_rows=1600, change=change)
    assert max(map(abs, made.errors())) < 0.2


def test_a_moments_load_does_not_make_it_jump() -> None:
    made = Simulated(20, 100, 0.03, load=lambda t: 2.5 if 1020.0 < t < 1023.0 else 1.0, noise=0.1)
    told = np.array([left for when, left in made.told if when > 1010.0 and left > 5.0])
    assert max(map(abs, made.errors(0.1, 0.9))) < 0.25
    assert max(np.abs(np.diff(told)) / told[:-1]) < 0.12  # from one word to the next, a tenth of a second later


def test_a_change_that_lasts_is_followed() -> None:
    made = Simulated(20, 100, 0.03, load=lambda t: 2.0 if t > 1025.0 else 1.0, noise=0.1)
    assert made.now > 1080.0
    assert max(map(abs, made.errors(0.45, 0.9))) < 0.2


@pytest.mark.parametrize(("happens", "epochs"), [("a pause", 20), ("more epochs", 40), ("fewer", 12)])
@pytest.mark.parametrize("validation", [0.0, 0.4])
def test_time_left_is_right_at_once_after_a_pause_and_after_another_number_of_epochs(
    happens: str, epochs: int, validation: float
) -> None:
    now = 0.0
    left = Remaining(20, 50, validation_rows=1600 if validation else 0, clock=lambda: now)
    for call in range(20 * 10):
        epoch, step = call // 10, 5 * (call % 10) + 5
        now += 0.1
        left.trained((epoch, step), 5, 5 * ROWS, 0.1)
        if call > 100:  # at once, and with each of the calls that follow
            real = (epochs - epoch) * (1.0 + validation) - 0.02 * step
            assert left.seconds == pytest.approx(real + remaining.DISK_SECONDS, rel=0.02, abs=1e-6)
        if call == 100:
            now += 60.0 if happens == "a pause" else 0.0
            left.paused()
            left.epochs = epochs
            assert left.seconds == pytest.approx((epochs - 10) * (1.0 + validation) - 0.1, rel=0.02)
        if call == 110:
            break
        if step == 50 and validation:
            now += validation
            left.validated(validation)


def test_calls_of_few_steps_at_the_beginning_tell_little() -> None:
    """Many small epochs a call: 4 at first, then 32, then 256."""
    now = 0.0
    left = Remaining(40_000, 10, clock=lambda: now)
    done = 0
    for count in (4, 32, 256):
        took = 0.02 + count * 1e-4
        now, done = now + took, done + count
        left.trained((done - 1, 10), count * 10, count * 10 * ROWS, took)
    assert left.seconds == pytest.approx((40_000 - done) / 256 * took, rel=0.05)


def test_a_piece_of_the_validation_tells_of_the_first() -> None:
    left = Remaining(2, 100, validation_rows=1000, clock=lambda: 1.0)
    left.judged(100, 0.5)
    left.trained((0, 50), 50, 50 * ROWS, 1.0)
    assert np.isnan(left.seconds)
    assert left.until(2) == pytest.approx(150 * 0.02 + 2 * 5.0 + remaining.DISK_SECONDS, rel=1e-3)


@pytest.mark.parametrize("looks", [0.0, 3.0])
def test_looks_inside_are_no_part_of_what_each_epoch_takes(looks: float) -> None:
    """They become rarer, and take a hundredth of a run."""
    now = 0.0
    left = Remaining(100, 10, clock=lambda: now)
    for epoch in range(4):
        for step in (5, 10):
            now += 0.5
            left.trained((epoch, step), 5, 160, 0.5)
        left.validated(0.0)
        if looks and epoch < 3:
            now += looks
            left.looked(looks)
    assert left.seconds == pytest.approx(96.0 * (1 + (remaining.LOOK_SHARE if looks else 0.0)), rel=0.01)


@pytest.mark.parametrize(("rows", "expected"), [(1_000, 6.0), (10, 6_000 * 0.4 * 0.01 / 32)])
def test_a_row_of_the_test_part_takes_what_one_of_a_whole_validation_does(rows: int, expected: float) -> None:
    """One of a few rows takes what beginning it takes: no 6 seconds for 6,000 rows after 10 in 10 milliseconds."""
    now = 0.0
    left = Remaining(3, 10, validation_rows=rows, test_rows=6_000, scoring=(0.0, 20.0), clock=lambda: now)
    for epoch in range(3):
        for step in (5, 10):
            now += 0.05
            left.trained((epoch, step), 5, 160, 0.05)
        now += 0.001 * rows
        left.validated(0.001 * rows)
    assert left.seconds == pytest.approx(expected + remaining.DISK_SECONDS, rel=0.01)


def test_what_is_over_is_not_waited_for() -> None:
    now = 0.0
    left = Remaining(3, 10, validation_rows=10, keep_every=1, clock=lambda: now)
    for epoch in range(3):
        now += 1.0
        left.trained((epoch, 10), 10, 320, 1.0)
        left.validated(2.0)
        left.kept(0.5)
    assert left.seconds == pytest.approx(remaining.DISK_SECONDS)
    left.epochs = 4
    assert left.seconds == pytest.approx(1.0 + 2.0 + 0.5, rel=0.3)


def test_the_first_validation_of_a_short_run_is_tried_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workbench.core.project import TrainSpec
    from workbench.engine import checkpoints, sweep, trainer, training
    from workbench.engine.control import RunControl

    from .little_runs import blobs, chain, make_run

    devices.setup()
    monkeypatch.setattr(sweep, "suits", lambda *_: False)
    graph = chain(
        ("Dense", {"units": 4}),
        ("Dropout", {"rate": 0.5}),
        ("BatchNormalization", {}),
        ("Dense", {"units": 3, "activation": "softmax"}),
    )
    settings = TrainSpec(epochs=2, seed=3)
    parts = {"train": blobs(60), "validation": blobs(20, 1)}
    weights = []
    for few in (training.FEW_EPOCHS, 0):
        monkeypatch.setattr(training, "FEW_EPOCHS", few)
        told: list[int] = []
        monkeypatch.setattr(Remaining, "judged", lambda self, rows, seconds, told=told: told.append(rows))
        folder = make_run(tmp_path, graph, settings, parts, classes=("a", "b", "c"))
        trainer.train(folder, lambda _: None, RunControl())
        assert bool(told) == bool(few)
        weights.append((checkpoints.load_weights(folder, "last"), checkpoints.load_checkpoint(folder).place.standing))
    assert weights[0][1] == weights[1][1]
    for one, other in zip(weights[0][0], weights[1][0], strict=True):
        np.testing.assert_array_equal(one, other)
