"""What nobody has typed of a schedule follows from the steps of the run."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.core.catalog import load_catalog
from workbench.core.project import TrainSpec
from workbench.core.schedule_length import fitted, fitted_train, follows, in_words, length_of
from workbench.core.schedules import ended_at, rates

CATALOG = load_catalog()


def schedule(kind: str, **params: object) -> dict[str, object]:
    return {"kind": kind, "params": params}


def test_a_length_nobody_typed_is_that_of_the_run() -> None:
    train = TrainSpec(epochs=10, batch_size=32, optimizer_params={"learning_rate": schedule("CosineDecay")})
    assert follows(train, CATALOG)
    assert length_of(train, 60_001) == 10 * 1876
    made = fitted_train(train, 18_760, CATALOG)
    assert made.optimizer_params["learning_rate"]["params"] == {"decay_steps": 18_760}
    assert not follows(made, CATALOG)
    assert fitted_train(made, 5, CATALOG) is made
    assert in_words(schedule("CosineDecay"), 18_760, CATALOG) == "As long as the run: 18,760 steps."


def test_what_was_typed_stays() -> None:
    typed = schedule("CosineDecay", initial_learning_rate=0.1, decay_steps=7)
    assert fitted(typed, 500, CATALOG) is typed
    assert in_words(typed, 500, CATALOG) == ""
    assert fitted(0.01, 500, CATALOG) == 0.01
    assert fitted("nothing of the kind", 500, CATALOG) == "nothing of the kind"


@pytest.mark.parametrize(
    ("kind", "last"),
    [
        ("CosineDecay", 0.0),
        ("PolynomialDecay", 1e-4),
        ("ExponentialDecay", 1e-3 * 0.9**20),
        ("InverseTimeDecay", 1e-3 / 10),
        ("CosineDecayRestarts", 0.0),
        ("PiecewiseConstantDecay", 1e-4),
    ],
)
@pytest.mark.parametrize("length", [500, 18_760])
def test_a_schedule_just_chosen_falls_over_the_whole_run(kind: str, last: float, length: int) -> None:
    found = rates(schedule(kind), np.array([0.0, length // 100, length - 1.0]), CATALOG, length)
    assert found is not None
    assert found[0] == pytest.approx(1e-3)
    assert found[1] > 0.5e-3  # it has hardly begun
    assert found[-1] == pytest.approx(last, abs=3e-5)
    end = ended_at(schedule(kind), CATALOG, length)
    assert end is None or end > 0.9 * length


def test_a_warm_up_and_what_follows_take_the_run_together() -> None:
    value = schedule("CosineDecay", initial_learning_rate=0.0, warmup_target=0.1)
    made = fitted(value, 1000, CATALOG)["params"]
    assert (made["warmup_steps"], made["decay_steps"]) == (50, 950)
    assert in_words(value, 1000, CATALOG) == "Rises for 50 steps. Falls for 950, to the end of the run: 1,000 steps."


def test_a_typed_schedule_that_ends_early_is_known() -> None:
    assert 900 < (ended_at(schedule("CosineDecay", decay_steps=1000), CATALOG, 18_750) or 0) <= 1010
    assert ended_at(0.1, CATALOG, 100) is None
    assert ended_at(schedule("ExponentialDecay", decay_steps=1000), CATALOG, 500) is None
