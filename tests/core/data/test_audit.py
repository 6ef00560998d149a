from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from workbench.core.data.audit import Finding, audit, audit_images
from workbench.core.data.audit_classes import rare_notes
from workbench.core.data.dataset import LoadReport, TableData
from workbench.core.data.prepared import prepare
from workbench.core.data.profile import profile_table
from workbench.core.data.samples import SAMPLES, load_sample
from workbench.core.data.sources import load
from workbench.core.data.split import split_rows
from workbench.core.data.steps import STEPS
from workbench.core.project import ColumnFeature, DataSpec, Features, Project, Split

from .tables import passengers, proposed


def found(frame: pd.DataFrame, features: Features | None = None, **more: object) -> tuple[Finding, ...]:
    features = proposed(frame, features)
    return audit(frame, features, profile_table(frame), **more)


def titles(findings: tuple[Finding, ...]) -> set[tuple[str, str]]:
    return {(f.title, f.column) for f in findings}


def test_a_sound_table_has_no_findings():
    assert found(passengers()) == ()


@pytest.mark.parametrize("sample", [s.name for s in SAMPLES if s.kind == "table"])
def test_the_samples_raise_no_warnings(sample: str):
    data = load_sample(sample)
    findings = audit(data.frame, proposed(data.frame, target=data.target), profile_table(data.frame))
    assert [f for f in findings if f.severity != "info"] == []


def test_the_real_titanic_leaks_nothing(real_data):
    frame = load(DataSpec("csv", str(real_data / "titanic" / "train.csv"))).frame
    assert found(frame) == ()


def test_a_category_that_is_the_answer():
    frame = passengers()
    frame["Lifeboat"] = np.where(frame["Survived"] == 1, "boat", "none")
    (finding,) = found(frame)
    assert (finding.title, finding.column, finding.severity) == ("May give the answer away", "Lifeboat", "warning")
    assert finding.remedy is not None
    mended = finding.remedy(Project())
    assert mended.features.columns[0].name == "Lifeboat"
    assert found(frame, mended.features) == ()


def test_a_finer_category_that_is_the_answer():
    frame = passengers()
    frame["Ward"] = [f"{'A' if s else 'B'}{i % 5}" for i, s in enumerate(frame["Survived"])]
    assert ("May give the answer away", "Ward") in titles(found(frame))


def test_a_number_that_separates_the_classes():
    frame = passengers()
    frame["Dose"] = frame["Survived"] * 10 + np.random.default_rng(0).random(len(frame))
    assert ("May give the answer away", "Dose") in titles(found(frame))


def test_a_number_that_is_the_target_in_other_units():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.normal(size=100), "euro": rng.uniform(100, 900, 100)})
    frame["price"] = frame["euro"] * 1.1
    assert titles(found(frame)) == {("May give the answer away", "euro")}


def test_a_good_predictor_is_no_leak():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.normal(size=300), "b": rng.normal(size=300)})
    frame["price"] = frame["a"] + rng.normal(0, 0.1, 300)
    assert found(frame) == ()


def test_a_single_input_is_meant_to_give_the_answer():
    x = np.linspace(0, 9, 100)
    assert found(pd.DataFrame({"x": x, "y": 2 * x - 1})) == ()


def test_an_id_or_a_constant_that_the_person_made_an_input():
    frame = passengers().assign(Ship="Titanic")
    mine = Features(
        columns=(ColumnFeature("PassengerId", "input", "standard"), ColumnFeature("Ship", "input", "onehot"))
    )
    findings = found(frame, mine)
    assert titles(findings) == {("An id among the inputs", "PassengerId"), ("A constant input", "Ship")}
    project = Project(features=mine)
    for finding in findings:
        assert finding.remedy_label
        assert finding.remedy is not None
        project = finding.remedy(project)
    assert found(frame, project.features) == ()


def test_an_input_that_is_mostly_missing():
    frame = passengers()
    frame.loc[:150, "Age"] = np.nan
    assert titles(found(frame)) == {("Mostly missing", "Age")}


def test_several_inputs_that_are_mostly_missing_are_one_finding():
    frame = passengers()
    frame.loc[:150, ["Age", "Fare"]] = np.nan
    (finding,) = found(frame)
    assert (finding.title, finding.column) == ("Mostly missing", "")
    assert finding.remedy is not None
    assert found(frame, finding.remedy(Project()).features) == ()


def test_rows_on_both_sides_of_the_split():
    frame = passengers()
    frame = pd.concat([frame, frame], ignore_index=True).assign(PassengerId=np.arange(400))
    (finding,) = found(frame)
    assert finding.title == "The same rows on both sides of the split"
    assert finding.severity == "warning"
    assert finding.remedy is not None
    (step,) = finding.remedy(Project()).recipe
    assert step.kind == "drop_duplicates"
    assert len(STEPS[step.kind].apply(frame, step.params)) == 200


def test_people_who_are_alike_are_not_the_same():
    frame = passengers()
    frame[["Age", "Fare", "Port", "Sex"]] = [30.0, 8.0, "S", "male"]
    assert not any("same rows" in f.title for f in found(frame))


def test_one_class_outweighs_the_others():
    frame = passengers()
    frame["Survived"] = (np.arange(200) % 20 == 0).astype(int)
    (finding,) = found(frame)
    assert finding.title == "The classes are out of balance"
    assert "95.0 %" in finding.text


def test_a_class_too_rare_for_every_part():
    frame = passengers()
    frame["Port"] = ["S", "C"] * 99 + ["Q", "Q"]
    mine = Features(columns=(ColumnFeature("Port", "target", "class"),))
    findings = found(frame, mine)
    assert [f.title for f in findings] == ["Classes missing from the validation and test parts"]
    assert '"Q"' in findings[0].text
    (label, leave_out), *others = findings[0].remedies
    assert label == "Leave out its rows"
    assert not others
    (step,) = leave_out(Project()).recipe
    assert (step.kind, step.params["value"]) == ("filter_rows", "Q")


def test_a_class_with_a_handful_of_rows_is_told_with_ways_out():
    rng = np.random.default_rng(1)
    kinds = ["S", "C"] * 95 + ["Q"] * 6 + ["K\nx"] * 4
    frame = pd.DataFrame({"Port": kinds, "a": rng.normal(size=200), "b": rng.normal(size=200)})
    mine = Features(columns=(ColumnFeature("Port", "target", "class"),), split=Split(0.5, 0.25, 0.25))
    (finding,) = found(frame, mine)
    assert finding.title == "Classes with a handful of rows"
    assert finding.severity == "warning"
    assert '"Q" (6 rows), "K⏎x" (4 rows)' in finding.text
    assert "more rows" in finding.text
    remedies = dict(finding.remedies)
    assert list(remedies) == ["Let rare classes count more", 'Make the 2 classes one, "other"', "Leave out their rows"]
    assert remedies["Let rare classes count more"](Project()).features.balance == "weights"
    assert [f.severity for f in found(frame, replace(mine, balance="weights"))] == ["info"]


def test_one_row_of_a_class_is_trained_on_and_said_to_be_judged_nowhere():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"y": ["a", "b"] * 50 + ["lone"], "x": rng.normal(size=101), "z": rng.normal(size=101)})
    mine = Features(columns=(ColumnFeature("y", "target", "class"),), split=Split(stratify=True))
    (finding,) = found(frame, mine)
    assert finding.title == "Classes missing from the validation and test parts"
    assert '"lone" (1 row)' in finding.text
    assert [label for label, _ in finding.remedies] == ["Leave out its rows"]
    labels = (frame["y"] == "lone").to_numpy().astype(int)
    assert 100 in split_rows(frame, None, Split(stratify=True), labels)["train"]


def test_arrays_about_to_be_trained_on_are_told_of_the_same(tmp_path):
    rng = np.random.default_rng(1)
    table = TableData(
        pd.DataFrame({"y": ["a", "b"] * 40 + ["few"] * 4, "x": rng.normal(size=84)}),
        LoadReport(),
        np.zeros(84, np.uint8),
    )
    columns = (ColumnFeature("y", "target", "class"), ColumnFeature("x", "input", "standard"))
    project = Project(features=Features(columns=columns, split=Split()))
    prepared = prepare(project, table, None, tmp_path)
    (note,) = rare_notes(prepared)
    assert '"few" (4 rows)' in note
    assert rare_notes(prepared, "oversample") == ()


def test_rare_pictures_are_told():
    labels = np.array([0] * 40 + [1] * 40 + [2] * 4)
    rows = {"train": np.arange(84), "validation": np.zeros(0, int), "test": np.zeros(0, int)}
    (finding,) = audit_images(labels, ("cat", "dog", "yak"), rows)
    assert '"yak" (4 pictures)' in finding.text
    assert [label for label, _ in finding.remedies] == ["Let rare classes count more"]


def test_the_split_of_the_plan_is_used_when_it_is_at_hand():
    frame = passengers()
    ones = np.flatnonzero(frame["Survived"] == 1)
    zeros = np.flatnonzero(frame["Survived"] == 0)
    rows = {"train": zeros, "validation": np.zeros(0, int), "test": ones}
    assert "Classes missing from the train part" in {f.title for f in found(frame, rows=rows)}


def test_what_cannot_be_judged_is_left_out():
    frame = passengers()
    for features in (
        Features(task="regression", columns=(ColumnFeature("Sex", "target", "none"),)),
        Features(columns=tuple(ColumnFeature(n, "ignore", "none") for n in frame.columns)),
        Features(columns=(ColumnFeature("Name", "input", "standard"),)),
    ):
        assert all(isinstance(f, Finding) for f in found(frame, features))
    assert audit(frame, Features(), None) == ()
    assert audit(frame.head(0), proposed(frame), profile_table(frame.head(0))) is not None


def test_pictures():
    labels = np.array([0] * 95 + [1] * 5)
    rows = {"train": np.arange(95), "validation": np.zeros(0, int), "test": np.arange(95, 100)}
    findings = audit_images(labels, ("cat", "dog"), rows)
    assert {f.title for f in findings} == {
        "The classes are out of balance",
        "Classes missing from the train part",
        "Classes missing from the test part",
    }
