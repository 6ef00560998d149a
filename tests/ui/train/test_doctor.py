"""What the doctor says of runs, and that its remedies are ordinary edits."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.core.baselines import Rows, baseline_of
from workbench.core.document import Document
from workbench.core.project import EarlyStopping, Graph, Node, Project, TrainSpec, Wire
from workbench.link.messages import Probed
from workbench.ui.train.doctor import examine
from workbench.ui.train.findings import Baseline, Finding, Watched


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
    (remedy,) = ended.remedies
    document = Document(Project("p", train=stopping))
    document.apply(remedy.edit, remedy.title)
    assert document.project.train.optimizer == "AdamW"
    document.undo()
    assert document.project.train == stopping
    # early stopping has ended it in time: worth knowing, and nothing to mend
    assert (
        found(watched("early_stopped", stopping, epochs={"loss": loss, "val_loss": held_out}))["overfitting"].severity
        == "fact"
    )


def test_a_rise_of_next_to_nothing_is_not_overfitting() -> None:
    """As on iris: all rows right, the loss fell from 1.1 to 0.030, and long after that came to 0.035."""
    falls = 0.03 + 1.07 * np.exp(-np.arange(300) / 40)
    held_out = np.concatenate([falls, np.linspace(0.0306, 0.035, 60)])
    loss = 1.2 * np.exp(-np.arange(360) / 60)
    assert "overfitting" not in found(watched("early_stopped", epochs={"loss": loss, "val_loss": held_out}))
    held_out[-60:] = np.linspace(0.0306, 0.15, 60)
    assert "overfitting" in found(watched("finished", epochs={"loss": loss, "val_loss": held_out}))


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
    noisy = {"loss": loss, "val_loss": np.linspace(2.3, 1.0, 6)}
    assert "not_learning" not in found(watched(epochs=noisy, baseline=base)), "only Dropout keeps its figures high"


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


def looked(epoch: int = 4, **given: object) -> Probed:
    """A healthy look inside a net of three layers, with changes."""
    fine: dict[str, object] = {
        "layers": ("first", "second", "last"),
        "gradients": np.array([0.02, 0.05, 0.1], np.float32),
        "weights": np.array([5.0, 4.0, 2.0], np.float32),
        "relus": ("first", "second"),
        "dead": np.array([3, 1], np.int32),
        "units": np.array([32, 16], np.int32),
        "predicted": np.array([50, 40], np.int32),
        "actual": np.array([45, 45], np.int32),
    }
    return Probed("run", epoch, **{**fine, **given})  # type: ignore[arg-type]


def seen(*probes: Probed, **given: object) -> dict[str, Finding]:
    given.setdefault("classes", ("cat", "dog"))
    return found(watched(probes=probes, epochs={"loss": np.geomspace(1, 0.2, 10)}, **given))


INSIDE = {"vanishing", "exploding", "dead", "never"}


def test_a_healthy_look_inside_says_nothing_nor_does_a_single_ill_one() -> None:
    ill = looked(gradients=np.array([1e-9, 1e-6, 0.1], np.float32), dead=np.array([32, 16], np.int32))
    assert not INSIDE & seen(looked(), looked()).keys()
    assert not INSIDE & seen(looked(), ill).keys()
    assert not INSIDE & seen(ill).keys()


def test_vanishing_gradients_are_placed_and_mended_on_the_canvas() -> None:
    nodes = (
        Node("a", "Dense", "first", {"units": 8, "activation": "sigmoid"}),
        Node("b", "Dense", "last", {"units": 2, "activation": "softmax"}),
        Node("out", "Output", "output"),
    )
    graph = Graph(nodes, (Wire("a", "b"), Wire("b", "out")))
    ill = looked(gradients=np.array([1e-9, 1e-6, 0.1], np.float32))
    answer = seen(ill, ill, graph=graph)["vanishing"]
    assert answer.title == "The gradients vanish on their way to first to second."
    document = Document(Project(graph=graph))
    assert answer.remedies[0].edit is not None
    document.apply(answer.remedies[0].edit, "ReLU")
    assert [n.params.get("activation") for n in document.project.graph.nodes] == ["relu", "softmax", None]
    document.undo()
    assert document.project.graph == graph


def test_exploding_gradients_dead_units_and_classes_never_answered() -> None:
    huge = looked(gradients=np.array([4000.0, 1.0, 0.1], np.float32))
    assert "first" in seen(huge, huge)["exploding"].title
    clipped = TrainSpec(optimizer_params={"global_clipnorm": 1.0})
    titles = [r.title for r in seen(huge, huge, train=clipped)["exploding"].remedies]
    assert titles == ["Learning rate 0.0001 (smaller)"]
    dead = looked(dead=np.array([30, 2], np.int32))
    assert seen(dead, dead)["dead"].title == "30 of 32 units of first are dead."
    never = looked(predicted=np.array([90, 0], np.int32), actual=np.array([76, 14], np.int32))
    answer = seen(never, never)["never"]
    assert answer.title == "“dog” is never answered."
    assert [r.title for r in answer.remedies] == ["Let rare classes count more"]
    few = looked(predicted=np.array([90, 0], np.int32), actual=np.array([88, 2], np.int32))
    assert "never" not in seen(few, few)  # two rows say nothing


def test_a_rate_too_high_jumps_and_one_too_low_creeps() -> None:
    jumps = np.array([2.0, 1.0, 1.3, 0.9, 1.4, 0.95, 1.5, 0.92, 1.3, 0.97, 1.4, 0.93])
    answer = found(watched(epochs={"loss": jumps}))["jumping"]
    assert answer.remedies[0].title == "Learning rate 0.0002 (smaller)"
    assert answer.remedies[1].action == "try_rates"
    creeps = np.linspace(2.3, 2.2, 12)
    assert found(watched(epochs={"loss": creeps}))["creeping"].remedies[0].title == "Learning rate 0.01 (larger)"


@pytest.mark.parametrize("seed", range(12))
def test_healthy_curves_alarm_nobody(seed: int) -> None:
    rng = np.random.default_rng(seed)
    epochs = int(rng.integers(3, 60))
    time = np.arange(epochs)
    floor, speed = rng.uniform(0.01, 0.6), rng.uniform(0.05, 0.6)
    loss = floor + (2.3 - floor) * np.exp(-speed * (time + 0.5)) * (1 + 0.03 * rng.normal(size=epochs))
    held_out = loss + 0.03 + 0.01 * rng.normal(size=epochs)
    base = Baseline(loss=2.303, score=0.1, answer="“a”")
    score = 1 - np.clip(held_out / 2.6, 0, 1)
    logs = {"loss": loss, "accuracy": score, "val_loss": held_out, "val_accuracy": score}
    for state in ("running", "finished"):
        answer = found(watched(state, epochs=logs, baseline=base))
        assert not [f.title for f in answer.values() if f.severity in ("warn", "bad")]


def test_worse_than_a_constant_answer_is_said() -> None:
    logs = {
        "loss": np.geomspace(0.69, 0.5, 6),
        "accuracy": np.full(6, 0.7),
        "val_loss": np.full(6, 0.8) - 0.01 * np.arange(6),
        "val_accuracy": np.full(6, 0.55),
    }
    answer = found(watched(epochs=logs, baseline=Baseline(score=0.62, answer="“no”")))
    assert answer["worse"].severity == "warn"
    assert "62.0 %" in answer["worse"].text
    y = np.array([[-1.0], [1.0], [-1.0], [1.0]])
    base = baseline_of(Rows(y), (), "mean_squared_error", Rows(y))
    assert (base.loss, base.held_out) == (1.0, 1.0)
    errors = {"loss": np.geomspace(0.9, 0.2, 6), "val_loss": np.full(6, 1.4) - 0.01 * np.arange(6)}
    assert "the mean" in found(watched(epochs=errors, baseline=base))["worse"].title
