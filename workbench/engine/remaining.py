"""How long a run will still take: reckoned from what its steps, validations, savings and epochs have taken so far.

left = steps left x seconds a step + epochs left x (validation + what goes by between two epochs) + what is still to be
saved, kept and looked at + the end of the run (the last files, the scores of the test part).
A step is what goes by from the end of one call of the loop to the end of the next, so that telling and lending weights
are in it; what happens once is left out, and so are looks inside, which become rarer: they were a third of the time in
the first seconds and are a hundredth of a run.
Two paces are kept, one of the last while and one of the last moments. The first is the one that is told, so that a
moment's load does not make it jump; where the second stays away from it for long, it is followed.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

PACE_SHARE, PACE_SECONDS = 0.8, (1.0, 600.0)  # half-life of the pace that is told: of the time so far, within these
SOON_SHARE, SOON_SECONDS = 0.04, (0.5, 30.0)  # of the pace of the last moments
LASTING_SHARE, LASTING_SECONDS = 0.15, (6.0, 120.0)  # that a change must last before it is followed
APART = 1.2  # times: the two paces differ
IN_DOUBT = 0.25  # what is measured counts, until the change has lasted
ONCE_SECONDS = 0.2  # a wait between two calls that is longer comes from something else
OFTEN = 3  # waits as long as that: then they are part of how this run goes
FORWARD = 0.4  # of a training step is a step of a validation of as many rows, before one was measured
FRESH = 0.4  # weight of the newest measurement among those of an epoch's end
DISK_SECONDS = 0.03  # of the last files, before any was written
SAVE_SECONDS = (2.0, 30.0)  # between checkpoints: at first, and in long runs
SAVE_LOST = 0.1  # of what was trained may be lost with the engine, in runs between the two
SAVE_SHARE = 0.05  # of the time; costly checkpoints become rarer
LOOK_SHARE = 0.015  # of the time, at most, are the looks inside that are still to come
BATCH = 256  # rows; a validation of fewer tells how long it takes to begin one, not what a row takes


def save_every(seconds: float, cost: float) -> float:
    """Seconds between two checkpoints of a run that has trained so long, where one of them costs that much."""
    first, last = SAVE_SECONDS
    return max(min(last, max(first, seconds * SAVE_LOST)), cost / SAVE_SHARE)


class _Pace:
    """Steps and seconds that fade; seconds a step."""

    def __init__(self) -> None:
        self.steps = 0.0
        self.seconds = 0.0

    def took(self, steps: float, seconds: float, half_life: float) -> None:
        fade = 0.5 ** (seconds / half_life)
        self.steps, self.seconds = fade * self.steps + steps, fade * self.seconds + seconds

    @property
    def each(self) -> float:
        return self.seconds / self.steps if self.steps else 0.0

    def begin(self, each: float) -> None:
        """As if nearly nothing was measured yet."""
        self.steps, self.seconds = 1e-3, 1e-3 * each


class Remaining:
    """Told what a run does, as it does it. Used on the training thread alone.

    epochs: of the run, as they are now; to be set when they change. steps: of an epoch, likewise. validation_rows: of a
    validation that follows each epoch on its own. test_rows: scored at the end. keep_every: epochs between two
    checkpoints that are kept; 0 for none. scoring: seconds that making the loop for the test part takes, and the most
    that the scoring may take.
    """

    def __init__(
        self,
        epochs: int,
        steps: int,
        *,
        validation_rows: int = 0,
        test_rows: int = 0,
        keep_every: int = 0,
        scoring: tuple[float, float] = (0.0, math.inf),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.epochs = epochs
        self._steps = steps
        self._validation_rows = validation_rows
        self._test_rows = test_rows
        self._keep_every = keep_every
        self._scoring = scoring
        self._clock = clock
        self._told, self._soon = _Pace(), _Pace()
        self._trained = 0.0  # seconds that the paces were fed, since the size of a batch was last changed
        self._apart_since = -1.0  # of `_trained`
        self._calls = 0
        self._fresh = True  # at most one call was measured, since the size of a batch was last changed
        self._most = 1  # steps of a call
        self._rows_a_step = 1.0
        self._at = (0, 0)  # epoch and steps done in it; the next epoch once one has been judged or kept
        self._in_epoch = 0  # of the last call
        self._last = -1.0  # when the last of what is counted ended
        self._sitting = 0.0  # seconds in all that was counted
        self._validation = -1.0  # seconds; -1 before one was measured
        self._turn = (0.0, 0)  # seconds between the end of an epoch and the first call of the next, and how many
        self._waits = (0.0, 0)  # long ones between two calls, and how many
        self._save = -1.0  # seconds of a checkpoint; -1 before one was written
        self._kept = -1.0  # likewise of one that is kept
        self._looks = 0.0  # seconds of all looks inside

    @property
    def steps(self) -> int:
        """Of an epoch."""
        return self._steps

    @steps.setter
    def steps(self, steps: int) -> None:
        """With other batches a step takes another time: as many rows a second, until some were measured."""
        if steps == self._steps:
            return
        self._epoch_over()
        each = self._told.each * self._steps / steps
        self._told.begin(each)
        self._soon.begin(each)
        self._trained, self._fresh, self._most, self._apart_since = 0.0, True, 1, -1.0
        self._steps = steps

    # ---- what happens ----------------------------------------------------------------------------------------

    def trained(self, at: tuple[int, int], count: int, rows: int, seconds: float) -> None:
        """A call of the loop has ended. at: epoch and the steps done in it; count: steps; seconds: of the call."""
        now = self._clock()
        gap = max(0.0, now - seconds - self._last) if self._last >= 0 else 0.0
        if gap > max(ONCE_SECONDS, 3 * seconds):
            self._waits = (self._waits[0] + gap, self._waits[1] + 1)
            gap = 0.0
        new_epoch = at[0] != self._in_epoch and self._last >= 0
        if new_epoch and count < self._steps:
            self._turn = (self._turn[0] + gap, self._turn[1] + 1)
            gap = 0.0
        elif new_epoch:
            self._turn = (self._turn[0], self._turn[1] + 1)
        self._at, self._in_epoch, self._last = at, at[0], now
        self._rows_a_step = rows / count
        self._calls += 1
        second, self._fresh = self._fresh and self._trained > 0, self._fresh and not self._trained
        if second or count >= 2 * self._most:  # the first call, and those of fewer steps, are slower
            self._most = max(self._most, count)
            each = self._told.each
            self._told.begin(each)
            self._soon.begin(each)
        self._paced(count, max(seconds, 1e-6) + gap)

    def _paced(self, count: int, seconds: float) -> None:
        self._trained += seconds
        self._sitting += seconds
        so_far = self._trained
        self._soon.took(count, seconds, _within(SOON_SHARE * so_far, SOON_SECONDS))
        apart = abs(math.log(self._soon.each / self._told.each)) > math.log(APART) if self._told.each else False
        if not apart:
            self._apart_since = -1.0
        elif self._apart_since < 0:
            self._apart_since = so_far
        follow = apart and so_far - self._apart_since >= _within(LASTING_SHARE * so_far, LASTING_SECONDS)
        if follow:
            self._told.took(count, seconds, _within(SOON_SHARE * so_far, SOON_SECONDS))
        else:
            weight = IN_DOUBT if apart else 1.0
            self._told.took(weight * count, weight * seconds, _within(PACE_SHARE * so_far, PACE_SECONDS))

    def validated(self, seconds: float) -> None:
        """A whole validation took so long."""
        self._validation = seconds if self._validation < 0 else _newer(self._validation, seconds)
        self._sitting += seconds
        self._last = self._clock()
        self._epoch_over()

    def judged(self, rows: int, seconds: float) -> None:
        """A piece of a validation was tried before the first one."""
        if self._validation < 0:
            self._validation = self._validation_rows * seconds / max(1, rows)

    def saved(self, seconds: float) -> None:
        """A checkpoint was written in that time."""
        self._save = seconds if self._save < 0 else _newer(self._save, seconds)
        self._beside(seconds)

    def kept(self, seconds: float) -> None:
        """A checkpoint was kept beside the last one, in that time."""
        self._kept = seconds if self._kept < 0 else _newer(self._kept, seconds)
        self._beside(seconds)
        self._epoch_over()

    def looked(self, seconds: float) -> None:
        """The model was looked into, in that time."""
        self._looks += seconds
        self._beside(seconds)

    def paused(self) -> None:
        """Nothing was trained for a while until now."""
        if self._last >= 0:
            self._last = self._clock()

    def _epoch_over(self) -> None:
        if self._at[1] >= self._steps:
            self._at = (self._at[0] + 1, 0)

    def _beside(self, seconds: float) -> None:
        self._sitting += seconds
        if self._last >= 0:  # no part of the wait until the next call
            self._last = min(self._clock(), self._last + seconds)

    # ---- the estimate ----------------------------------------------------------------------------------------

    @property
    def seconds(self) -> float:
        """Until the last file of the run is written, if it goes to its last epoch. NaN before there were two calls, as
        the first tells too little."""
        return self.until(self.epochs) if self._calls > 1 else math.nan

    def until(self, epochs: int) -> float:
        """The same, if it ends after so many epochs."""
        epoch, done = self._at
        steps = max(0, (epochs - epoch) * self._steps - done)
        ends = max(0, epochs - epoch)  # of epochs that are still to come
        turn = self._turn[0] / self._turn[1] if self._turn[1] else 0.0
        body = steps * self._told.each + ends * self._judging + max(0, ends - 1) * turn
        if self._waits[1] >= OFTEN and self._trained:
            body *= 1 + self._waits[0] / self._trained
        if self._keep_every:
            each = self._kept if self._kept >= 0 else 2 * max(self._save, DISK_SECONDS)
            body += max(0, epochs // self._keep_every - epoch // self._keep_every) * each
        beside = min(LOOK_SHARE, self._looks / self._sitting) if self._looks else 0.0
        if self._save > 0:
            beside += self._save / save_every(self._sitting + body / 2, self._save)
        return body * (1 + beside) + self._end()

    def _end(self) -> float:
        writing = max(self._save, DISK_SECONDS)
        if not self._test_rows:
            return writing
        making, most = self._scoring
        return writing + min(most, making + self._test_rows * self._row_seconds)

    @property
    def _judging(self) -> float:
        """Seconds of a validation."""
        if self._validation >= 0:
            return self._validation
        return self._validation_rows * self._row_seconds

    @property
    def _row_seconds(self) -> float:
        """Of judging a row."""
        guess = FORWARD * self._told.each / self._rows_a_step
        if self._validation < 0 or not self._validation_rows:
            return guess
        measured = self._validation / self._validation_rows
        return measured if self._validation_rows >= BATCH else min(measured, guess)


def _within(value: float, limits: tuple[float, float]) -> float:
    return min(limits[1], max(limits[0], value))


def _newer(held: float, fresh: float) -> float:
    return held + FRESH * (fresh - held)
