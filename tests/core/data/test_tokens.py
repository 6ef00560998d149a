"""Texts read word by word: numbers fitted on the training rows alone, an input of their own beside the table."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.core.data.tables import proposed, table
from workbench.core.data.external import external_arrays, prepare_external
from workbench.core.data.fit import fit
from workbench.core.data.input_groups import input_name
from workbench.core.data.prepared import open_prepared, prepare
from workbench.core.data.preprocess import Preprocessor
from workbench.core.data.profile import profile_table
from workbench.core.data.text_ways import read_for
from workbench.core.data.words import words_in
from workbench.core.errors import FeatureError
from workbench.core.facts import InputFacts
from workbench.core.project import ColumnFeature, Features, Project, Split

FRAME = pd.DataFrame(
    {
        "Text/1": ["b b a", "A c", None, "", "b, straße?", "zzz a b c d e f", "...", "b a"],
        "n": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0],
        "y": list("xyxyxyxy"),
    }
)


def features(**params: object) -> Features:
    columns = (
        ColumnFeature("Text/1", "input", "tokens", params),
        ColumnFeature("n", "input", "none"),
        ColumnFeature("y", "target", "class"),
    )
    return Features("classification", columns, split=Split(0.5, 0.25, 0.25))


def test_words_become_numbers_by_how_common_they_are():
    made = fit(FRAME, features(), np.arange(6))
    (column, _) = made.columns
    assert column.categories == ("b", "a", "c")  # what is said once is left to be unknown
    assert (column.different, column.length, column.numbers) == (8, 7, 5)
    x = made.arrays(FRAME)["text_1"]
    assert x.dtype == np.int32
    assert x.tolist() == [
        [2, 2, 3, 0, 0, 0, 0],
        [3, 4, 0, 0, 0, 0, 0],
        [1, 0, 0, 0, 0, 0, 0],  # no words count as one that is not known
        [1, 0, 0, 0, 0, 0, 0],
        [2, 1, 0, 0, 0, 0, 0],
        [1, 3, 2, 4, 1, 1, 1],
        [1, 0, 0, 0, 0, 0, 0],
        [2, 3, 0, 0, 0, 0, 0],
    ]


@pytest.mark.parametrize("seed", range(6))
def test_numbers_are_those_of_the_plain_rule(seed: int):
    rng = np.random.default_rng(seed)
    alphabet = np.array([f"w{i}" for i in range(40)])
    texts = [" ".join(rng.choice(alphabet, rng.integers(0, 12))) for _ in range(60)]
    frame = pd.DataFrame({"Text/1": texts, "n": 1.0, "y": ["a", "b"] * 30})
    asked = {"words": int(rng.integers(1, 30)), "length": int(rng.integers(1, 15))}
    made = fit(frame, features(**asked), np.arange(40))
    said = [word for text in texts[:40] for word in words_in(text)]
    order = sorted(set(said), key=lambda word: (-said.count(word), word))[: asked["words"]]
    for text, row in zip(texts, made.arrays(frame)["text_1"], strict=True):
        numbers = [order.index(w) + 2 if w in order else 1 for w in words_in(text)][: asked["length"]] or [1]
        assert row.tolist() == numbers + [0] * (asked["length"] - len(numbers))


def test_no_other_row_than_the_training_rows_is_looked_at():
    other = FRAME.copy()
    other.loc[6:, "Text/1"] = "quite other words that go on and on and on and on and on and on"
    assert fit(other, features(), np.arange(6)) == fit(FRAME, features(), np.arange(6))


def test_it_is_an_input_of_its_own_beside_the_table():
    made = fit(FRAME, features(), np.arange(8))
    assert made.inputs == (
        InputFacts("features", "table", (1,)),
        InputFacts("text_1", "text", (made.columns[0].length,), "int32", words=5),
    )
    alone = replace(features(), columns=tuple(c for c in features().columns if c.name != "n"))
    assert [i.name for i in fit(FRAME, alone, np.arange(8)).inputs] == ["text_1"]


def test_two_texts_have_two_names():
    frame = FRAME.assign(**{"text 1": FRAME["Text/1"], "Features": FRAME["Text/1"]})
    columns = tuple(ColumnFeature(n, "input", "tokens") for n in ("Text/1", "text 1", "Features"))
    asked = replace(features(), columns=(*columns, ColumnFeature("y", "target", "class")))
    made = fit(frame, asked, np.arange(8))
    assert [i.name for i in made.inputs] == ["text_1", "text_1_2", "features_2"]
    assert set(made.arrays(frame)) == {"text_1", "text_1_2", "features_2"}


@pytest.mark.parametrize(
    ("text", "name"), [("../..\\x\0", "x"), ("???", "text"), ("Größe (m)", "größe_m"), ("é" * 99, "é" * 40)]
)
def test_names_of_inputs_can_be_names_of_files(text: str, name: str):
    assert input_name(text) == name


def test_all_numbers_side_by_side_are_those_of_the_inputs():
    made = fit(FRAME, features(), np.arange(8))
    whole, parts = made.transform(FRAME), made.arrays(FRAME)
    assert np.array_equal(whole, np.hstack([parts["text_1"], parts["features"]]))
    assert made.column_names[:2] == ("Text/1: word 1", "Text/1: word 2")
    assert len(made.column_names) == whole.shape[1] == made.width


def test_there_and_back_through_json():
    made = fit(FRAME, features(), np.arange(6))
    back = Preprocessor.from_json(made.to_json())
    assert back == made
    row = back.row_arrays({"Text/1": "a nothing b", "n": None})
    assert row["text_1"][0, :4].tolist() == [3, 1, 2, 0]
    assert row["features"].shape == (1, 1)


@pytest.mark.parametrize(
    ("params", "said"),
    [({"words": 0}, "words"), ({"length": 0}, "length"), ({"length": "long"}, "length"), ({"length": 10**6}, "length")],
)
def test_settings_that_do_not_fit_are_named(params: dict[str, object], said: str):
    with pytest.raises(FeatureError, match=said):
        fit(FRAME, features(**params), np.arange(6))


def test_a_column_without_words_is_named():
    frame = FRAME.assign(**{"Text/1": ["!", None, "", "…"] * 2})
    with pytest.raises(FeatureError) as raised:
        fit(frame, features(), np.arange(6))
    assert raised.value.where == 'column "Text/1"'


# ---- prepared arrays -------------------------------------------------------------------------------------------------


def many(rows: int = 400) -> pd.DataFrame:
    rng = np.random.default_rng(2)
    words = np.array([f"w{i}" for i in range(30)])
    text = [" ".join(rng.choice(words, rng.integers(1, 9))) for _ in range(rows)]
    return pd.DataFrame({"Text/1": text, "n": rng.normal(size=rows), "y": rng.choice(["x", "y"], rows)})


def test_both_inputs_are_prepared_row_by_row_and_opened_again(tmp_path: Path):
    frame = many()
    prepared = prepare(Project(features=features()), table(frame), None, tmp_path)
    again = open_prepared(prepared.folder)
    assert again.facts == prepared.facts
    for name in ("train", "validation", "test"):
        part = again.part(name)
        expected = prepared.preprocessor.arrays(frame.iloc[part.rows])
        assert set(part.x) == set(expected) == {"features", "text_1"}
        for key, array in expected.items():
            assert part.x[key].dtype == array.dtype
            assert np.array_equal(part.x[key], array)


def test_other_settings_are_other_arrays(tmp_path: Path):
    data = table(many())
    folders = {
        prepare(Project(features=features(**params)), data, None, tmp_path).folder
        for params in ({}, {"words": 5}, {"length": 3}, {"words": 5, "length": 3}, {"length": 3})
    }
    assert len(folders) == 4


def test_later_rows_are_read_with_the_words_of_training(tmp_path: Path):
    frame = many()
    prepared = prepare(Project(features=features()), table(frame), None, tmp_path)
    later = many(7).assign(**{"Text/1": ["w1 unheard", None, "", "w2", "w3 w3", "unheard", "w0 " * 50]})
    part, skipped = external_arrays(prepared.preprocessor, table(later))
    assert not skipped
    expected = prepared.preprocessor.arrays(later)
    assert all(np.array_equal(part.x[name], expected[name]) for name in ("features", "text_1"))
    scored = prepare_external(prepared.preprocessor, table(later), tmp_path).part("test")
    assert np.array_equal(scored.x["text_1"], expected["text_1"])


def test_texts_stay_proposed_as_weighed_words(real_data: Path):
    frame = pd.read_csv(real_data / "text" / "sms.tsv", sep="\t", header=None, names=["label", "message"], quoting=3)
    assert {c.name: c.encoder for c in proposed(frame).columns} == {"label": "class", "message": "tfidf"}
    asked = Features(
        "classification", (ColumnFeature("label", "target", "class"), ColumnFeature("message", "input", "tokens"))
    )
    (column,) = fit(frame, asked, np.arange(len(frame))).columns
    assert 3_000 < column.numbers < 6_000
    assert 25 < column.length < 60
    assert 0 < column.cut <= 0.05


# ---- texts as a template needs them ----------------------------------------------------------------------------------


NOTES = pd.DataFrame(
    {
        "note": [f"word{i} and word{i + 1} said again number {i}" for i in range(60)],
        "n": np.arange(60) % 7,
        "kind": list("ab") * 30,
    }
)


@pytest.mark.parametrize(
    ("template", "before", "after"),
    [
        ("text-conv", ("input", "tfidf"), ("input", "tokens")),
        ("two-branch", ("ignore", "tfidf"), ("input", "tokens")),
        ("text-bag", ("input", "tokens"), ("input", "bag")),
        ("text-embedding", ("input", "tokens"), None),
        ("dense", ("input", "tfidf"), None),
    ],
)
def test_texts_are_read_as_a_template_needs_them(template: str, before: tuple[str, str], after: tuple[str, str] | None):
    asked = proposed(
        NOTES, Features(columns=(ColumnFeature("note", *before), ColumnFeature("kind", "target", "class")))
    )
    found = read_for(template, asked, profile_table(NOTES))
    assert [(c.name, (c.role, c.encoder)) for c in found] == ([("note", after)] if after else [])
