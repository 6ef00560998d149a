"""Figures of several outputs are told apart by their names."""

from __future__ import annotations

import pytest

from workbench.core.figure_names import of_output, parted
from workbench.core.monitors import rises
from workbench.core.names import output_name


@pytest.mark.parametrize(
    ("name", "output", "metric"),
    [
        ("loss", "", "loss"),
        ("val_loss", "", "loss"),
        ("learning_rate", "", "learning_rate"),
        ("val_sparse_categorical_accuracy", "", "sparse_categorical_accuracy"),
        ("price_loss", "price", "loss"),
        ("val_heating_in_winter_accuracy", "heating_in_winter", "accuracy"),
        ("price_mean_absolute_error", "price", "mean_absolute_error"),
        ("heat_sparse_top_k_categorical_accuracy", "heat", "sparse_top_k_categorical_accuracy"),
        ("accuracy_loss", "accuracy", "loss"),
        ("something_else", "", "something_else"),
    ],
)
def test_the_output_is_what_stands_before_the_metric(name: str, output: str, metric: str) -> None:
    assert parted(name) == (output, metric)


def test_the_name_of_an_output_does_not_say_whether_more_is_better() -> None:
    assert rises("val_loss_rate_accuracy")
    assert not rises("true_price_mean_absolute_error")
    assert not rises("precision_loss")


def test_of_known_outputs_the_longest_that_fits_is_meant() -> None:
    """Also one that alone would read as the whole model's: "binary_accuracy" is a metric of Keras."""
    outputs = ("size", "size_mm", "binary")
    assert of_output("val_size_loss", outputs) == ("size", "loss")
    assert of_output("size_mm_loss", outputs) == ("size_mm", "loss")
    assert of_output("binary_accuracy", outputs) == ("binary", "accuracy")
    assert of_output("val_loss", outputs) == ("", "loss")


def test_an_output_is_never_called_so_that_its_figures_read_like_a_metric_of_the_whole():
    for target in ("binary", "categorical", "mean", "val", "loss"):
        name = output_name(target, ())
        assert name != target
        assert parted(f"val_{name}_accuracy") == (name, "accuracy")
    assert output_name("price", ()) == "price"
