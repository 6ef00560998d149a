"""Every encoder against scikit-learn where it has the same, and each of them there and back through JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn import preprocessing
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

from workbench.core.data.fit import fit
from workbench.core.data.fitted import INPUT_ENCODERS, NUMBERS, PICTURE
from workbench.core.data.preprocess import Preprocessor
from workbench.core.data.sources import load
from workbench.core.data.words import bucket, words_in
from workbench.core.errors import FeatureError
from workbench.core.project import ColumnFeature, DataSpec, Features

from .tables import proposed
from .typed_rows import typed

ENCODERS = tuple(e for e in INPUT_ENCODERS if e != PICTURE)  # which reads files, see test_picture_column


def fitted(frame: pd.DataFrame, encoder: str, rows: object = None, **params: object) -> Preprocessor:
    """Column "a" encoded so, fitted on those rows."""
    frame = frame.assign(y=np.arange(len(frame)) // 2 % 2)
    columns = (ColumnFeature("a", "input", encoder, params=params), ColumnFeature("y", "target", "class"))
    positions = np.arange(len(frame)) if rows is None else np.asarray(rows)
    return fit(frame, Features(task="classification", columns=columns), positions)


def numbers(seed: int, rows: int = 120) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    kind = seed % 4
    cells = [
        rng.lognormal(3, 2, rows),
        rng.normal(-5, 1e-3, rows),
        rng.integers(-3, 4, rows).astype(float),
        rng.standard_t(1, rows) * 1e6,
    ][kind]
    return pd.DataFrame({"a": cells})


LINES = [
    "Free entry in 2 a wkly comp!",
    "Ok lar... Joking wif u oni",
    "free FREE ﬁne Straße, naïve",
    "",
    "U dun say so early hor... U c already then say",
    "ok ok ok",
    "Ελληνικά και русский",
]


def table_for(encoder: str, seed: int, rows: int = 60) -> pd.DataFrame:
    """Random cells that suit the encoder, a tenth of them missing."""
    rng = np.random.default_rng(seed)
    if encoder in NUMBERS:
        cells = numbers(seed, rows)["a"]
    elif encoder == "dates":
        cells = pd.Series(pd.Timestamp("2019-01-05") + pd.to_timedelta(rng.integers(0, 30_000, rows), "h"))
    elif encoder in ("bag", "tfidf", "tokens"):
        cells = pd.Series([" ".join(rng.choice(words_in(" ".join(LINES)), rng.integers(1, 9))) for _ in range(rows)])
    elif encoder == "multihot":
        cells = pd.Series(["|".join(rng.choice(list("abcdef"), rng.integers(1, 4))) for _ in range(rows)])
    else:
        cells = pd.Series(rng.choice(["red", "blue", "ﬁre", "zoë"], rows))
    return pd.DataFrame({"a": cells.where(rng.random(rows) > 0.1)})


# ---- as scikit-learn ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(
    ("encoder", "scaler"),
    [
        ("standard", preprocessing.StandardScaler()),
        ("minmax", preprocessing.MinMaxScaler()),
        ("robust", preprocessing.RobustScaler()),
    ],
)
def test_scaled_numbers_are_those_of_sklearn(encoder: str, scaler, seed: int):
    frame, train = numbers(seed), np.arange(0, 120, 2)
    expected = scaler.fit(frame.to_numpy()[train]).transform(frame.to_numpy())
    found = fitted(frame, encoder, train).transform(frame)
    assert np.allclose(found, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("seed", range(4))
def test_logarithms_are_those_of_numpy_standardised(seed: int):
    frame = numbers(4 * seed)
    expected = preprocessing.StandardScaler().fit_transform(np.log1p(frame.to_numpy()))
    assert np.allclose(fitted(frame, "log").transform(frame), expected, atol=1e-5)


def test_categories_are_those_of_sklearn():
    frame = pd.DataFrame({"a": np.random.default_rng(0).choice(["x", "y", "zz", "é"], 80)})
    one = preprocessing.OneHotEncoder(sparse_output=False, handle_unknown="ignore").fit(frame[:40])
    assert np.array_equal(fitted(frame, "onehot", range(40)).transform(frame), one.transform(frame))
    places = preprocessing.OrdinalEncoder().fit_transform(frame) / 3
    assert np.allclose(fitted(frame, "ordinal").transform(frame), places)


def test_several_values_are_those_of_sklearn():
    frame = table_for("multihot", 5).dropna().reset_index(drop=True)
    split = [set(cell.split("|")) for cell in frame["a"]]
    expected = preprocessing.MultiLabelBinarizer().fit_transform(split)
    assert np.array_equal(fitted(frame, "multihot").transform(frame), expected)


@pytest.mark.parametrize("seed", range(3))
def test_words_are_those_of_sklearn(seed: int):
    frame = pd.DataFrame({"a": LINES * 3}) if seed == 0 else table_for("tfidf", seed, 200)
    texts, train = frame["a"].fillna("").tolist(), np.arange(0, len(frame), 2)
    same = {"tokenizer": words_in, "lowercase": False, "token_pattern": None}
    expected = TfidfVectorizer(**same).fit([texts[i] for i in train])
    made = fitted(frame, "tfidf", train)
    assert made.columns[0].categories == tuple(expected.get_feature_names_out())
    assert np.allclose(made.columns[0].weights, expected.idf_)
    assert np.allclose(made.transform(frame), expected.transform(texts).toarray(), atol=1e-6)
    bag = CountVectorizer(binary=True, **same).fit([texts[i] for i in train])
    assert np.array_equal(fitted(frame, "bag", train).transform(frame), bag.transform(texts).toarray())


def test_only_the_commonest_words_are_kept():
    frame = pd.DataFrame({"a": ["b b b a", "c a", "d c a"]})
    assert fitted(frame, "bag", words=2).columns[0].categories == ("a", "b")


# ---- what each one does ------------------------------------------------------------------------------------------


def test_a_missing_number_can_be_flagged():
    frame = pd.DataFrame({"a": [1.0, np.nan, 3.0]})
    made = fitted(frame, "standard", flag=True)
    assert made.column_names == ("a", "a is missing")
    assert made.transform(frame)[:, 1].tolist() == [0, 1, 0]
    assert made.transform(frame)[1, 0] == 0


def test_half_equal_numbers_do_not_blow_up():
    frame = pd.DataFrame({"a": [0.0] * 80 + list(range(20))})
    assert np.abs(fitted(frame, "robust").transform(frame)).max() < 10


def test_known_scales_are_in_their_order_and_others_as_the_person_says():
    sizes = pd.DataFrame({"a": ["medium", "Small", "LARGE", "Small", None]})
    assert fitted(sizes, "ordinal").columns[0].categories == ("Small", "medium", "LARGE")
    assert fitted(sizes, "ordinal").transform(sizes)[:, 0].tolist() == [0.5, 0, 1, 0, 0.25]
    grades = pd.DataFrame({"a": ["b", "c", "a", "b"]})
    assert fitted(grades, "ordinal", order=["c", "b", "a"]).transform(grades)[:, 0].tolist() == [0.5, 0, 1, 0.5]
    with pytest.raises(FeatureError, match='"a"'):
        fitted(grades, "ordinal", order=["c", "b"])


def test_frequency_is_the_share_of_the_training_rows():
    frame = pd.DataFrame({"a": ["x", "x", "y", None, "new"]})
    made = fitted(frame, "frequency", range(4))
    assert made.transform(frame)[:, 0].tolist() == [0.5, 0.5, 0.25, 0.25, 0]


def test_dates_become_the_parts_that_vary():
    frame = pd.DataFrame({"a": pd.to_datetime(["2020-01-01", "2021-12-01", None, "2022-07-01"])})
    made = fitted(frame, "dates")
    assert made.column_names == (
        "a: year",
        "a: month sine",
        "a: month cosine",
        "a: weekday sine",
        "a: weekday cosine",
    )
    x = made.transform(frame)
    assert not x[2].any()
    assert np.linalg.norm(x[0, 1:3] - x[1, 1:3]) < 0.6  # December is beside January
    assert np.linalg.norm(x[0, 1:3] - x[3, 1:3]) == pytest.approx(2)
    years = np.array([2020, 2021, 2022])
    assert np.allclose(x[[0, 1, 3], 0], (years - years.mean()) / years.std(), atol=1e-6)


def test_dates_as_text_keep_their_order_in_a_single_row():
    frame = pd.DataFrame({"a": ["25/12/2020 10:30", "01/02/2021 08:00", "03/04/2021 23:15"]})
    made = fitted(frame, "dates")
    assert made.columns[0].day_first
    alone = typed(made, {"a": "01/02/2021 08:00"})
    assert np.array_equal(alone[0], made.transform(frame)[1])
    assert not typed(made, {"a": "no date"}).any()


def test_what_is_no_date_is_refused():
    with pytest.raises(FeatureError, match="numbers, not dates"):
        fitted(pd.DataFrame({"a": [1.0, 2.0, 3.0]}), "dates")
    with pytest.raises(FeatureError, match='such as "red"'):
        fitted(pd.DataFrame({"a": ["red", "blue", "red"]}), "dates")


def test_hashing_follows_from_the_text_alone():
    frame = pd.DataFrame({"a": [f"city {i}" for i in range(500)]})
    made = fitted(frame, "hash", range(10), buckets=32)
    x = made.transform(frame)
    assert x.shape == (500, 32)
    assert (x.sum(axis=1) == 1).all()
    assert (x.sum(axis=0) > 0).all()
    code = "from workbench.core.data.words import bucket; print([bucket(f'city {i}', 32) for i in range(50)])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert json.loads(told) == [bucket(f"city {i}", 32) for i in range(50)] == x[:50].argmax(axis=1).tolist()


@pytest.mark.parametrize("encoder", ["bag", "tfidf", "tokens", "multihot"])
def test_columns_with_nothing_to_read_are_named(encoder: str):
    with pytest.raises(FeatureError) as raised:
        fitted(pd.DataFrame({"a": [None] * 4}, dtype="str"), encoder)
    assert raised.value.where == 'column "a"'


@pytest.mark.parametrize("value", [0, -1, 2.5, "many", True, None])
def test_settings_that_do_not_fit_are_named(value: object):
    frame = pd.DataFrame({"a": ["x", "y", "x"]})
    for encoder, name in (("bag", "words"), ("hash", "buckets"), ("multihot", "most")):
        with pytest.raises(FeatureError) as raised:
            fitted(frame, encoder, **{name: value})
        assert name in raised.value.what


# ---- every one of them -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoder", ENCODERS)
@pytest.mark.parametrize("seed", range(4))
def test_there_and_back_through_json_gives_the_same_numbers(encoder: str, seed: int):
    frame = table_for(encoder, seed)
    made = fitted(frame, encoder, range(40), **({"flag": True} if seed % 2 else {}))
    again = Preprocessor.from_json(json.loads(json.dumps(made.to_json(), allow_nan=False)))
    assert again == made
    x = made.transform(frame)
    assert x.shape == (60, made.width)
    assert len(made.column_names) == made.width == len(set(made.column_names))
    assert np.isfinite(x).all()
    assert np.array_equal(again.transform(frame), x)
    pieces = [again.transform(frame.iloc[i : i + 7]) for i in range(0, 60, 7)]
    assert np.array_equal(np.concatenate(pieces), x)


@pytest.mark.parametrize("encoder", ENCODERS)
def test_nothing_is_learned_from_rows_outside_training(encoder: str):
    frame, other = table_for(encoder, 1), table_for(encoder, 2)
    changed = pd.concat([frame[:40], other[40:]])
    assert fitted(frame, encoder, range(40)) == fitted(changed, encoder, range(40))


@pytest.mark.parametrize("encoder", ENCODERS)
def test_the_form_of_a_row_has_a_value_that_can_be_encoded(encoder: str):
    made = fitted(table_for(encoder, 3), encoder)
    (field,) = made.row_fields
    assert typed(made, {"a": field.default}).shape == (1, made.width)
    assert np.isfinite(typed(made, {"a": None})).all()


# ---- proposals ---------------------------------------------------------------------------------------------------


def roles(features: Features) -> dict[str, tuple[str, str]]:
    return {c.name: (c.role, c.encoder) for c in features.columns}


def test_text_that_is_all_there_is_becomes_words():
    rng = np.random.default_rng(0)
    words = rng.choice([f"word{i}" for i in range(50)], (200, 6))
    frame = pd.DataFrame({"label": ["ham", "spam"] * 100, "text": [" ".join(row) for row in words]})
    found = roles(proposed(frame))
    assert found["label"] == ("target", "class")
    assert found["text"] == ("input", "tfidf")
    frame["size"] = rng.normal(size=200)
    assert roles(proposed(frame, target="label"))["text"] == ("ignore", "tfidf")
    frame["text"] = [" ".join(row) for row in np.tile(words, (1, 3))]
    assert roles(proposed(frame, target="label"))["text"] == ("input", "tfidf")


def test_many_categories_are_hashed_and_too_many_are_left_out():
    rng = np.random.default_rng(0)
    towns = rng.choice([f"town{i:02}" for i in range(70)], 2000)
    frame = pd.DataFrame({"town": towns, "size": rng.normal(size=2000), "y": ["a", "b"] * 1000})
    assert roles(proposed(frame))["town"] == ("input", "hash")
    frame["town"] = rng.choice([f"town{i:02}" for i in range(400)], 2000)
    assert roles(proposed(frame))["town"][0] == "ignore"


def test_cells_with_several_values_and_dates_are_recognised():
    rng = np.random.default_rng(0)
    kinds = ["|".join(rng.choice(["action", "drama", "comedy", "war"], 2, replace=False)) for _ in range(300)]
    days = pd.date_range("2020-01-01", periods=300).strftime("%Y-%m-%d")
    frame = pd.DataFrame({"genres": kinds, "day": days, "y": ["good", "bad"] * 150})
    features = proposed(frame)
    assert roles(features) == {"genres": ("input", "multihot"), "day": ("input", "dates"), "y": ("target", "class")}
    made = fit(frame, features, np.arange(200))
    assert made.columns[0].categories == ("action", "comedy", "drama", "war")


def test_params_of_the_person_stay():
    frame = pd.DataFrame({"a": np.arange(50) * 0.37, "y": ["p", "q"] * 25})
    mine = ColumnFeature("a", "input", "robust", params={"flag": True})
    assert proposed(frame, Features(columns=(mine,))).columns[0] == mine
    auto = replace(mine, encoder="auto")
    assert proposed(frame, Features(columns=(auto,))).columns[0] == replace(mine, encoder="standard")


def test_real_messages_are_ready_at_once(real_data):
    table = load(DataSpec("csv", str(real_data / "text" / "sms.tsv")))
    features = proposed(table.frame)
    found = [(c.role, c.encoder) for c in features.columns]
    assert found == [("target", "class"), ("input", "tfidf")]
    made = fit(table.frame, features, np.arange(0, len(table), 2))
    assert made.width == 2000
