from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from workbench.core.data.fit import fit
from workbench.core.data.preprocess import Preprocessor, image_preprocessor
from workbench.core.errors import FeatureError, ProjectError
from workbench.core.project import ImageFeature

from .tables import fitted, passengers, proposed
from .typed_rows import typed

SMALL = pd.DataFrame(
    {
        "size": [1.0, 2.0, np.nan, 4.0, 100.0],
        "colour": pd.Series(["red", "blue", None, "red", "green"], dtype="str"),
        "y": ["a", "b", "a", "b", "a"],
    }
)


def small(rows: object = (0, 1, 2, 3)) -> Preprocessor:
    return fitted(SMALL, rows=rows, size="standard", colour="onehot", y="target:class")


def test_numbers_are_filled_with_the_median_and_standardised():
    x = small().transform(SMALL)
    filled = np.array([1.0, 2.0, 2.0, 4.0])
    assert x.dtype == np.float32
    assert np.allclose(x[:4, 0], (filled - filled.mean()) / filled.std(), atol=1e-6)
    assert abs(x[:4, 0].mean()) < 1e-6


def test_categories_are_sorted_and_missing_is_one_of_them():
    made = small()
    assert made.column_names == ("size", "colour = blue", "colour = red", "colour = (missing)")
    assert made.width == 4
    assert made.transform(SMALL)[:, 1:].tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 1], [0, 1, 0], [0, 0, 0]]


def test_a_category_that_training_has_not_seen_is_all_zero():
    assert not small().transform(SMALL)[4, 1:].any()


def test_missing_cells_that_training_did_not_have_are_all_zero():
    made = small(rows=(0, 1, 3))
    assert "(missing)" not in "".join(made.column_names)
    assert not made.transform(SMALL)[2, 1:].any()


def test_min_max_and_plain_numbers():
    frame = pd.DataFrame({"a": [10.0, 20.0, 30.0], "b": [1.0, 2.0, 3.0], "y": ["p", "q", "p"]})
    made = fitted(frame, a="minmax", b="none", y="target:class")
    assert made.transform(frame).tolist() == [[0.0, 1.0], [0.5, 2.0], [1.0, 3.0]]


def test_nothing_is_learned_from_rows_outside_training():
    frame = passengers()
    features = proposed(frame)
    train, rest = np.arange(0, 120), np.arange(120, 200)
    before = fit(frame, features, train)
    changed = frame.copy()
    changed.loc[rest, "Age"] = 1e6
    changed.loc[rest, "Fare"] = np.nan
    changed["Sex"] = changed["Sex"].astype(object)
    changed.loc[rest, "Sex"] = "unheard of"
    changed.loc[rest, "Survived"] = 7
    assert fit(changed, features, train) == before
    changed.loc[5, "Fare"] = 1e6
    assert fit(changed, features, train) != before


def test_the_same_rows_give_the_same_preprocessor():
    frame = passengers()
    assert fit(frame, proposed(frame), np.arange(90)) == fit(frame.copy(), proposed(frame), np.arange(90))


@pytest.mark.parametrize("encoder", ["standard", "minmax", "none"])
@pytest.mark.parametrize("value", [0.1, -3.0, 1e15, 0.0])
def test_a_constant_column_stays_finite_and_small(encoder: str, value: float):
    frame = pd.DataFrame({"a": [value] * 7, "y": ["p", "q"] * 3 + ["p"]})
    made = fitted(frame, a=encoder, y="target:class")
    x = made.transform(frame)
    assert np.isfinite(x).all()
    if encoder != "none":
        assert np.abs(x).max() <= max(1.0, abs(value) * 1e-12)


@pytest.mark.parametrize("encoder", ["standard", "minmax", "none", "onehot"])
def test_an_empty_training_column_is_no_accident(encoder: str):
    frame = pd.DataFrame({"a": [None] * 4, "y": ["p", "q"] * 2})
    made = fitted(frame, a=encoder, y="target:class")
    assert np.isfinite(made.transform(frame)).all()


def test_very_large_numbers_do_not_overflow():
    frame = pd.DataFrame({"a": [1e200, -1e200, 3e200], "b": [1e300, 2.0, 3.0], "y": ["p", "q", "p"]})
    made = fitted(frame, a="standard", b="none", y="target:class")
    x = made.transform(frame)
    assert np.isfinite(x).all()
    assert np.allclose(x[:, 0].std(), 1.0, atol=1e-6)


def test_infinite_cells_count_as_missing():
    frame = pd.DataFrame({"a": [1.0, 3.0, np.inf, 2.0], "y": ["p", "q", "p", "q"]})
    made = fitted(frame, a="none", y="target:class")
    assert made.transform(frame)[2, 0] == 2.0


def test_booleans_are_categories_or_numbers():
    frame = pd.DataFrame({"a": [True, False, True], "b": [True, False, True], "y": ["p", "q", "p"]})
    made = fitted(frame, a="onehot", b="none", y="target:class")
    assert made.column_names == ("a = False", "a = True", "b")
    assert made.transform(frame).tolist() == [[0, 1, 1], [1, 0, 0], [0, 1, 1]]


def test_whole_number_categories_survive_a_missing_cell():
    frame = pd.DataFrame({"deck": [1, 2, 10, 2], "y": ["p", "q", "p", "q"]})
    made = fitted(frame, deck="onehot", y="target:class")
    assert made.column_names == ("deck = 1", "deck = 2", "deck = 10")
    assert made.transform(pd.DataFrame({"deck": [10.0, np.nan]})).tolist() == [[0, 0, 1], [0, 0, 0]]


def test_a_missing_column_is_named():
    with pytest.raises(FeatureError) as raised:
        small().transform(SMALL.drop(columns="colour"))
    assert '"colour"' in raised.value.what
    assert "size" in raised.value.where


def test_text_in_a_number_column_names_column_row_and_value():
    bad = pd.DataFrame({"size": ["1", "large"], "colour": ["red", "red"]})
    with pytest.raises(FeatureError) as raised:
        small().transform(bad)
    assert '"large"' in raised.value.what
    assert raised.value.where == 'column "size", row 2'


def test_more_columns_in_another_order_do_not_matter():
    frame = SMALL[["y", "colour", "size"]].assign(more=1)
    assert np.array_equal(small().transform(frame), small().transform(SMALL))


def test_no_rows_give_no_rows():
    assert small().transform(SMALL.head(0)).shape == (0, 4)


def test_one_typed_row_gives_what_the_table_gives():
    made = small()
    row = typed(made, {"size": "4", "colour": "red"})
    assert np.array_equal(row, made.transform(SMALL.iloc[3:4]))
    assert np.array_equal(typed(made, {"size": None, "colour": ""}), made.transform(SMALL.iloc[2:3]))
    with pytest.raises(FeatureError, match="not a number"):
        typed(made, {"size": "big", "colour": "red"})


def test_the_form_has_a_field_a_column():
    size, colour = small().row_fields
    assert (size.name, size.kind, size.minimum, size.maximum, size.default, size.whole) == (
        *("size", "number", 1.0, 4.0, 2.0),
        True,
    )
    assert (colour.kind, colour.choices, colour.default) == ("choice", ("blue", "red", "(missing)"), "red")


# ---- the target ------------------------------------------------------------------------------------------------


def test_classes_are_the_training_rows_own():
    frame = pd.DataFrame({"a": [1.0, 2, 3, 4], "y": ["b", "a", "b", "new"]})
    made = fitted(frame, rows=(0, 1, 2), a="none", y="target:class")
    y, unknown = made.encode_target(pd.Series(["a", "b", "new", None], dtype="str"))
    assert made.classes == ("a", "b")
    assert y.dtype == np.int32
    assert y.tolist() == [0, 1, -1, -1]
    assert unknown.tolist() == [2, 3]


def test_number_classes_are_ordered_by_value():
    frame = pd.DataFrame({"a": range(4), "y": [10, 9, 10, 9]})
    assert fitted(frame, a="none", y="target:class").classes == ("9", "10")


def test_a_regression_target_comes_back_in_the_persons_units():
    price = np.array([100_000.0, 250_000.0, 310_000.0, 90_000.0])
    frame = pd.DataFrame({"a": range(4), "price": price})
    made = fitted(frame, task="regression", a="none", price="target:standard")
    y, unknown = made.encode_target(frame["price"])
    assert y.shape == (4, 1)
    assert y.dtype == np.float32
    assert abs(float(y.mean())) < 1e-6
    assert len(unknown) == 0
    answer = made.decode(y)
    assert np.allclose(answer.values, price, rtol=1e-6)
    assert len(answer) == 4
    assert made.encode_target(pd.Series([np.nan, 1.0]))[1].tolist() == [0]


def test_a_target_with_one_value_is_refused_with_its_name():
    frame = pd.DataFrame({"a": range(4), "y": ["same"] * 4})
    with pytest.raises(FeatureError) as raised:
        fitted(frame, a="none", y="target:class")
    assert 'only one value: "same"' in raised.value.what
    assert '"y"' in raised.value.where
    with pytest.raises(FeatureError, match="only one value"):
        fitted(frame.assign(y=4.0), task="regression", a="none", y="target:none")


def test_text_cannot_be_predicted_as_a_number():
    frame = pd.DataFrame({"a": range(4), "y": ["low", "high"] * 2})
    with pytest.raises(FeatureError, match="cannot be predicted as a number") as raised:
        fitted(frame, task="regression", a="none", y="target:none")
    assert "classification" in raised.value.remedy


@pytest.mark.parametrize(
    ("encoders", "word"),
    [
        ({"a": "input:none"}, "No target"),
        ({"y": "target:class"}, "No column is an input"),
        ({"a": "target:class", "y": "target:class"}, 'nothing to predict "a" or "y" from'),
        ({"a": "input:onehot", "y": "target:class"}, "too many for one-hot"),
        ({"a": "input:magic", "y": "target:class"}, "no encoder"),
        ({"t": "input:standard", "y": "target:class"}, "not a number"),
    ],
)
def test_roles_that_do_not_fit_are_refused(encoders: dict, word: str):
    frame = pd.DataFrame({"a": range(3000), "y": ["p", "q"] * 1500, "t": ["x", "z"] * 1500})
    with pytest.raises(FeatureError, match=word) as raised:
        fitted(frame, **encoders)
    assert raised.value.remedy


# ---- answers ---------------------------------------------------------------------------------------------------


def classifier(classes: int) -> Preprocessor:
    return image_preprocessor(ImageFeature(4, 4, 1), [f"kind {i}" for i in range(classes)])


def test_one_unit_is_the_probability_of_the_second_class():
    for y in (np.array([[0.2], [0.9]]), np.array([0.2, 0.9])):
        answer = classifier(2).decode(y)
        assert answer.labels == ("kind 0", "kind 1")
        assert np.allclose(answer.probabilities, [[0.8, 0.2], [0.1, 0.9]])


def test_a_unit_for_each_class():
    answer = classifier(3).decode(np.array([[0.1, 0.7, 0.2], [0.5, 0.2, 0.3]]))
    assert answer.labels == ("kind 1", "kind 0")
    assert answer.indices.tolist() == [1, 0]
    assert answer.classes == ("kind 0", "kind 1", "kind 2")
    assert answer.values is None


def test_an_answer_that_is_no_number_has_no_label():
    answer = classifier(3).decode(np.array([[np.nan, 0.7, 0.3], [0.5, 0.2, 0.3]]))
    assert answer.labels == ("", "kind 0")
    assert answer.indices.tolist() == [-1, 0]


@pytest.mark.parametrize("units", [1, 2, 4])
def test_units_that_do_not_fit_are_named(units: int):
    with pytest.raises(FeatureError, match="3 classes"):
        classifier(3).decode(np.zeros((2, units)))


def test_a_regression_answer_has_one_unit():
    frame = pd.DataFrame({"a": range(4), "y": [1.5, 2.5, 3.5, 9.5]})
    made = fitted(frame, task="regression", a="none", y="target:none")
    with pytest.raises(FeatureError, match="2 numbers"):
        made.decode(np.zeros((3, 2)))


# ---- pictures --------------------------------------------------------------------------------------------------


def test_a_picture_of_the_right_size_is_not_touched():
    pixels = np.arange(16, dtype=np.uint8).reshape(4, 4, 1)
    assert classifier(2).image(pixels) is pixels
    assert np.array_equal(classifier(2).image(pixels[:, :, 0]), pixels)


@pytest.mark.parametrize("resize", ["fit", "fill", "stretch"])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("shape", [(9, 5, 1), (5, 9, 3), (300, 40, 4), (1, 1, 1), (2, 100, 3)])
def test_any_picture_gets_the_shape(resize: str, channels: int, shape: tuple):
    made = image_preprocessor(ImageFeature(8, 6, channels, resize), ["a", "b"])
    pixels = made.image(np.full(shape, 200, np.uint8))
    assert pixels.shape == (8, 6, channels)
    assert pixels.dtype == np.uint8


def test_the_ways_of_resizing_differ_as_they_say():
    wide = np.zeros((10, 30, 1), np.uint8)
    wide[:, 10:20] = 255  # a white middle third
    ways = {
        r: image_preprocessor(ImageFeature(10, 10, 1, r), ["a", "b"]).image(wide)[..., 0]
        for r in ("fit", "fill", "stretch")
    }
    assert ways["fill"].min() == 255
    assert ways["stretch"][5].tolist()[0] == 0
    assert ways["stretch"].max() > 250
    assert not ways["fit"][0].any()
    assert ways["fit"][5].max() > 200


def test_colour_becomes_grey_and_grey_becomes_colour():
    red = np.zeros((4, 4, 3), np.uint8)
    red[..., 0] = 255
    assert np.unique(classifier(2).image(red)).tolist() == [76]
    made = image_preprocessor(ImageFeature(4, 4, 3), ["a", "b"])
    grey = np.arange(16, dtype=np.uint8).reshape(4, 4, 1)
    assert np.array_equal(made.image(grey), np.repeat(grey, 3, axis=2))


@pytest.mark.parametrize("bad", [np.zeros((4, 4), np.float32), np.zeros((4, 4, 2), np.uint8), np.zeros(4, np.uint8)])
def test_what_is_no_picture_is_refused(bad: np.ndarray):
    with pytest.raises(FeatureError, match="not a picture"):
        classifier(2).image(bad)


def test_a_table_model_takes_no_picture():
    with pytest.raises(FeatureError, match="not pictures"):
        small().image(np.zeros((4, 4), np.uint8))


@pytest.mark.parametrize(("scale", "low", "high"), [("/255", 0.0, 1.0), ("-1..1", -1.0, 1.0), ("none", 0.0, 255.0)])
def test_the_scale_is_told_and_not_applied(scale: str, low: float, high: float):
    (info,) = image_preprocessor(ImageFeature(4, 4, 1, "fill", scale), ["a", "b"]).inputs
    assert (info.name, info.kind, info.dtype, info.shape) == ("image", "image", "uint8", (4, 4, 1))
    assert 0 * info.scale + info.offset == pytest.approx(low)
    assert 255 * info.scale + info.offset == pytest.approx(high)


# ---- on disk ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("made", [small(), classifier(3)], ids=["table", "images"])
def test_json_and_back(made: Preprocessor):
    again = Preprocessor.from_json(json.loads(json.dumps(made.to_json(), allow_nan=False)))
    assert again == made


def test_a_round_trip_gives_the_same_numbers_to_the_last_bit():
    frame = passengers()
    made = fit(frame, proposed(frame), np.arange(150))
    again = Preprocessor.from_json(json.loads(json.dumps(made.to_json())))
    assert np.array_equal(again.transform(frame), made.transform(frame))


def test_a_newer_or_damaged_file_is_refused():
    raw = small().to_json()
    with pytest.raises(FeatureError, match="newer"):
        Preprocessor.from_json({**raw, "version": 99})
    with pytest.raises(ProjectError):
        Preprocessor.from_json({**raw, "columns": "none"})
    with pytest.raises(ProjectError):
        Preprocessor.from_json(None)
