from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from workbench.core import edits
from workbench.core.data.features import explain, image_size, propose
from workbench.core.data.profile import profile_images, profile_table
from workbench.core.data.samples import SAMPLES, load_sample
from workbench.core.data.sources import load
from workbench.core.project import ColumnFeature, DataSpec, Features, ImageFeature, Project, Split

from .tables import passengers, pictures, proposed


def roles(features: Features) -> dict[str, str]:
    return {c.name: c.role for c in features.columns}


def encoders(features: Features) -> dict[str, str]:
    return {c.name: c.encoder for c in features.columns}


def test_a_passenger_list_is_ready_at_once():
    features = proposed(passengers())
    assert roles(features) == {
        "PassengerId": "ignore",
        "Survived": "target",
        "Name": "ignore",
        "Sex": "input",
        "Age": "input",
        "Port": "input",
        "Fare": "input",
    }
    assert encoders(features)["Survived"] == "class"
    assert encoders(features)["Sex"] == "onehot"
    assert encoders(features)["Age"] == "standard"
    assert features.task == "classification"
    assert features.split == Split(0.7, 0.15, 0.15)


def test_the_real_titanic(real_data):
    table = load(DataSpec("csv", str(real_data / "titanic" / "train.csv")))
    profile = profile_table(table.frame)
    features = propose(profile, Features(), "table")
    found = roles(features)
    assert found.pop("Survived") == "target"
    assert {n for n, r in found.items() if r == "input"} == {
        "Pclass",
        "Sex",
        "Age",
        "SibSp",
        "Parch",
        "Fare",
        "Embarked",
    }
    reasons = explain(profile, features)
    assert set(reasons) == set(table.frame.columns)
    assert all(r.endswith(".") for r in reasons.values())


@pytest.mark.parametrize(
    ("file", "target", "task"),
    [
        ("iris.csv", None, "classification"),
        ("winequality-red.csv", None, "classification"),
        ("california_housing.csv", "median_house_value", "regression"),
        ("mpg.csv", "mpg", "regression"),
    ],
)
def test_real_tables_find_their_target(real_data, file: str, target: str | None, task: str):
    table = load(DataSpec("csv", str(real_data / "tabular" / file)))
    features = proposed(table.frame)
    chosen = next(c for c in features.columns if c.role == "target")
    assert chosen.name == (target or table.frame.columns[-1])
    assert features.task == task
    if task == "regression":
        assert chosen.encoder == "standard"


@pytest.mark.parametrize("sample", [s.name for s in SAMPLES if s.kind == "table"])
def test_every_sample_is_ready_at_once(sample: str):
    data = load_sample(sample)
    entry = next(s for s in SAMPLES if s.name == sample)
    features = propose(profile_table(data.frame), Features(), "table", data.target)
    assert [c.name for c in features.columns if c.role == "target"] == [data.target]
    assert features.task == entry.task
    assert sum(c.role == "input" for c in features.columns) == data.frame.shape[1] - 1


def test_six_pairs_of_numbers_stay_as_they_are():
    frame = pd.DataFrame({"x": [-1.0, 0, 1, 2, 3, 4], "y": [-3.0, -1, 1, 3, 5, 7]})
    features = proposed(frame)
    assert roles(features) == {"x": "input", "y": "target"}
    assert set(encoders(features).values()) == {"none"}
    assert features.task == "regression"
    assert features.split == Split(1.0, 0.0, 0.0)


def test_whole_numbers_that_come_back_are_classes():
    frame = pd.DataFrame({"a": np.linspace(0, 1, 60), "b": np.arange(60) % 3})
    assert proposed(frame).task == "classification"
    frame["b"] = np.arange(60) * 7 % 61
    assert proposed(frame, target="b").task == "regression"


def test_zero_and_one_with_a_gap_are_classes():
    answers = (np.arange(60) % 2).astype(float)
    answers[3] = np.nan
    assert proposed(pd.DataFrame({"a": np.linspace(0, 1, 60), "b": answers})).task == "classification"


def test_a_large_number_target_is_standardised_and_a_small_one_is_not():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.normal(size=90), "price": rng.normal(200_000, 50_000, 90)})
    assert encoders(proposed(frame))["price"] == "standard"
    frame["price"] = rng.normal(0, 1, 90)
    assert encoders(proposed(frame))["price"] == "none"


def test_shares_and_pixels_are_brought_to_0_1_and_the_rest_standardised():
    rng = np.random.default_rng(0)
    pixel = np.r_[0, 255, rng.integers(0, 256, 198)]
    frame = pd.DataFrame({"share": rng.random(200), "pixel": pixel, "money": rng.lognormal(5, 2, 200), "y": pixel % 2})
    assert encoders(proposed(frame)) == {"share": "minmax", "pixel": "minmax", "money": "standard", "y": "class"}


def test_what_cannot_be_an_input_is_ignored_and_says_why():
    rows = 100
    frame = pd.DataFrame(
        {
            "id": np.arange(rows),
            "constant": np.ones(rows),
            "empty": pd.Series([None] * rows, dtype="str"),
            "when": pd.date_range("2020-01-01", periods=rows),
            "letter": [f"Dear reader, this is letter {i * 7919 % 101} and it goes on" for i in range(rows)],
            "code": [f"c{i % 80}" for i in range(rows)],
            "size": np.random.default_rng(0).normal(size=rows),
            "label": ["yes", "no"] * (rows // 2),
        }
    )
    features = proposed(frame)
    assert [n for n, r in roles(features).items() if r == "input"] == ["when", "size"]
    assert encoders(features)["when"] == "dates"
    reasons = explain(profile_table(frame), features)
    for name, word in {
        "id": "id",
        "constant": "same value",
        "empty": "Empty",
        "when": "month",
        "code": "too few rows",
        "letter": "Free text",
    }.items():
        assert word in reasons[name], reasons[name]


def test_unique_whole_numbers_that_are_no_id_stay_inputs():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"population": rng.permutation(100_000)[:80], "y": rng.normal(size=80)})
    assert roles(proposed(frame))["population"] == "input"


def test_running_numbers_are_the_input_when_there_is_no_other():
    frame = pd.DataFrame({"x": np.arange(100), "y": np.sin(np.arange(100) / 9)})
    assert roles(proposed(frame)) == {"x": "input", "y": "target"}


def test_what_the_person_set_wins():
    frame = passengers()
    mine = Features(
        task="regression",
        columns=(
            ColumnFeature("Fare", "target", "none"),
            ColumnFeature("Age", "ignore", "minmax"),
            ColumnFeature("Gone"),
        ),
        split=Split(0.5, 0.25, 0.25, seed=9),
    )
    features = proposed(frame, mine)
    assert features.task == "regression"
    assert features.split == mine.split
    assert [c.name for c in features.columns] == list(frame.columns)
    assert roles(features)["Fare"] == "target"
    assert encoders(features)["Fare"] == "none"
    assert roles(features)["Age"] == "ignore"
    assert encoders(features)["Age"] == "minmax"
    assert roles(features)["Survived"] == "input"


def test_an_input_of_the_person_is_not_taken_as_the_target():
    mine = Features(columns=(ColumnFeature("Survived", "input", "standard"),))
    features = proposed(passengers(), mine)
    assert roles(features)["Survived"] == "input"
    assert [n for n, r in roles(features).items() if r == "target"] == ["Fare"]


def test_choosing_another_target_lets_the_proposal_pick_its_encoder():
    frame = passengers()
    project = Project(features=Features())
    project = edits.set_target("Fare", proposed(frame).columns)(project)
    features = proposed(frame, project.features)
    assert features.task == "regression"
    assert encoders(features)["Fare"] == "standard"
    assert roles(features)["Survived"] == "input"
    project = edits.set_target("Port", features.columns)(project)
    features = proposed(frame, project.features)
    assert [n for n, r in roles(features).items() if r == "target"] == ["Port"]
    assert encoders(features)["Port"] == "class"
    assert encoders(features)["Fare"] == "standard"


def test_switching_the_task_changes_the_target_encoder():
    frame = pd.DataFrame({"a": np.linspace(0, 1, 60), "grade": np.arange(60) % 5})
    features = proposed(frame)
    assert encoders(features)["grade"] == "class"
    features = proposed(frame, replace(features, task="regression"))
    assert encoders(features)["grade"] == "none"


def test_a_proposal_of_a_proposal_changes_nothing():
    for frame in (passengers(), pd.DataFrame({"x": [1.0, 2, 3], "y": [2.0, 4, 6]})):
        first = proposed(frame)
        assert proposed(frame, first) == first


@pytest.mark.parametrize("name", ["monthly rent €", "Price (USD)", "Total cost [EUR]"])
def test_a_unit_at_its_end_does_not_hide_a_target(name: str):
    """A list of flats: what they cost is asked, not in which of many cities they are."""
    cities = pd.Series([f"city {i % 40}" for i in range(400)])
    frame = pd.DataFrame({"city": cities, name: np.linspace(400, 900, 400), "listed": ["2025-01-02"] * 400})
    frame["listed"] = pd.to_datetime(frame["listed"]) + pd.to_timedelta(np.arange(400), "D")
    assert roles(proposed(frame))[name] == "target"
    other = proposed(frame.rename(columns={name: "height"}))
    assert "target" not in roles(other).values(), "40 cities in the first column are no obvious answer"


def test_nothing_obvious_leaves_the_target_open():
    frame = pd.DataFrame(
        {"a": np.linspace(0, 1, 50), "note": [f"some long free text number {i} here" for i in range(50)]}
    )
    assert "target" not in roles(proposed(frame)).values()


@pytest.mark.parametrize("frame", [pd.DataFrame(), pd.DataFrame({"a": []}), pd.DataFrame({"a": [1.0, 2.0]})])
def test_poor_tables_are_no_accident(frame: pd.DataFrame):
    features = proposed(frame)
    assert "target" not in roles(features).values()


def test_a_given_test_part_leaves_more_to_train():
    frame = passengers()
    parts = np.zeros(len(frame), np.uint8)
    parts[:30] = 1
    assert propose(profile_table(frame), Features(), "table", parts=parts).split == Split(0.85, 0.15, 0.0)


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([((28, 28), 70_000)], (28, 28)),
        ([((8, 8), 10)], (8, 8)),
        ([((500, 667), 100)], (48, 64)),
        ([((500, 667), 40), ((500, 500), 30), ((375, 500), 30)], (64, 64)),
        ([((32, 20), 6), ((500, 500), 4)], (32, 20)),
        ([((1, 5000), 5)], (1, 64)),
        ([], (64, 64)),
    ],
)
def test_picture_sizes(sizes: list, expected: tuple):
    assert image_size(sizes) == expected


def test_pictures_take_their_most_common_size_and_colour():
    features = propose(profile_images(pictures(side=12)), Features(), "images")
    assert (features.image.height, features.image.width, features.image.channels) == (12, 12, 1)
    assert features.task == "classification"
    features = propose(profile_images(pictures(channels=3)), Features(image=ImageFeature(width=6)), "images")
    assert (features.image.height, features.image.width, features.image.channels) == (6, 6, 3)
