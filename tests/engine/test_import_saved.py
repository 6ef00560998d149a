"""SavedModel folders: those of Keras 2 are read from what it wrote beside the program, others are refused."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from tests.core.graphs import table
from tests.engine.test_import import opened
from workbench.core.importing.config import ModelFileError
from workbench.core.importing.fitted import fit_ends
from workbench.engine.build import build_model
from workbench.engine.start_weights import put


def old_keras() -> Any:
    """The Keras 2 that TensorFlow still carries for itself."""
    try:
        from tensorflow.python import keras as found
        from tensorflow.python.keras import layers, models
    except ImportError:
        pytest.skip("this TensorFlow carries no Keras 2 any more")
    found.__version__ = "2.6.0"  # what its saving looks for
    return layers, models


def test_a_saved_model_of_keras_2_comes_back_with_its_weights(tmp_path: Path):
    layers, models = old_keras()
    given = layers.Input((6,), name="given")
    hidden = layers.Dense(4, activation="relu", name="hidden")(given)
    both = layers.Concatenate(name="both")([hidden, given])
    model = models.Model(given, layers.Dense(3, activation="softmax", name="answer")(both))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.save(str(tmp_path / "saved"), save_format="tf")
    found = opened(tmp_path / "saved", tmp_path / "weights")
    assert (found.format, found.version) == ("savedmodel", "2.6.0")
    assert [n.name for n in found.graph.nodes] == ["given", "hidden", "both", "answer", "output"]
    data = table(6, 3)
    again = build_model(fit_ends(found.graph, data), data, 0)
    assert put(again, found.graph, [tmp_path / "weights"]) == []
    x = np.random.default_rng(0).normal(size=(4, 6)).astype(np.float32)
    np.testing.assert_allclose(again(x), model(x), atol=1e-6)


def test_a_program_without_layers_is_refused_and_not_run(tmp_path: Path):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    model.export(tmp_path / "program", format="tf_saved_model", verbose=False)
    with pytest.raises(ModelFileError, match="not run"):
        opened(tmp_path / "program")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelFileError, match="no model in this folder"):
        opened(tmp_path / "empty")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "saved_model.pb").write_bytes(b"\xff" * 64)
    with pytest.raises(ModelFileError, match="damaged"):
        opened(tmp_path / "broken")
