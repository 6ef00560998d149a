"""Model files opened: what comes back is what was saved; what is hostile runs nothing and is refused in words."""

from __future__ import annotations

import io
import json
import math
import os
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import pytest
from keras import layers

from tests.core.graphs import pictures, table
from tests.core.importing.test_network import GIVEN, layer, sequential
from workbench.core.catalog import load_catalog
from workbench.core.errors import Cancelled, WorkbenchError
from workbench.core.facts import DataFacts, InputFacts, TargetFacts
from workbench.core.importing.config import ModelFileError
from workbench.core.importing.fitted import fit_ends, wanted_picture
from workbench.core.importing.kinds import is_model
from workbench.core.importing.values import essential
from workbench.core.layout import arrange
from workbench.core.project import Graph, Group, Node, Project, TrainSpec, Wire
from workbench.core.script import keras_script
from workbench.core.structure import structure_problems
from workbench.core.templates import TEMPLATES, template, why_not
from workbench.engine.build import build_model
from workbench.engine.graph_check import check_graph
from workbench.engine.import_model import import_model
from workbench.engine.import_tfjs import tfjs
from workbench.engine.own_graph import embed
from workbench.engine.start_weights import put
from workbench.link.messages import ModelImported

# What Python tells of, whoever does it, when code is made, loaded or run, or the outside is reached.
ALARMING = ("exec", "compile", "marshal.loads", "pickle.find_class", "os.system", "os.exec", "os.posix_spawn",
            "subprocess.Popen", "socket.connect", "socket.getaddrinfo", "ctypes.dlopen", "code.__new__")  # fmt: skip
_seen: list[str] | None = None
assert tfjs  # what is imported on the way to a file must be there before one looks


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if _seen is not None and event in ALARMING:
        _seen.append(f"{event} {str(arguments)[:80]}")


sys.addaudithook(_hook)


@contextmanager
def nothing_runs() -> Iterator[None]:
    """Fails when any code is made or run, or anything outside is reached."""
    global _seen
    _seen = []
    try:
        yield
    finally:
        seen, _seen = _seen, None
    assert not seen


def opened(path: Path, weights: Path | None = None) -> ModelImported:
    return import_model(str(path), str(weights or ""), lambda *_: None)


def plain(graph: Graph) -> tuple[Any, ...]:
    """What two graphs have to have in common to be the same: all but places and what weights they start from."""

    names = {n.id: n.name for n in graph.nodes}
    catalog = load_catalog()
    nodes = [
        (n.name, n.kind, n.trainable, essential(n.kind, n.params, catalog) if n.kind != "Input" else {})
        for n in graph.nodes
    ]
    nodes.sort(key=lambda one: one[0])
    return nodes, sorted((names[w.source], names[w.target], w.port) for w in graph.wires)


def saved(graph: Graph, facts: DataFacts, path: Path) -> keras.Model:
    """The model of a graph with weights that no initializer draws, saved."""
    model = build_model(graph, facts, 3)
    draw = np.random.default_rng(0)
    for variable in model.weights:
        variable.assign(draw.uniform(0.1, 1.0, variable.shape))
    model.save(path)
    return model


def rich() -> tuple[Graph, DataFacts]:
    """A graph with what is hardest to bring back: inner layers, heads, merges, settings of all kinds, frozen layers."""
    facts = DataFacts("table", (InputFacts("x", "table", (8, 6)),), TargetFacts("y", "classification", tuple("abc")))
    l2 = {"kind": "L2", "params": {"l2": 0.25}}
    nodes = (
        Node("i", "Input", "given", {"binding": "x"}),
        Node(
            "b",
            "Bidirectional",
            "both_ways",
            {"layer": {"kind": "LSTM", "params": {"units": 4, "return_sequences": True}}},
        ),
        Node("m", "MultiHeadAttention", "attend", {"num_heads": 2, "key_dim": 3}),
        Node(
            "t", "TimeDistributed", "each", {"layer": {"kind": "Dense", "params": {"units": 8, "activation": "relu"}}}
        ),
        Node("a", "Add", "around"),
        Node("n", "BatchNormalization", "norm", {"momentum": 0.8}, trainable=False),
        Node("g", "GRU", "gru", {"units": 5, "dropout": 0.1}),
        Node("d", "Dense", "answer", {"units": 3, "activation": "softmax", "kernel_regularizer": l2}, trainable=False),
        Node("o", "Output", "output"),
    )
    wires = [("i", "b", 0), ("b", "m", 0), ("b", "m", 1), ("m", "t", 0), ("t", "a", 0), ("b", "a", 1), ("a", "n", 0)]
    wires += [("n", "g", 0), ("g", "d", 0), ("d", "o", 0)]
    return arrange(Graph(nodes, tuple(Wire(*w) for w in wires))), facts


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
@pytest.mark.filterwarnings("ignore")
def test_the_canvas_comes_back_with_names_settings_and_weights(tmp_path: Path, suffix: str):
    graph, facts = rich()
    model = saved(graph, facts, tmp_path / f"model{suffix}")
    found = opened(tmp_path / f"model{suffix}", tmp_path / "weights")
    assert not found.notes
    assert plain(found.graph) == plain(graph)
    again = build_model(fit_ends(found.graph, facts), facts, 9)
    assert put(again, found.graph, [tmp_path / "weights"]) == []
    x = np.random.default_rng(1).normal(size=(4, 8, 6)).astype(np.float32)
    np.testing.assert_array_equal(model(x), again(x))
    assert found.parameters == model.count_params()
    assert {n.weights.source for n in found.graph.nodes if n.weights} == {f"model{suffix}"}


@pytest.mark.parametrize("facts", [pictures(16, 16, 3), table(12, 2)])
def test_every_template_comes_back_equal(facts: DataFacts, tmp_path: Path):
    for entry in TEMPLATES:
        if entry.name in _BUILT_BY_KERAS or why_not(entry.name, facts):
            continue
        graph = template(entry.name, facts)
        build_model(graph, facts, 0).save(tmp_path / "one.keras")
        assert plain(opened(tmp_path / "one.keras").graph) == plain(graph)


_BUILT_BY_KERAS: tuple[str, ...] = ()


def test_a_file_of_ours_brings_groups_and_places_back(tmp_path: Path):
    graph, facts = rich()
    nodes = tuple(replace(n, group="g1") if n.id in "mta" else n for n in graph.nodes)
    drawn = replace(graph, nodes=nodes, groups=(Group("g1", "Encoder"),))
    saved(drawn, facts, tmp_path / "ours.keras")
    embed(tmp_path / "ours.keras", drawn)
    found = opened(tmp_path / "ours.keras", tmp_path / "weights").graph
    assert replace(found, nodes=tuple(replace(n, weights=None) for n in found.nodes)) == drawn
    assert all(n.weights for n in found.nodes if n.kind in ("Dense", "GRU", "MultiHeadAttention"))
    other = replace(drawn, nodes=tuple(replace(n, kind="Lambda", params={}) if n.id == "t" else n for n in drawn.nodes))
    saved(graph, facts, tmp_path / "lying.keras")
    embed(tmp_path / "lying.keras", other)  # the drawing hides what the model is: the model counts
    assert plain(opened(tmp_path / "lying.keras").graph) == plain(graph)


def test_the_script_of_an_opened_model_starts_from_its_weights(tmp_path: Path):
    import runpy

    facts = table(6, 3)
    graph = template("dense", facts)
    model = saved(graph, facts, tmp_path / "model.keras")
    found = fit_ends(opened(tmp_path / "model.keras", tmp_path / "weights").graph, facts)
    (tmp_path / "net.py").write_text(keras_script(Project(graph=found, train=TrainSpec(seed=5)), facts))
    script = runpy.run_path(str(tmp_path / "net.py"))
    keras.utils.set_random_seed(5)
    written = script["build_model"]()
    built = build_model(found, facts, 5)
    x = {t.name: np.ones((2, *t.shape[1:]), np.float32) for t in model.inputs}
    first = next(iter(x.values()))
    np.testing.assert_array_equal(written(x), built(first))  # the same seed, the same random start
    put(built, found, [tmp_path / "weights"])
    arrays = {f"{one.name}.{i}": w for one in built.layers for i, w in enumerate(one.get_weights())}
    np.savez(tmp_path / "net.start.npz", **arrays)
    script["start_from"](written, tmp_path / "net.start.npz")
    np.testing.assert_array_equal(written(x), model(first))


def test_what_no_longer_fits_starts_anew_and_says_so(tmp_path: Path):
    facts = table(6, 3)
    graph = template("dense", facts)
    saved(graph, facts, tmp_path / "model.keras")
    found = fit_ends(opened(tmp_path / "model.keras", tmp_path / "weights").graph, facts)
    last = next(n for n in found.nodes if n.params.get("activation") == "softmax")
    hidden = next(n for n in found.nodes if n.kind == "Dense" and n is not last)
    wider = replace(
        found, nodes=tuple(replace(n, params={**n.params, "units": 17}) if n is hidden else n for n in found.nodes)
    )
    facts_now = check_graph(wider, facts, TrainSpec())
    told = {p.node: p.message for p in facts_now.problems if "random weights" in p.message}
    assert hidden.id in told
    assert "model.keras" in told[hidden.id]
    assert "6 × 17 are needed" in told[hidden.id]
    assert facts_now.ready
    model = build_model(wider, facts, 0)
    left = put(model, wider, [tmp_path / "weights"])
    assert {n.id for n in left} == set(told)
    repaired = next(p for p in facts_now.problems if p.node == hidden.id).repairs[0].graph
    assert repaired.node(hidden.id).weights is None
    with pytest.raises(WorkbenchError, match="not in this project"):
        put(build_model(found, facts, 0), found, [tmp_path / "elsewhere"])


def test_frozen_layers_are_counted_and_built_frozen():
    facts = table(6, 3)
    graph = template("dense", facts)
    frozen = replace(
        graph, nodes=tuple(replace(n, trainable=n.params.get("activation") == "softmax") for n in graph.nodes)
    )
    all_of_it, rest = check_graph(graph, facts, TrainSpec()), check_graph(frozen, facts, TrainSpec())
    assert rest.parameters == all_of_it.parameters
    assert 0 < rest.trainable < all_of_it.trainable
    assert len(build_model(frozen, facts, 0).trainable_weights) == 2
    assert "trainable=False" in keras_script(Project(graph=frozen), facts)


def test_shapes_are_known_from_the_file_alone(tmp_path: Path):
    facts = pictures(16, 16, 3)
    build_model(template("cnn", facts), facts, 0).save(tmp_path / "cnn.keras")
    found = opened(tmp_path / "cnn.keras").graph
    known = check_graph(found, None, TrainSpec())
    assert all(n.id in known.nodes for n in found.nodes)
    assert known.parameters == check_graph(fit_ends(found, facts), facts, TrainSpec()).parameters
    wanted = wanted_picture(found)
    assert wanted is not None
    assert (wanted.height, wanted.width, wanted.channels) == (16, 16, 3)


@pytest.mark.parametrize("name", ["MobileNetV3Small"])
def test_networks_of_keras_applications_answer_as_they_did(name: str, tmp_path: Path):
    model = getattr(keras.applications, name)(weights=None, classes=3, input_shape=(32, 32, 3))
    draw = np.random.default_rng(0)
    for variable in model.weights:
        low = 0.5 if "variance" in variable.name else -0.1
        variable.assign(draw.uniform(low, low + 0.3, variable.shape))
    model.save(tmp_path / "net.keras")
    found = opened(tmp_path / "net.keras", tmp_path / "weights")
    facts = pictures(32, 32, 3, 3)
    assert not structure_problems(found.graph)
    again = build_model(fit_ends(found.graph, facts), facts, 0)
    assert put(again, found.graph, [tmp_path / "weights"]) == []
    x = draw.uniform(0, 255, (2, 32, 32, 3)).astype(np.float32)
    np.testing.assert_array_equal(model(x), again(x))


def test_a_nested_network_is_flattened_with_its_weights_and_what_was_frozen(tmp_path: Path):
    base = keras.Sequential(
        [keras.Input((8, 8, 3)), layers.Conv2D(4, 3, name="conv"), layers.BatchNormalization(name="norm")]
    )
    base.trainable = False
    model = keras.Sequential([keras.Input((8, 8, 3)), base, layers.Flatten(), layers.Dense(3, name="answer")])
    facts = pictures(8, 8, 3, 3)
    x = np.random.default_rng(0).normal(size=(2, 8, 8, 3)).astype(np.float32)
    for name in ("net.keras", "net.h5"):
        with_warnings(lambda name=name: model.save(tmp_path / name))
        found = opened(tmp_path / name, tmp_path / "weights").graph
        assert [n.name for n in found.nodes if not n.trainable] == ["conv", "norm"]
        assert len(found.groups) == 1
        again = build_model(fit_ends(found, facts), facts, 0)
        assert put(again, found, [tmp_path / "weights"]) == []
        np.testing.assert_array_equal(model(x), again(x))


def with_warnings(call: Callable[[], object]) -> None:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        call()


def test_a_model_whose_reading_is_given_up_leaves_nothing(tmp_path: Path):
    facts = table(6, 3)
    saved(template("dense", facts), facts, tmp_path / "model.keras")

    def say(done: float, total: float, text: str) -> None:
        if done >= 1:
            raise Cancelled

    with pytest.raises(Cancelled):
        import_model(str(tmp_path / "model.keras"), str(tmp_path / "weights"), say)
    assert list((tmp_path / "weights").iterdir()) == []


# ---- hostile files -------------------------------------------------------------------------------------------


def archive(path: Path, config: Any, *more: tuple[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("metadata.json", json.dumps({"keras_version": "3.15.1"}))
        made.writestr("config.json", config if isinstance(config, (str, bytes)) else json.dumps(config))
        for name, data in more:
            made.writestr(name, data)
    return path


def code(folder: Path) -> Any:
    """What Keras stores of a function: its bytecode. This one would write a file."""
    import base64
    import marshal

    made = compile(f"open({str(folder / 'canary')!r}, 'w')", "x", "exec")
    return {
        "class_name": "__lambda__",
        "config": {"code": base64.b64encode(marshal.dumps(made)).decode(), "defaults": None},
    }


def hostile_layers(folder: Path) -> list[dict[str, Any]]:
    write = {"module": "builtins", "class_name": "function", "config": "open", "registered_name": "function"}
    fetch = {"module": "keras.utils", "class_name": "function", "config": "get_file", "registered_name": "get_file"}
    lam = code(folder)
    return [
        layer("Lambda", "l", function=lam, arguments={}),
        layer("Lambda", "l", function=fetch, arguments={"fname": "x", "origin": f"file://{folder}"}),
        layer("Dense", "l", units=2, activation=lam),
        layer("Dense", "l", units=2, activation=write),
        layer("Dense", "l", units=2, kernel_initializer=lam),
        layer(
            "Dense", "l", units=2, kernel_regularizer={"module": "os", "class_name": "system", "config": "touch canary"}
        ),
        layer("system", "l", "os", command=f"touch {folder / 'canary'}"),
        layer("Popen", "l", "subprocess", args=["touch", str(folder / "canary")]),
        layer("TFSMLayer", "l", filepath=str(folder)),
        layer("StringLookup", "l", vocabulary="/etc/passwd"),
        layer("RNN", "l", cell=layer("Custom", "c", "os", function=lam)),
        layer("Bidirectional", "l", layer=layer("Lambda", "x", function=lam)),
        layer("TimeDistributed", "l", layer={"class_name": "Popen", "module": "subprocess", "config": {"args": "ls"}}),
        layer("Dense", "l", units=2, dtype={"module": "os", "class_name": "system", "config": {"name": "ls"}}),
        layer("Dense", "l", units=1_500_000_000),
        layer("__import__('os').system('touch canary')", "x'); import os #", "keras.layers"),
        layer("Dense", "l", units=2, name="x\n__import__('os')\n"),
    ]


def test_nothing_in_a_configuration_runs(tmp_path: Path):
    opened(archive(tmp_path / "warm.keras", sequential(GIVEN)))
    for number, one in enumerate(hostile_layers(tmp_path)):
        path = archive(tmp_path / f"{number}.keras", sequential(GIVEN, one, layer("Dense", "end", units=2)))
        with nothing_runs():
            found = opened(path, tmp_path / "weights")
        problems = structure_problems(found.graph)
        stopped = found.unknown or "not kept" in " ".join(found.notes)
        assert stopped or one["config"].get("units") or one["class_name"] == "Dense", one
        assert all(n.name.isidentifier() for n in found.graph.nodes)
        assert bool(found.unknown) == any(p.severity == "error" for p in problems)
    assert not (tmp_path / "canary").exists()


def bomb() -> bytes:
    return b'{"a": "' + b"x" * (20 << 20) + b'"}'


def test_archives_that_are_no_model_files_are_refused(tmp_path: Path):
    good = json.dumps(sequential(GIVEN, layer("Dense", "d", units=2)))
    with_warnings(lambda: archive(tmp_path / "twice.keras", good, ("config.json", good.encode())))
    archive(tmp_path / "bomb.keras", bomb())
    archive(tmp_path / "deep.keras", "[" * 5000 + "]" * 5000)
    archive(tmp_path / "outside.keras", good, ("../../evil.txt", b"x"))
    archive(tmp_path / "weights_are_text.keras", good, ("model.weights.h5", b"not HDF5 at all"))
    (tmp_path / "cut.keras").write_bytes((tmp_path / "twice.keras").read_bytes()[:200])
    (tmp_path / "empty.keras").write_bytes(b"")
    (tmp_path / "text.keras").write_text("hello")
    (tmp_path / "numbers.json").write_text("[1, 2, 3]")
    (tmp_path / "broken.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + b"\0" * 100)
    for path in sorted(tmp_path.iterdir()):
        with nothing_runs(), pytest.raises(ModelFileError) as refused:
            opened(path, tmp_path / "weights")
        assert refused.value.what.endswith(".")
        assert refused.value.where.startswith(path.name)
    assert not (tmp_path.parent / "evil.txt").exists()
    with pytest.raises(ModelFileError, match="no such file"):
        opened(tmp_path / "gone.keras")


def weights_file(fill: Callable[[h5py.Group], None]) -> bytes:
    data = io.BytesIO()
    with h5py.File(data, "w") as file:
        fill(file.create_group("layers/dense/vars"))
    return data.getvalue()


def test_weights_are_numbers_of_the_file_itself(tmp_path: Path):
    config = sequential(GIVEN, layer("Dense", "d", units=2))
    secret = tmp_path / "secret.h5"
    with h5py.File(secret, "w") as file:
        file["secret"] = np.ones((4, 2), np.float32)
    (tmp_path / "raw.bin").write_bytes(b"\1" * 32)

    def external_link(group: h5py.Group) -> None:
        group["0"] = h5py.ExternalLink(str(secret), "/secret")
        group["1"] = h5py.SoftLink("/somewhere")

    def external_data(group: h5py.Group) -> None:
        group.create_dataset("0", (4, 2), "f4", external=[(str(tmp_path / "raw.bin"), 0, 32)])

    def virtual(group: h5py.Group) -> None:
        layout = h5py.VirtualLayout((4, 2), "f4")
        layout[:] = h5py.VirtualSource(str(secret), "secret", (4, 2))
        group.create_virtual_dataset("0", layout)

    def objects(group: h5py.Group) -> None:
        group.create_dataset("0", data=np.array(["a", "b"], dtype=h5py.string_dtype()))

    def huge(group: h5py.Group) -> None:
        group.create_dataset("0", (1 << 20, 1 << 20), "f4")  # not written: zeros, in a few bytes

    for name, fill in (("data", external_data), ("virtual", virtual), ("objects", objects), ("huge", huge)):
        path = archive(tmp_path / f"{name}.keras", config, ("model.weights.h5", weights_file(fill)))
        with nothing_runs(), pytest.raises(ModelFileError):
            opened(path, tmp_path / "weights")
    path = archive(tmp_path / "links.keras", config, ("model.weights.h5", weights_file(external_link)))
    with nothing_runs():
        found = opened(path, tmp_path / "weights")
    assert not any(n.weights for n in found.graph.nodes)


def test_weights_in_the_project_are_read_without_pickles(tmp_path: Path):
    facts = table(6, 3)
    graph = template("dense", facts)
    saved(graph, facts, tmp_path / "model.keras")
    found = fit_ends(opened(tmp_path / "model.keras", tmp_path / "weights").graph, facts)
    (file,) = (tmp_path / "weights").iterdir()
    first = next(n.weights for n in found.nodes if n.weights)
    evil = {f"{first.key}/{p}": np.array([print], dtype=object) for p in first.shapes}
    file.unlink()
    np.savez(file.with_suffix(""), **evil, allow_pickle=True)
    with pytest.raises(WorkbenchError, match="damaged"):
        put(build_model(found, facts, 0), found, [tmp_path / "weights"])
    outside = replace(found, nodes=tuple(
        replace(n, weights=replace(n.weights, file="../../../model.npz")) if n.weights else n for n in found.nodes
    ))  # fmt: skip
    with pytest.raises(WorkbenchError, match="not in this project"):
        put(build_model(outside, facts, 0), outside, [tmp_path / "weights"])


# ---- files of others -----------------------------------------------------------------------------------------

NOT_MODELS = ("inputs_and_outputs", "_weights.h5", "tokenizer")


def test_every_file_of_others_opens_or_is_refused_for_a_reason(real_data: Path, tmp_path: Path):
    files = [p for p in sorted((real_data / "models").rglob("*")) if p.is_file()]
    if not files:
        pytest.skip("there are no model files")
    opened(archive(tmp_path / "warm.keras", sequential(GIVEN, layer("Dense", "d", units=2))))
    count = 0
    for path in files:
        if any(part in path.name for part in NOT_MODELS):
            with nothing_runs(), pytest.raises(ModelFileError) as refused:
                opened(path)
            assert refused.value.remedy
            continue
        assert is_model(path), path
        with nothing_runs():
            found = opened(path, tmp_path / "weights")
        errors = [
            p for p in structure_problems(found.graph) if p.severity == "error" and "Only one Output" not in p.message
        ]
        assert {p.node for p in errors} <= set(found.unknown), path
        assert all(p.repairs for p in errors)
        if path.suffix == ".h5" and not found.unknown and "channels first" not in " ".join(found.notes):
            assert found.with_weights, path
        count += 1
    assert count > 80


def test_weights_of_others_fit_their_layers(real_data: Path, tmp_path: Path):
    """Of files of Keras 1.1 to 3.13, by Keras' own shapes."""
    root = real_data / "models"
    if not root.is_dir():
        pytest.skip("there are no model files")
    names = ("lstm_tf_model.h5", "bidirectional_lstm_tensorflow_1.h5", "embedding_conv1d_extended_tensorflow_2.h5",
             "conv2d_tensorflow_1.h5", "sepconv2d_tensorflow_2.h5", "elephas_model.h5", "best_RNN_model_v1.keras",
             "best_cnn_model_v1.keras", "tiny-image-model.zip", "best_model.keras",
             "java_param_averaging_model.h5")  # fmt: skip
    tried = 0
    for path in sorted(p for p in root.rglob("*") if p.name in names):
        found = opened(path, tmp_path / "weights")
        known = check_graph(found.graph, None, TrainSpec())
        misfit = [p.message for p in known.problems if "random weights" in p.message]
        assert not misfit, (path, misfit)
        held = sum(math.prod(s) for n in found.graph.nodes if n.weights for s in n.weights.shapes.values())
        assert held == known.parameters or known.parameters == 0, path
        tried += 1
    assert tried >= 10


def test_a_run_starts_from_the_weights_and_leaves_frozen_layers_alone(tmp_path: Path):
    from tests.engine.little_runs import blobs, make_run
    from workbench.engine.checkpoints import load_model
    from workbench.engine.control import RunControl
    from workbench.engine.trainer import train

    data = DataFacts("table", (InputFacts("x", "table", (2,)),), TargetFacts("y", "classification", tuple("abc")), {})
    model = saved(template("dense", data), data, tmp_path / "theirs.keras")
    project = tmp_path / "project"
    found = fit_ends(opened(tmp_path / "theirs.keras", project / "weights").graph, data)
    dense = [n for n in found.nodes if n.kind == "Dense"]
    frozen = replace(found, nodes=tuple(replace(n, trainable=n is dense[-1]) if n in dense else n for n in found.nodes))
    folder = make_run(project, frozen, TrainSpec(epochs=2), {"train": blobs(96)}, classes=tuple("abc"))
    said: list[Any] = []
    assert train(folder, said.append, RunControl()).reason == "finished"
    trained = load_model(folder, "last")
    for node in dense:
        before, after = model.get_layer(node.name).get_weights(), trained.get_layer(node.name).get_weights()
        same = all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))
        assert same == (node is not dense[-1])


def test_damage_anywhere_in_an_archive_is_said_in_words(tmp_path):
    data = io.BytesIO()
    with h5py.File(data, "w") as file:
        file.create_dataset("layers/dense/vars/0", data=np.zeros((4, 3), "f4"))
    path = tmp_path / "m.keras"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", json.dumps(sequential(GIVEN, layer("Dense", "d", units=3))))
        archive.writestr("model.weights.h5", data.getvalue())
    sound = path.read_bytes()
    rng = np.random.default_rng(3)
    told = 0
    for at in rng.integers(0, len(sound), 150).tolist():
        path.write_bytes(sound[:at] + bytes([sound[at] ^ 0x5A]) + sound[at + 1 :])
        try:
            import_model(str(path), "", lambda *_: None)
        except WorkbenchError:
            told += 1
    assert told > 50


@pytest.mark.parametrize("at", [8, 13, 64, 96, 130])
def test_damage_in_the_arrays_is_said_in_words(tmp_path, at):
    path = tmp_path / "m.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("layers/dense/vars/0", data=np.zeros((4, 3), "f4"))
    sound = path.read_bytes()
    path.write_bytes(sound[:at] + b"\xff" * 8 + sound[at + 8 :])
    with pytest.raises(ModelFileError):
        import_model(str(path), "", lambda *_: None)


def test_a_string_that_never_ends_takes_no_longer_than_its_length(tmp_path):
    path = tmp_path / "m.json"
    path.write_text('{"' + '\\"' * 1_000_000)
    with pytest.raises(ModelFileError, match="no valid JSON"):
        import_model(str(path), "", lambda *_: None)


def test_a_pipe_is_no_model(tmp_path):
    os.mkfifo(tmp_path / "m.keras")
    with pytest.raises(ModelFileError, match="no file that can be opened"):
        import_model(str(tmp_path / "m.keras"), "", lambda *_: None)
