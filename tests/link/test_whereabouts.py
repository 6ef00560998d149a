"""Where a run was, told without the engine that trained it."""

from __future__ import annotations

import numpy as np

from workbench.link.messages import Batches, EpochEnded, Message, RunAdjusted, RunStarted
from workbench.link.whereabouts import Whereabouts


def started(epoch: int = 0, step: int = 0) -> RunStarted:
    return RunStarted("r", 9, 10, 32, 30, "cpu", "compiled loop", "mse", (), epoch, step)


def batches(epoch: int, step: int, count: int) -> Batches:
    return Batches("r", epoch, step, {"loss": np.zeros(count, np.float32)}, 1.0, 1.0)


def where(*told: Message) -> str:
    made = Whereabouts()
    for message in told:
        made.hear(message)
    return made.words()


def test_the_batch_and_the_epoch_are_known_from_what_was_told() -> None:
    ended = EpochEnded("r", 0, {"loss": 1.0, "val_loss": 1.0}, 0.1, True)
    assert where() == ""
    assert where(started()) == "epoch 1, about batch 1"
    assert where(started(), batches(0, 0, 4)) == "epoch 1, about batch 5"
    assert where(started(), batches(0, 0, 10)) == "the end of epoch 1"
    assert where(started(), batches(0, 0, 10), ended) == "epoch 2, about batch 1"
    assert where(started(), batches(0, 0, 10), ended, batches(1, 10, 10)) == "the validation of epoch 2"
    assert where(started(), batches(1, 0, 16), ended) == "epoch 2, about batch 7", "quick epochs are told later"


def test_a_run_that_goes_on_or_has_other_batches_counts_from_its_epoch() -> None:
    assert where(started(2, 23)) == "epoch 3, about batch 4"
    assert where(started(2, 40)) == "epoch 3, about batch 1"  # of smaller batches before
    halved = RunAdjusted("r", 25, "Batch size 32 → 16", 9, 16, 20, 2.5, 25)
    assert where(started(2, 20), halved, batches(2, 25, 4)) == "epoch 3, about batch 15"


def test_a_run_that_has_done_all_its_epochs_is_in_no_further_one() -> None:
    last = EpochEnded("r", 8, {"loss": 1.0}, 0.1, True)
    assert where(started(8, 80), batches(8, 80, 10), last) == "the end of epoch 9"
    more = RunAdjusted("r", 90, "Epochs 9 → 12", 12, 32, 10, 9, 90)
    assert where(started(8, 80), batches(8, 80, 10), last, more) == "epoch 10, about batch 1"
