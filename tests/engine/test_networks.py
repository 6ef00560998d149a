"""Networks of keras.applications on the canvas: sized to the data, weights from a file, frozen or not."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from tests.core.graphs import pictures, table
from workbench.core.applications import NETWORKS, cached, is_network, network, pixel_scaling, why_not
from workbench.core.errors import GraphError
from workbench.core.facts import InputFacts
from workbench.core.importing.config import ModelFileError
from workbench.core.project import TrainSpec
from workbench.engine.build import build_model
from workbench.engine.graph_check import check_graph
from workbench.engine.import_network import make_network
from workbench.engine.start_weights import put


def nothing(done: float, total: float, text: str) -> None: ...


def test_every_network_of_keras_is_there_and_found_by_any_spelling():
    there = {n for n in dir(keras.applications) if n[0].isupper()}
    assert {n.keras for n in NETWORKS} == there
    assert network("ResNet-50") is network("resnet50")
    assert is_network("efficientnet_b0")
    assert not is_network("cnn")
    with pytest.raises(GraphError, match="no network"):
        network("resnet5000")
    assert "no pictures" not in why_not(pictures(32, 32, 3))
    assert why_not(table(4, 2))
    assert why_not(None)


def test_without_a_file_it_starts_from_random_weights_and_says_so(tmp_path: Path):
    data = pictures(28, 28, 1, 3)
    found = make_network("mobilenetv3small", data, str(tmp_path), "", True, nothing)
    assert any("random" in note for note in found.notes)
    assert any("enlarged" in note for note in found.notes)
    assert all(n.trainable and n.weights is None for n in found.graph.nodes)
    known = check_graph(found.graph, data, TrainSpec())
    assert known.ready, known.problems
    assert not list(tmp_path.iterdir())
    assert [g.name for g in found.graph.groups] == ["MobileNet V3 small"]


def test_weights_of_a_file_are_taken_frozen_and_give_what_keras_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    source = keras.applications.VGG16(include_top=False, weights=None, input_shape=(96, 96, 3))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    place = tmp_path / "keras" / "models" / network("vgg16").file
    place.parent.mkdir(parents=True)
    source.save_weights(tmp_path / "own.weights.h5")
    (tmp_path / "own.weights.h5").rename(place)
    assert cached(network("vgg16")) == place
    data = pictures(96, 96, 3, 3)
    found = make_network("vgg16", data, str(tmp_path / "weights"), "", True, nothing)
    assert found.with_weights == 13
    known = check_graph(found.graph, data, TrainSpec())
    assert known.ready, known.problems
    assert known.trainable == 512 * 3 + 3
    model = build_model(found.graph, data, 0)
    assert put(model, found.graph, [tmp_path / "weights"]) == []
    pixels = np.random.default_rng(0).integers(0, 256, (2, 96, 96, 3)).astype(np.float32)
    expected = np.mean(source(keras.applications.vgg16.preprocess_input(pixels.copy())), axis=(1, 2))
    inner = keras.Model(list(model.inputs), model.get_layer("pool").output)
    prepared = pixels * data.inputs[0].scale + data.inputs[0].offset
    np.testing.assert_allclose(inner([prepared]), expected, rtol=1e-4, atol=1e-4)
    with pytest.raises(ModelFileError, match="not the weights of ResNet 50"):
        make_network("resnet50", data, str(tmp_path / "weights"), str(place), True, nothing)
    (tmp_path / "text.h5").write_text("hello")
    with pytest.raises(ModelFileError, match="no file of weights"):
        make_network("vgg16", data, str(tmp_path / "weights"), str(tmp_path / "text.h5"), True, nothing)


@pytest.mark.parametrize("name", ["mobilenetv2", "densenet121", "resnet50", "efficientnetb0"])
@pytest.mark.parametrize("prepared", [(1 / 255, 0.0), (1 / 127.5, -1.0), (1.0, 0.0)])
def test_pixels_reach_the_network_as_keras_prepares_them(name: str, prepared: tuple[float, float]):
    one = network(name)
    modules = {"mobilenetv2": "mobilenet_v2", "densenet121": "densenet", "resnet50": "resnet"}
    pixels = np.random.default_rng(0).integers(0, 256, (1, 4, 4, 3)).astype(np.float32)
    usual = getattr(keras.applications, modules.get(name, "efficientnet")).preprocess_input(pixels.copy())
    if one.pixels == "caffe":  # the first layer's weights are turned instead
        usual = usual[..., ::-1]
    scale, offset = pixel_scaling(one, InputFacts("x", "image", (4, 4, 3), "uint8", *prepared))
    found = (pixels * prepared[0] + prepared[1]) * np.array(scale) + np.array(offset)
    np.testing.assert_allclose(found, usual, atol=2e-4)
