"""What the doctor says of runs, and that its remedies are ordinary edits."""

from __future__ import annotations

import numpy as np

from workbench.core.document import Document
from workbench.core.project import EarlyStopping, TrainSpec
from workbench.ui.train.doctor import Baseline, Finding, Watched, examine


def watched(state: str = "running", train: TrainSpec | None = None, **given: object) -> Watched:
    given.setdefault("learning_rate", 0.001)
    return Watched(state, train or TrainSpec(), **given)  # type: ignore[arg-type]


def found(run: Watched) -> dict[str, Finding]:
    return {f.key: f for f in examine(run)}


def test_nothing_yet_says_what_is_happening() -> None:
    assert found(watched("tracing"))["now"].title == "Tracing the model."


def test_a_loss_that_is_no_number_is_placed_and_its_remedy_can_be_undone() -> None:
    batches = np.ones(250)
    batches[212:] = np.nan
    answer = found(watched(batch_loss=batches, steps_per_epoch=100))
    assert answer["nan"].title == "The loss is not a number since epoch 3, batch 13."
    document = Document()
    remedy = answer["nan"].remedies[0]
    assert remedy.edit is not None
    document.apply(remedy.edit, remedy.title)
    assert document.project.train.optimizer_params["learning_rate"] == 0.0001
    document.undo()
    assert "learning_rate" not in document.project.train.optimizer_params


def test_overfitting_is_dated_and_offers_early_stopping() -> None:
    loss = np.array([1.0, 0.8, 0.6, 0.5, 0.4, 0.3, 0.2])
    held_out = np.array([1.0, 0.8, 0.7, 0.75, 0.8, 0.9, 1.0])
    answer = found(watched(epochs={"loss": loss, "val_loss": held_out}))["overfitting"]
    assert "since epoch 4" in answer.title
    assert [r.action for r in answer.remedies] == ["stop", ""]
    stopping = TrainSpec(early_stopping=EarlyStopping(enabled=True))
    ended = found(watched("finished", stopping, epochs={"loss": loss, "val_loss": held_out}))["overfitting"]
    assert ended.remedies == ()


def test_noise_is_not_overfitting() -> None:
    loss = np.linspace(1, 0.5, 12)
    held_out = np.linspace(1.0, 0.7, 12) + np.tile([0, 0.02, -0.02], 4)
    assert "overfitting" not in found(watched(epochs={"loss": loss, "val_loss": held_out}))


def test_a_rising_loss_asks_for_smaller_steps() -> None:
    answer = found(watched(epochs={"loss": np.array([1.0, 2.0, 4.0, 8.0, 16.0])}))["rising"]
    assert "0.0001" in answer.remedies[0].title
    first_epoch = found(watched(batch_loss=np.geomspace(1, 100, 100), steps_per_epoch=1000))
    assert "rising" in first_epoch


def test_a_scheduled_rate_is_left_alone() -> None:
    answer = found(watched(epochs={"loss": np.array([1.0, 2.0, 4.0, 8.0, 16.0])}, learning_rate=None))
    assert answer["rising"].remedies == ()


def test_not_learning_is_said_against_the_baseline() -> None:
    loss = np.full(6, 2.302)
    base = Baseline(loss=2.303, score=0.1, answer="“Sneaker”")
    answer = found(watched(train=TrainSpec(optimizer="SGD"), epochs={"loss": loss}, baseline=base, learning_rate=0.01))
    assert "“Sneaker”" in answer["not_learning"].title
    assert answer["not_learning"].remedies[0].title == "Use Adam"
    learning = found(watched(epochs={"loss": np.linspace(2.3, 1.0, 6)}, baseline=base))
    assert "not_learning" not in learning


def test_an_end_while_still_improving_offers_more_epochs() -> None:
    run = watched("finished", epochs={"loss": np.linspace(1, 0.2, 20), "val_loss": np.linspace(1, 0.3, 20)})
    assert found(run)["unfinished"].remedies[0].title == "Train 40 epochs"


def test_best_epoch_and_missing_validation_are_named() -> None:
    answer = found(watched(epochs={"loss": np.array([1.0, 0.5, 0.6])}))
    assert "2" in answer["best"].title
    assert "No rows are held out" in answer["best"].text
    logs = {"loss": [1, 0.5], "val_loss": [1, 0.6], "accuracy": [0.5, 0.7], "val_accuracy": [0.5, 0.68]}
    columns = {k: np.array(v) for k, v in logs.items()}
    answer = found(watched(epochs=columns, baseline=Baseline(score=0.5, answer="“no”")))
    assert "68.0 %" in answer["best"].text
    assert answer["baseline"].severity == "good"


def test_ends_are_told_apart() -> None:
    columns = {"loss": np.array([1.0, 0.5, 0.4])}
    assert found(watched("stopped", epochs=columns))["now"].title == "Stopped by hand after 3 epochs."
    assert found(watched("early_stopped", epochs=columns))["now"].severity == "good"


def test_the_doctor_scores_the_weights_that_are_kept() -> None:
    logs = {
        "loss": [1.0, 0.5, 0.4],
        "val_loss": [1.0, 0.6, 0.7],
        "accuracy": [0.5, 0.7, 0.8],
        "val_accuracy": [0.5, 0.68, 0.9],  # better by luck in an epoch whose weights are gone
    }
    columns = {k: np.array(v) for k, v in logs.items()}
    answer = found(watched("finished", epochs=columns, baseline=Baseline(score=0.5, answer="“no”")))
    assert "68.0 %" in answer["best"].text
    assert answer["baseline"].title.startswith("68.0 % right")
