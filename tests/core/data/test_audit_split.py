"""The audit beyond equal rows: near duplicates, drift, order in time, leaks by a short rule. Each with its remedy."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn import datasets

from workbench.core.data.audit import Finding, audit, audit_images
from workbench.core.data.profile import profile_table
from workbench.core.data.recipe import run_recipe
from workbench.core.data.sources import load
from workbench.core.project import DataSpec, Features, Project, Split

from .tables import pictures, proposed, table


def found(frame: pd.DataFrame, split: Split | None = None, target: str = "y", parts=None) -> dict[str, Finding]:
    features = proposed(frame, Features(split=split), target)
    return {f.title: f for f in audit(frame, features, profile_table(frame), parts=parts)}


def plain(rows: int = 400, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(rows, 5)), columns=list("abcde"))
    return frame.assign(y=np.where(frame["a"] + rng.normal(size=rows) > 0, "up", "down"))


# ---- near duplicates ---------------------------------------------------------------------------------------------


def test_rows_measured_twice_are_found_and_can_be_kept_together():
    one = plain(200).assign(device_id=np.arange(200) // 4)
    noise = np.random.default_rng(1).normal(size=(200, 5)) * 1e-4
    two = one.assign(**{name: one[name] + noise[:, i] for i, name in enumerate("abcde")})
    frame = pd.concat([one, two], ignore_index=True)
    finding = found(frame)["Nearly the same rows on both sides"]
    assert "rows held out" in finding.text
    assert finding.remedy is not None
    made = finding.remedy(Project())
    assert made.features.split.method == "group"
    assert made.features.split.column == "device_id"


def test_rows_that_differ_are_no_near_duplicates():
    assert not found(plain())


@pytest.mark.parametrize("loader", [datasets.load_iris, datasets.load_wine, datasets.load_breast_cancer])
def test_well_known_tables_raise_no_alarm(loader):
    data = loader(as_frame=True)
    frame = data.frame.assign(target=[data.target_names[i] for i in data.target])
    assert all(f.severity == "info" for f in found(frame, target="target").values())


# ---- parts that differ -------------------------------------------------------------------------------------------


def test_a_number_that_moves_with_time_is_told_with_figures():
    frame = plain().assign(day=np.arange(400))
    frame["b"] += np.linspace(0, 4, 400)
    finding = found(frame, Split(method="time", column="day"))["The test part differs from the training part"]
    assert '"b": median' in finding.text
    assert "KS" in finding.text
    made = finding.remedy(Project())
    assert made.features.split.method == "random"


def test_a_given_test_part_of_another_kind_is_told_and_the_column_can_go():
    frame = plain().assign(town=np.random.default_rng(0).choice(["Bonn", "Köln"], 400))
    parts = np.zeros(400, np.uint8)
    parts[300:] = 1
    frame.loc[300:, "town"] = "Trier"
    finding = found(frame, parts=parts)["The test part differs from the training part"]
    assert '"Trier"' in finding.text
    assert finding.remedy(Project()).features.columns[0].role == "ignore"


@pytest.mark.parametrize("seed", range(12))
def test_a_random_split_never_drifts(seed: int):
    assert not [t for t in found(plain(300, seed), Split(seed=seed)) if "differs" in t]


# ---- order in time -----------------------------------------------------------------------------------------------


def test_a_series_split_at_random_is_told_and_split_by_time_instead():
    rng = np.random.default_rng(0)
    days = pd.date_range("2020-01-01", periods=300).strftime("%Y-%m-%d")
    frame = pd.DataFrame({"day": days, "a": rng.normal(size=300), "y": np.cumsum(rng.normal(size=300))})
    finding = found(frame)["A series in time, split at random"]
    assert "r = 0.9" in finding.text
    split = finding.remedy(Project()).features.split
    assert (split.method, split.column) == ("time", "day")
    assert "A series in time, split at random" not in found(frame, split)
    shuffled = frame.assign(y=rng.permutation(frame["y"]))
    assert "A series in time, split at random" not in found(shuffled)


def test_a_target_in_order_of_time_is_told():
    frame = plain().assign(day=np.arange(400))
    frame["y"] = np.where(frame["day"] < 300, "early", "late")
    finding = found(frame, Split(method="time", column="day"))["The target is in order of time"]
    assert "changes 1 times" in finding.text
    assert finding.remedy(Project()).features.split.method == "random"


def test_real_series_are_told(real_data):
    table = load(DataSpec("csv", str(real_data / "timeseries" / "daily-min-temperatures.csv")))
    assert "A series in time, split at random" in found(table.frame, target=table.frame.columns[-1])


# ---- leaks -------------------------------------------------------------------------------------------------------


def test_a_column_that_almost_gives_the_class_is_told_with_figures():
    rng = np.random.default_rng(0)
    frame = plain(1000)
    frame["paid"] = np.where(frame["y"] == "up", 1, -1) * rng.choice([1, 2, 3], 1000) + (rng.random(1000) < 0.003)
    finding = found(frame)["May give the answer away"]
    assert finding.column == "paid"
    assert "AUC 0.99" in finding.text or "AUC 1.0" in finding.text or "without a mistake" in finding.text
    frame["paid"] = rng.permutation(frame["paid"])
    assert "May give the answer away" not in found(frame)


def test_a_column_that_gives_the_number_by_a_curve_is_told():
    frame = plain(1000).assign(y=lambda f: np.cos(f["a"]) * 100)
    finding = found(frame)["May give the answer away"]
    assert finding.column == "a"
    assert "variance" in finding.text


def test_a_category_that_almost_gives_one_of_three_classes_is_told():
    rng = np.random.default_rng(0)
    frame = plain(900).assign(y=np.repeat(["x", "y", "z"], 300))
    code = np.char.add(frame["y"].to_numpy().astype(str), rng.choice(["1", "2", "3"], 900))
    frame["code"] = np.where(rng.random(900) < 0.005, "x1", code)
    assert "% right" in found(frame)["May give the answer away"].text


def test_texts_that_never_come_back_are_no_ids():
    words = np.random.default_rng(0).choice([f"word{i}" for i in range(40)], (300, 14))
    frame = pd.DataFrame({"review": [" ".join(row) for row in words], "y": ["good", "bad"] * 150})
    assert {c.name: c.encoder for c in proposed(frame, target="y").columns}["review"] == "tfidf"
    assert not found(frame)


# ---- balance and pictures ----------------------------------------------------------------------------------------


def test_rare_classes_can_be_given_weight():
    frame = plain(600)
    frame["y"] = np.where(np.arange(600) % 20 == 0, "rare", "usual")
    finding = found(frame)["The classes are out of balance"]
    balanced = finding.remedy(Project()).features
    assert balanced.balance == "weights"
    features = replace(proposed(frame), balance="weights")
    (after,) = [f for f in audit(frame, features, profile_table(frame)) if "balance" in f.title]
    assert after.severity == "info"
    assert after.remedy is None


def test_nearly_the_same_pictures_are_found():
    data = pictures(200, side=20)
    rows = {"train": np.arange(0, 150), "validation": np.arange(150, 200), "test": np.zeros(0, np.int64)}
    args = (data.labels, data.classes, rows, data)
    assert not audit_images(*args)
    noise = np.random.default_rng(3).integers(-2, 3, data.array[:10].shape)
    data.array[150:160] = np.clip(data.array[:10].astype(int) + noise, 0, 255)
    (finding,) = audit_images(*args[:3], replace(data))
    assert finding.remedy is not None
    assert finding.remedy(Project()).recipe[0].kind == "drop_near_pictures"
    assert "10 of the 50" in finding.text
    assert '"#150" and "#0"' in finding.text


def test_real_digits_and_flowers_are_not_all_alike(real_data):
    data = load(DataSpec("idx", str(real_data / "mnist")))
    rng = np.random.default_rng(0)
    order = rng.permutation(len(data))[:6000]
    rows = {"train": order[:4000], "validation": order[4000:5000], "test": order[5000:]}
    assert not [f for f in audit_images(data.labels, data.classes, rows, data) if f.severity != "info"]


# ---- ways out ----------------------------------------------------------------------------------------------------


def by_hand(project: Project, frame: pd.DataFrame) -> pd.DataFrame:
    """The table as the recipe of a project leaves it."""
    cleaned = run_recipe(table(frame), project.recipe)
    assert [outcome.error for outcome in cleaned.outcomes if outcome.error] == []
    return cleaned.frame


def test_near_rows_without_a_group_can_be_numbered_or_thinned_out():
    one = plain(300)
    noise = np.random.default_rng(1).normal(size=(300, 5)) * 1e-4
    two = one.assign(**{name: one[name] + noise[:, i] for i, name in enumerate("abcde")})
    frame = pd.concat([one, two], ignore_index=True)
    remedies = dict(found(frame)["Nearly the same rows on both sides"].remedies)
    assert list(remedies) == ["Keep them on one side", "Keep one of each"]

    kept = by_hand(remedies["Keep one of each"](Project()), frame)
    assert len(kept) == pytest.approx(300, abs=3)
    assert not found(kept)

    made = remedies["Keep them on one side"](Project())
    numbered = by_hand(made, frame)
    assert numbered["Same rows"].iloc[:300].tolist() == pytest.approx(numbered["Same rows"].iloc[300:].tolist())
    assert made.features.split.column == "Same rows"
    features = proposed(numbered, made.features, "y")
    assert {c.name: c.role for c in features.columns}["Same rows"] == "ignore"
    assert not audit(numbered, features, profile_table(numbered))


def test_equal_rows_can_stay_and_be_kept_on_one_side():
    frame = pd.concat([plain(200), plain(200)], ignore_index=True)
    finding = found(frame)["The same rows on both sides of the split"]
    made = dict(finding.remedies)["Keep them on one side"](Project())
    numbered = by_hand(made, frame)
    assert len(numbered) == 400
    assert not audit(numbered, proposed(numbered, made.features, "y"), profile_table(numbered))


def test_rare_classes_can_become_one_or_be_left_out():
    frame = plain(400)
    frame.loc[:1, "y"] = ["odd", "queer"]
    finding = found(frame)["Classes missing from the validation and test parts"]
    remedies = dict(finding.remedies)
    assert list(remedies) == ['Make the 2 classes one, "other"', "Leave out their rows"]
    one, without = (by_hand(remedy(Project()), frame) for remedy in remedies.values())
    assert set(one["y"]) == {"up", "down", "other"}
    assert len(without) == 398
    assert set(without["y"]) == {"up", "down"}


def test_classes_that_are_not_shared_out_can_be():
    frame = plain(400).assign(y=["rare" if i < 5 else "up" if i % 2 else "down" for i in range(400)])
    findings = found(frame, Split(method="time", column="a", stratify=False))
    missing = [f for title, f in findings.items() if title.startswith("Classes missing")]
    assert missing
    label, edit = missing[0].remedies[0]
    assert label == "Split at random"
    assert edit(Project()).features.split.stratify


def test_a_target_that_drifts_has_ways_out():
    frame = plain(400)
    parts = np.zeros(400, np.uint8)
    parts[300:] = 1
    frame["y"] = ["up" if i % 4 else "down" for i in range(300)] + ["up" if i % 4 == 0 else "down" for i in range(100)]
    finding = found(frame, parts=parts)["The test part differs from the training part"]
    assert finding.column == "y"
    ((label, edit),) = finding.remedies
    assert label == "Test on rows of the main file"
    made = edit(Project(data=DataSpec("csv", "train.csv", test_path="test.csv")))
    assert made.data.test_path == ""


def test_every_warning_has_a_way_out():
    """Tables with something wrong: whatever is warned of can be mended or left out by a click."""
    rng = np.random.default_rng(0)
    bad = plain(400).assign(
        leak=lambda f: (f["y"] == "up").astype(int),
        same=1.0,
        gaps=np.where(np.arange(400) < 300, np.nan, 1.0 * np.arange(400)),
        row_id=np.arange(400),
    )
    bad.loc[rng.choice(400, 390, replace=False), "y"] = "up"
    bad = pd.concat([bad, bad.head(100)], ignore_index=True)
    features = replace(
        proposed(bad, target="y"),
        columns=tuple(replace(c, role="input") if c.role == "ignore" else c for c in proposed(bad, target="y").columns),
    )
    findings = audit(bad, features, profile_table(bad))
    assert len(findings) >= 4
    assert [f.title for f in findings if not f.remedies] == []
