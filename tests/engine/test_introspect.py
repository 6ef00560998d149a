"""The shipped catalog is that of the installed Keras."""

from __future__ import annotations

from pathlib import Path

import keras
import pytest

from workbench.core.catalog import catalog_path, load_catalog
from workbench.core.class_metrics import MEAN_IOU
from workbench.engine.introspect import catalog_text, layers_text


def test_the_shipped_catalog_is_that_of_the_installed_keras():
    catalog = load_catalog()
    if keras.__version__ != catalog.keras_version:
        pytest.skip(f"the catalog is of Keras {catalog.keras_version}, installed is {keras.__version__}")
    assert catalog_path().read_text("utf-8") == catalog_text(), "run python -m workbench.engine.introspect"


def test_every_name_is_one_that_keras_takes():
    catalog = load_catalog()
    for name in catalog.losses:
        assert callable(keras.losses.get(name))
    for name, entry in catalog.metrics.items():
        if not any(f.required for f in entry.fields) and name not in ("accuracy", MEAN_IOU):  # it is told how many
            assert keras.metrics.get(name) is not None
    for name in catalog.activations:
        assert callable(keras.activations.get(name))
    for name in catalog.optimizers:
        assert getattr(keras.optimizers, name)() is not None


def test_the_list_of_layers_in_the_docs_is_that_of_the_catalog():
    docs = Path(__file__).resolve().parents[2] / "docs" / "layers.md"
    assert docs.read_text(encoding="utf-8") == layers_text(load_catalog())
