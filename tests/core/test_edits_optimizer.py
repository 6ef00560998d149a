"""Another optimizer keeps what was set and it has too; what goes is named."""

from __future__ import annotations

import pytest

from workbench.core.edits_optimizer import carried, use_optimizer
from workbench.core.project import Json, Project, TrainSpec

SCHEDULE: dict[str, Json] = {"kind": "CosineDecay", "params": {"initial_learning_rate": 0.01}}


@pytest.mark.parametrize(
    ("old", "params", "new", "kept", "gone"),
    [
        (
            "Adam",
            {"learning_rate": 0.0003, "clipnorm": 1.0, "use_ema": True, "gradient_accumulation_steps": 2},
            "AdamW",
            {"learning_rate": 0.0003, "clipnorm": 1.0, "use_ema": True, "gradient_accumulation_steps": 2},
            (),
        ),
        ("SGD", {"learning_rate": 0.01, "momentum": 0.9, "nesterov": True}, "Adam", {}, ("momentum", "nesterov")),
        ("SGD", {"momentum": 0.9}, "RMSprop", {"momentum": 0.9}, ()),
        ("Adam", {"learning_rate": 0.01, "amsgrad": True}, "SGD", {}, ("amsgrad",)),  # 0.01 is SGD's own
        ("Adam", {"learning_rate": SCHEDULE}, "Lion", {"learning_rate": SCHEDULE}, ()),
        ("gone", {"rho": 0.5, "odd": 1}, "RMSprop", {"rho": 0.5}, ("odd",)),
    ],
)
def test_what_the_new_one_knows_stays(
    old: str, params: dict[str, Json], new: str, kept: dict[str, Json], gone: tuple[str, ...]
) -> None:
    assert carried(new, TrainSpec(optimizer=old, optimizer_params=params)) == (kept, gone)


def test_a_remedy_takes_the_rate_of_the_new_one() -> None:
    train = TrainSpec(optimizer="SGD", optimizer_params={"learning_rate": 0.5, "clipnorm": 1.0})
    found = use_optimizer("Adam", own_rate=True)(Project(train=train)).train
    assert (found.optimizer, found.optimizer_params) == ("Adam", {"clipnorm": 1.0})
