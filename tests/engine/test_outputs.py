"""Several targets, an Output each: the losses of plain Keras, figures by output, answers side by side, exact resume."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from sklearn.metrics import f1_score

from workbench.core import runs
from workbench.core.data.external import prepare_external
from workbench.core.data.prepared import prepare
from workbench.core.data.preprocess import Preprocessor
from workbench.core.facts import DataFacts, InputFacts, TargetFacts
from workbench.core.history import History
from workbench.core.project import EarlyStopping, Graph, Node, TrainSpec, Wire
from workbench.core.templates import TEMPLATES, suggest_template, template, why_not
from workbench.core.wiring import with_params
from workbench.engine import assemble, checkpoints, devices, range_test, sweep, trainer
from workbench.engine.checkpoints import load_weights
from workbench.engine.control import RunControl
from workbench.engine.evaluate import evaluate
from workbench.engine.forecast import forecast
from workbench.engine.graph_check import check_graph
from workbench.engine.predict import Predictors
from workbench.engine.shuffle import epoch_order
from workbench.link.messages import Batches, EpochEnded, Probed, TryRates

from ..core.data.tables import table
from ..core.data.test_targets import both, houses
from .little_runs import make_run, train

pytestmark = pytest.mark.usefixtures("kept_built")
KIND = TargetFacts("kind", "classification", ("a", "b", "c"))
PRICE = TargetFacts("price", "regression", (), 250.0, 1000.0)
SOLD = TargetFacts("sold", "classification", ("no", "yes"))
TARGETS = (KIND, PRICE, SOLD)
FACTS = DataFacts("table", (InputFacts("x", "table", (2,)),), KIND, {"train": 101}, more=(PRICE, SOLD))


def heads(**params: Any) -> Graph:
    """Two inputs, a hidden layer with dropout, an answer for each target. params: of the Outputs, by name."""
    nodes = [
        Node("in", "Input", "given", {"binding": "x"}),
        Node("h", "Dense", "hidden", {"units": 6, "activation": "relu"}),
        Node("d", "Dropout", "drop", {"rate": 0.2}),
    ]
    wires = [Wire("in", "h"), Wire("h", "d")]
    for target, own in ((SOLD, {"units": 1, "activation": "sigmoid"}), (PRICE, {"units": 1}), (KIND, {"units": 3})):
        name = target.name
        if name == "kind":
            own = {**own, "activation": "softmax"}
        nodes.append(Node(f"{name}_d", "Dense", f"{name}_dense", own))
        nodes.append(Node(f"{name}_o", "Output", name, {"target": name, **params.get(name, {})}))
        wires += [Wire("d", f"{name}_d"), Wire(f"{name}_d", f"{name}_o")]
    return Graph(tuple(nodes), tuple(wires))


def fed_by(end: str, source: str) -> Graph:
    graph = heads()
    return replace(graph, wires=tuple(replace(w, source=source) if w.target == end else w for w in graph.wires))


GRAPH = heads(price={"loss": "huber", "loss_weight": 0.25, "loss_params": {"delta": 0.5}}, kind={"loss_weight": 2.0})


def points(rows: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """x float32 (rows, 2); y float32 (rows, 3): class of three, scaled price, class of two."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, 2)).astype(np.float32)
    kind = (x[:, 0] > 0.4).astype(int) + (x[:, 1] > 0)
    y = np.stack([kind, x.sum(1), x[:, 0] * x[:, 1] > 0], 1).astype(np.float32)
    return x, y


BALANCE = (0.5, 1.0, 2.0)
EARLY = EarlyStopping(True, "val_kind_accuracy", 5)
PARTS = {"train": points(101), "validation": points(45, 1), "test": points(32, 2)}


@pytest.fixture(scope="module", autouse=True)
def _tensorflow() -> None:
    devices.setup()


def run_of(folder: Path, graph: Graph = GRAPH, balance: tuple[float, ...] = (), **settings: Any) -> Path:
    targets = (replace(KIND, class_weights=balance), PRICE, SOLD)
    return make_run(folder, graph, TrainSpec(epochs=3, seed=3, **settings), PARTS, targets=targets)


def of_keras(y: np.ndarray) -> dict[str, np.ndarray]:
    return {"kind": y[:, 0].astype(np.int32), "price": y[:, 1:2], "sold": y[:, 2:3]}


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Any]]:
    folder = run_of(tmp_path_factory.mktemp("run"), balance=BALANCE)
    return folder, train(folder)


def assembled(folder: Path) -> assemble.Assembled:
    project, facts = runs.read_project(folder), runs.read_facts(folder)
    return assemble.assemble(project.graph, facts, project.train, "", ())


def test_losses_are_those_of_plain_keras(trained: tuple[Path, list[Any]]):
    """fit with the same dicts of losses, weights and sample weights, in the same order of the rows."""
    folder, told = trained
    model = assembled(folder).model
    x, y = PARTS["train"]
    counts = {"kind": np.array((0.5, 1.0, 2.0), np.float32)[y[:, 0].astype(int)]}
    counts |= {name: np.ones(len(y), np.float32) for name in ("price", "sold")}
    said = [m.logs for m in told if isinstance(m, EpochEnded)]
    assert len(said) == 3
    for epoch, logs in enumerate(said):
        order = epoch_order(3, epoch, len(y))
        plain = model.fit(
            x[order],
            {name: part[order] for name, part in of_keras(y).items()},
            sample_weight={name: w[order] for name, w in counts.items()},
            batch_size=32,
            shuffle=False,
            verbose=0,
            validation_data=(PARTS["validation"][0], of_keras(PARTS["validation"][1])),
            validation_batch_size=45,
        ).history
        for name in ("loss", "kind_accuracy", "sold_accuracy", "val_loss", "val_kind_loss", "val_sold_loss"):
            assert logs[name] == pytest.approx(plain[name][0], rel=2e-5), name
        assert logs["val_price_mean_absolute_error"] == pytest.approx(
            250.0 * plain["val_price_mean_absolute_error"][0], rel=2e-5
        )
    assert set(said[0]) >= {"kind_loss", "price_loss", "sold_loss", "price_mean_absolute_error"}


@pytest.fixture(scope="module")
def by_steps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The same run, an epoch at a time; best by the accuracy of one output. Others in its module go the same way."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sweep, "suits", lambda *_: False)
        folder = run_of(tmp_path_factory.mktemp("steps"), balance=BALANCE, early_stopping=EARLY)
        train(folder)
        yield folder


def test_it_comes_to_the_same_by_steps_streamed_and_swept(
    trained: tuple[Path, list[Any]], by_steps: Path, tmp_path: Path
):
    swept = History.load(trained[0] / "history.npz").batches["loss"]
    streamed = run_of(tmp_path, balance=BALANCE)
    train(streamed, streamed=True)
    for folder in (by_steps, streamed):
        assert np.allclose(History.load(folder / "history.npz").batches["loss"], swept, rtol=1e-5)


def test_typed_class_weights_are_of_the_first_output_that_has_classes():
    """A row of each class then counts as the features' weights do in the comparison with Keras above."""
    facts = replace(FACTS, target=PRICE, more=(replace(KIND, class_weights=BALANCE), SOLD))
    made = assemble.assemble(GRAPH, facts, TrainSpec(class_weights={"c": 4.0}), "", ())
    assert {one.name: one.class_weights for one in made.encoding.several} == {
        "price": (),
        "kind": (0.5, 1.0, 4.0),
        "sold": (),
    }


def test_scores_and_answers_are_those_of_keras(trained: tuple[Path, list[Any]]):
    folder, _ = trained
    found = evaluate(folder, "test", "", RunControl())
    model = checkpoints.load_model(folder)
    x, y = PARTS["test"]
    raw = {name: np.asarray(answer) for name, answer in model(x, training=False).items()}
    assert np.allclose(found.y, np.hstack([raw["kind"], raw["price"], 1.0 - raw["sold"], raw["sold"]]), atol=1e-6)
    assert found.y.shape == (32, 3 + 1 + 2)
    assert np.array_equal(found.y, Predictors().of_run(folder).predict({"x": x}))
    fresh = assembled(folder).model
    checkpoints.assign(fresh.variables, load_weights(folder), folder)
    plain = fresh.evaluate(x, of_keras(y), batch_size=32, verbose=0, return_dict=True)
    for name in ("loss", "kind_loss", "price_loss", "sold_loss", "kind_accuracy", "sold_accuracy"):
        assert found.metrics[name] == pytest.approx(plain[name], rel=1e-5), name
    assert found.metrics["price_mean_absolute_error"] == pytest.approx(
        250 * plain["price_mean_absolute_error"], rel=1e-5
    )
    kind, price, sold = Preprocessor("table", target=KIND, more=(PRICE, SOLD)).answers(found.y)
    assert kind.labels == tuple("abc"[i] for i in raw["kind"].argmax(1))
    assert np.allclose(price.values, raw["price"][:, 0] * 250 + 1000)
    assert [s == "yes" for s in sold.labels] == [p > 0.5 for p in raw["sold"][:, 0]]
    scores = runs.read_run(folder).scores
    assert scores["test.kind_accuracy"] == pytest.approx(found.metrics["kind_accuracy"])


def test_a_run_stopped_and_gone_on_with_ends_as_one_left_alone(by_steps: Path, tmp_path: Path):
    parted = run_of(tmp_path, balance=BALANCE, early_stopping=EARLY)
    control = RunControl()
    trainer.train(parted, lambda message: control.end("stop") if isinstance(message, Batches) else None, control)
    assert runs.read_run(parted).state == "stopped"
    train(parted, resume=True)
    for a, b in zip(load_weights(by_steps), load_weights(parted), strict=True):
        assert np.array_equal(a, b)
    mine, other = (History.load(f / "history.npz") for f in (by_steps, parted))
    for name in mine.epochs.names:
        assert np.array_equal(mine.epochs[name], other.epochs[name]), name
    assert runs.read_run(by_steps).best_epoch == int(np.argmax(mine.epochs["val_kind_accuracy"]))


def test_settings_of_a_metric_are_those_of_its_output_alone():
    strict = {"metrics": ["binary_accuracy"], "metric_params": {"binary_accuracy": {"threshold": 0.9}}}
    twos = {"metrics": ["top_k_categorical_accuracy"], "metric_params": {"top_k_categorical_accuracy": {"k": 2}}}
    shared = TrainSpec(metric_params={"binary_accuracy": {"threshold": 0.1}})  # of the only output there once was
    found = check_graph(heads(kind=twos, sold=strict), FACTS, shared)
    assert found.ready
    settings = {
        o.name: [m.get_config() for m in assemble._each(list(found.outputs))["metrics"][o.name] if m != "accuracy"]
        for o in found.outputs
    }
    assert settings["sold"][0]["threshold"] == 0.9
    assert settings["kind"][0]["k"] == 2
    wrong = check_graph(heads(sold={"metric_params": ["threshold"]}), FACTS, TrainSpec())
    assert [p.node for p in wrong.problems if "metric_params cannot be" in p.message] == ["sold_o"]


def test_f1_of_the_classes_of_one_output_is_that_of_keras_on_one_hot_targets():
    graph = heads(kind={"metrics": ["f1_score", "auc"]}, sold={"metrics": ["f1_score"]})
    model = assemble.assemble(graph, FACTS, TrainSpec(seed=3), "", ()).model
    x, y = PARTS["train"]
    said = model.evaluate(x, of_keras(y), batch_size=32, verbose=0, return_dict=True)
    answers, truth = model(x), y[:, 0].astype(int)
    assert said["kind_f1_score"] == pytest.approx(f1_score(truth, np.argmax(answers["kind"], 1), average="macro"))
    assert said["sold_f1_score"] == pytest.approx(f1_score(y[:, 2], np.ravel(answers["sold"]) > 0.5))
    area = keras.metrics.AUC()
    area.update_state(np.eye(3)[truth], answers["kind"])
    assert said["kind_auc"] == pytest.approx(float(area.result()), rel=1e-6)


def test_the_check_tells_each_output_what_it_learns():
    found = check_graph(GRAPH, FACTS, TrainSpec())
    assert [p.message for p in found.problems if p.severity == "error"] == []
    assert [(o.name, o.loss, o.loss_weight, o.metrics) for o in found.outputs] == [
        ("kind", "sparse_categorical_crossentropy", 2.0, ("accuracy",)),
        ("price", "huber", 0.25, ("mean_absolute_error",)),
        ("sold", "binary_crossentropy", 1.0, ("accuracy",)),
    ]


@pytest.mark.parametrize(
    ("graph", "node", "words"),
    [
        (with_params(heads(), "kind_d", units=5), "kind_d", '"kind": The output has 5 units'),
        (with_params(heads(), "sold_d", activation="relu"), "sold_d", '"sold": One unit for two classes needs sigmoid'),
        (heads(price={"loss": "binary_crossentropy"}), "price_o", '"price": binary_crossentropy compares classes'),
        (heads(sold={"metrics": ["mean_absolute_erro"]}), "sold_o", "no metric called"),
        (heads(kind={"loss": "fairness"}), "kind_o", "no loss called"),
        (heads(kind={"metrics": ["true_positives"]}), "kind_o", '"kind": true_positives is for one output unit'),
        (heads(kind={"target": "price"}, price={"target": "kind"}), "kind_d", '"price": The output has 3 units'),
        (fed_by("price_o", "d"), "d", '"price": The output has 6 units'),
        (fed_by("price_o", "kind_d"), "kind_d", '"price": The output has 3 units'),
    ],
)
def test_what_does_not_fit_is_told_at_its_output_with_a_repair_that_builds(graph: Graph, node: str, words: str):
    found = [p for p in check_graph(graph, FACTS, TrainSpec()).problems if words in p.message]
    assert [p.node for p in found] == [node]
    mended = found[0].repairs[0].graph
    assert check_graph(mended, FACTS, TrainSpec()).ready
    assert assemble.assemble(mended, FACTS, TrainSpec(), "", ()).model.count_params()


def test_a_target_nobody_predicts_gets_a_head_that_builds():
    bare = Graph(
        tuple(n for n in heads().nodes if not n.id.startswith(("price", "sold"))),
        tuple(w for w in heads().wires if not w.target.startswith(("price", "sold"))),
    )
    graph = bare
    for _ in range(2):
        problem = next(p for p in check_graph(graph, FACTS, TrainSpec()).problems if "Nothing predicts" in p.message)
        graph = problem.repairs[0].graph
    found = check_graph(graph, FACTS, TrainSpec())
    assert found.ready
    assert [o.target for o in found.outputs] == ["kind", "price", "sold"]


def test_rates_are_tried_and_the_time_is_foretold(trained: tuple[Path, list[Any]]):
    folder, _ = trained
    project, facts, record = runs.read_project(folder), runs.read_facts(folder), runs.read_run(folder)
    assert forecast(project.graph, facts, project.train).step_seconds > 0
    tried = range_test.try_rates(TryRates(project.graph, facts, project.train, record.prepared), RunControl())
    assert len(tried.rates) > 10
    assert np.isfinite(tried.losses).all()


def test_the_doctor_looks_inside(trained: tuple[Path, list[Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("workbench.engine.probe.SHARE", 1e9)
    told = train(run_of(tmp_path))
    looks = [m for m in told if isinstance(m, Probed)]
    assert looks
    assert {"hidden", "kind_dense", "price_dense", "sold_dense"} <= set(looks[-1].layers)
    assert looks[-1].predicted.sum() == looks[-1].actual.sum() == 2 * 45  # of each target with classes
    assert len(looks[-1].actual) == 3 + 2


def test_from_a_table_to_answers_and_scores_on_another(tmp_path: Path):
    """Every template that a table can start from answers both targets; the one proposed is trained."""
    frame = houses(300)
    prepared = prepare(both(), table(frame), None, tmp_path / "cache")
    facts = prepared.facts
    for name in (t.name for t in TEMPLATES if not why_not(t.name, facts)):
        assert check_graph(template(name, facts), facts, TrainSpec()).ready, name
    graph = template(suggest_template(facts), facts)
    project = replace(both(), graph=graph, train=TrainSpec(epochs=30, optimizer_params={"learning_rate": 0.02}))
    folder = runs.create_run(tmp_path / "runs", project, facts, prepared.preprocessor.to_json(), prepared.folder)
    train(folder)
    assert runs.read_run(folder).outputs == {"kind": "kind", "price": "price"}
    other = prepare_external(prepared.preprocessor, table(houses(80, seed=9)), tmp_path / "cache")
    found = evaluate(folder, "test", str(other.folder), RunControl())
    kind, price = prepared.preprocessor.answers(found.y)
    truth = other.preprocessor.truths(other.part("test").y)
    assert np.mean(kind.indices == truth[0]) == pytest.approx(found.metrics["kind_accuracy"])
    assert found.metrics["kind_accuracy"] > 0.9
    wanted = truth[1][:, 0] * facts.targets[1].scale + facts.targets[1].offset
    errors = np.abs(price.values - wanted)
    assert errors.mean() == pytest.approx(found.metrics["price_mean_absolute_error"], rel=1e-4)
    assert errors.mean() < 0.5 * np.abs(wanted - wanted.mean()).mean()


@pytest.mark.slow
@pytest.mark.parametrize("settings", [{"compiler": "on"}, {"precision": "mixed_bfloat16"}])
def test_it_trains_in_every_way_of_computing(tmp_path: Path, settings: dict[str, Any]):
    folder = run_of(tmp_path, **settings)
    train(folder)
    record = runs.read_run(folder)
    assert record.state == "finished"
    assert record.loss.startswith("kind: sparse_categorical_crossentropy × 2, price: huber × 0.25, sold:")
