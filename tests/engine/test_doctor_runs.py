"""Runs that are really trained, healthy and ill, as the doctor sees them after each of their epochs."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from workbench.core import runs
from workbench.core.baselines import Rows
from workbench.core.facts import TargetFacts
from workbench.core.project import Graph, Node, TrainSpec, Wire
from workbench.engine import devices, modes, probe
from workbench.link.messages import Probed
from workbench.ui.train.background import constant_answers
from workbench.ui.train.doctor import examine
from workbench.ui.train.findings import Finding, Watched, plain_rate

from .little_runs import Arrays, blobs, chain, make_run, train

ILL = ("warn", "bad")
RELU: tuple[str, dict[str, Any]] = ("Dense", {"units": 16, "activation": "relu"})
ANSWER: tuple[str, dict[str, Any]] = ("Dense", {"units": 3, "activation": "softmax"})
ABC = ("a", "b", "c")
CLOUDS = {"train": blobs(320), "validation": blobs(96, 1)}  # so few that much of their loss is chance

pytestmark = pytest.mark.usefixtures("kept_built")


@pytest.fixture(scope="module", autouse=True)
def _tensorflow() -> None:
    devices.setup()


@dataclass(frozen=True)
class Seen:
    """A run and its findings that worry, after each epoch while it ran and at its end."""

    watched: Watched
    on_the_way: tuple[dict[str, Finding], ...]
    end: dict[str, Finding]

    @property
    def worries(self) -> set[str]:
        return {key for found in (*self.on_the_way, self.end) for key, f in found.items() if f.severity in ILL}


Trained = Callable[..., Seen]


@pytest.fixture
def trained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Trained:
    """Trains a graph, looks inside after each epoch, and asks the doctor at all times. Only one way of computing is
    compiled, as in a long run, so that it takes no second."""
    monkeypatch.setattr(probe, "SHARE", 1e9)
    monkeypatch.setattr(modes, "may_pay", lambda *_: False)

    def to_the_end(graph: Graph, spec: TrainSpec, parts: dict[str, Arrays], **facts: Any) -> Seen:
        folder = make_run(tmp_path, graph, spec, parts, **facts)
        told = train(folder)
        return asked(folder, parts, tuple(m for m in told if isinstance(m, Probed)))

    return to_the_end


def asked(folder: Path, parts: dict[str, Arrays], looks: tuple[Probed, ...]) -> Seen:
    """As the page asks (see `TrainPage`)."""
    record, project, facts = runs.read_run(folder), runs.read_project(folder), runs.read_facts(folder)
    history = runs.read_history(folder)
    answers = [[Rows(y[:, i] if facts.more else y) for i in range(len(facts.targets))] for _, y in parts.values()]
    steps = -(-facts.rows["train"] // project.train.batch_size)
    whole = Watched(
        record.state,
        project.train,
        history.epochs.to_arrays(),
        history.batches["loss"],
        steps,
        plain_rate(project.train),
        constant_answers(project, facts, answers, record.loss),
        probes=looks,
        graph=project.graph,
        classes={t.name: t.classes for t in facts.targets if t.classes},
        outputs=record.outputs,
        rows=facts.rows["validation"],
    )

    def by_then(epoch: int) -> Watched:
        return replace(
            whole,
            state="running",
            epochs={name: column[:epoch] for name, column in whole.epochs.items()},
            batch_loss=whole.batch_loss[: epoch * steps],
            probes=tuple(look for look in looks if look.epoch < epoch),
        )

    done = len(history.epochs)
    on_the_way = tuple({f.key: f for f in examine(by_then(n))} for n in range(1, done + 1))
    return Seen(whole, on_the_way, {f.key: f for f in examine(whole)})


def told(seen: Seen) -> str:
    """What worries, for a test that fails."""
    some = itertools.chain(*(found.values() for found in (*seen.on_the_way, seen.end)))
    return "\n".join(dict.fromkeys(f"{f.title} {f.text}" for f in some if f.severity in ILL))


def test_a_deep_net_of_many_classes_is_left_in_peace(trained: Trained) -> None:
    """Batch normalisation judges by averages that begin far off, and of many classes some are answered late."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 30, 1000).astype(np.int32)
    x = (rng.normal(size=(30, 8))[y] * 2 + rng.normal(0, 0.5, (1000, 8))).astype(np.float32)
    parts = {"train": (x[:600], y[:600]), "validation": (x[600:], y[600:])}
    block = (("Dense", {"units": 24}), ("BatchNormalization", {}), ("Activation", {"activation": "relu"}))
    graph = chain(*block * 3, ("Dense", {"units": 30, "activation": "softmax"}))
    seen = trained(graph, TrainSpec(epochs=14), parts, classes=tuple(map(str, range(30))))
    assert not seen.worries, told(seen)
    assert len(seen.watched.probes) > 2


def test_several_outputs_with_a_falling_rate_are_left_in_peace(trained: Trained) -> None:
    nodes = [Node("in", "Input", "given", {"binding": "x"}), Node("h", "Dense", "hidden", RELU[1])]
    wires = [Wire("in", "h")]
    for name, params in (("kind", ANSWER[1]), ("size", {"units": 1})):
        nodes += [Node(f"{name}_d", "Dense", f"{name}_dense", params), Node(name, "Output", name, {"target": name})]
        wires += [Wire("h", f"{name}_d"), Wire(f"{name}_d", name)]
    parts = {part: (x, np.stack([y, x.sum(1)], 1).astype(np.float32)) for part, (x, y) in CLOUDS.items()}
    targets = (TargetFacts("kind", "classification", ABC), TargetFacts("size", "regression"))
    rate = {"kind": "CosineDecay", "params": {"initial_learning_rate": 0.02}}
    spec = TrainSpec(epochs=12, optimizer_params={"learning_rate": rate}, probes="off")
    seen = trained(Graph(tuple(nodes), tuple(wires)), spec, parts, targets=targets)
    assert not seen.worries, told(seen)
    assert seen.watched.outputs
    assert seen.end["baseline"].severity == "good"


@pytest.mark.parametrize(("rate", "ill"), [(0.05, False), (3.0, True)])
def test_a_high_rate_that_works_is_left_in_peace_and_one_far_too_high_is_found(
    trained: Trained, rate: float, ill: bool
) -> None:
    spec = TrainSpec(epochs=12, optimizer_params={"learning_rate": rate}, probes="off")
    seen = trained(chain(RELU, ANSWER), spec, CLOUDS, classes=ABC)
    assert bool(seen.worries) == ill, told(seen)
    if ill:
        assert seen.worries & {"thrown", "jumping", "rising"}
        assert any("Learning rate" in r.title for found in seen.end.values() for r in found.remedies)


@pytest.mark.parametrize(("rate", "ill"), [(0.1, False), (1e4, True)])
def test_a_regression_that_beats_the_mean_is_left_in_peace_and_one_that_bursts_is_found(
    trained: Trained, rate: float, ill: bool
) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(400, 4)).astype(np.float32)
    y = (x @ np.array([1, -1, 0.5, 0], np.float32) + rng.normal(0, 0.3, 400)).astype(np.float32)
    parts = {"train": (x[:300], y[:300]), "validation": (x[300:], y[300:])}
    spec = TrainSpec(epochs=12, optimizer="SGD", optimizer_params={"learning_rate": rate}, probes="off")
    seen = trained(chain(("Dense", {"units": 1})), spec, parts)
    assert seen.worries == ({"nan"} if ill else set()), told(seen)
    assert np.isfinite(seen.watched.baseline.held_out)


def test_a_stack_of_sigmoids_that_learns_nothing_is_explained(trained: Trained) -> None:
    deep = (("Dense", {"units": 8, "activation": "sigmoid"}),) * 7
    seen = trained(chain(*deep, ANSWER), TrainSpec(epochs=8), CLOUDS, classes=ABC)
    assert seen.end["vanishing"].severity == "bad", told(seen)
    assert any("ReLU" in r.title for r in seen.end["vanishing"].remedies)
    blind = {f.key: f for f in examine(replace(seen.watched, probes=()))}["not_learning"]
    assert "7 layers of sigmoid or tanh" in blind.text
    assert "a look inside would show it" in blind.text
    assert blind.remedies[0].title == seen.end["vanishing"].remedies[0].title
