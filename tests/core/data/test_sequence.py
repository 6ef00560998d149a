"""Windows: cut within one series, resampled, filled, scaled by the training part, split without a leak."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.core.data.dataset import SeriesData
from workbench.core.data.external import external_arrays, prepare_external
from workbench.core.data.planning import make_plan
from workbench.core.data.prepared import prepare
from workbench.core.data.preprocess import Preprocessor
from workbench.core.data.sequence_answers import known_answers, last_value_error, later_cuts, only_series, votes
from workbench.core.data.sequence_audit import audit_series
from workbench.core.data.sequence_windows import cut, filled, resampled, starts_of, windows
from workbench.core.data.series_profile import profile_series
from workbench.core.errors import FeatureError
from workbench.core.project import Features, Project, SequenceFeature, Split

from .series import marks, series

HALVES = [i % 2 for i in range(12)]


def plan(data: SeriesData, sequence: SequenceFeature | None = None, split: Split | None = None) -> Any:
    return make_plan(Project(features=Features(sequence=sequence or SequenceFeature(), split=split)), data, None)


@given(
    st.lists(st.integers(0, 40), min_size=1, max_size=6),
    st.integers(1, 12),
    st.integers(1, 12),
    st.sampled_from(["repeat", "mean", "drop"]),
    st.integers(0, 3),
)
def test_a_window_lies_within_its_series(lengths: list[int], length: int, stride: int, pad: str, ahead: int) -> None:
    data = series(lengths)
    feature = SequenceFeature(("a",), length, stride, pad, "linear", "none", -1.0, "column", "a", ahead)
    cuts = cut(data, feature)
    for i, start in zip(cuts.series.tolist(), cuts.starts.tolist(), strict=True):
        assert start + length + ahead <= lengths[i], "nothing behind the end of the series is needed"
        assert start >= 0 or (pad != "drop" and lengths[i] - ahead < length)
    for i in range(len(lengths)):
        assert starts_of(data, i, feature)[0].tolist() == cuts.starts[cuts.series == i].tolist()


def test_windows_hold_the_values_of_their_steps_and_padding_in_front() -> None:
    data = series([10, 3])
    for pad, front in (("repeat", 10.0), ("mean", 0.0)):
        sequence = SequenceFeature(("a", "b"), 4, 3, pad, "linear", "none", -1.0, "column", "a", 1)
        made = plan(data, sequence, Split(1.0, 0.0, 0.0, method="time"))
        (found,) = [x for _, x in windows(data, made.series.cuts, np.arange(len(made.series.cuts)), fitted(made))]
        assert found[0, :, 0].tolist() == [0, 1, 2, 3]
        assert found[1, :, 1].tolist() == [-3, -4, -5, -6]
        assert found[-1, :, 0].tolist() == [front, front, 10, 11], "the last step stays for the target"


def fitted(made: Any) -> Any:
    return made.preprocessor.sequence


def test_a_forecast_is_of_the_step_ahead_and_nothing_else() -> None:
    sequence = SequenceFeature(("a", "b"), 4, 1, "drop", "forward", "none", -1.0, "column", "a", 2)
    made = plan(series([30]), sequence, Split(0.6, 0.2, 0.2, method="time"))
    target = made.preprocessor.target
    y = made.series.labels[:, 0] * target.scale + target.offset
    assert np.allclose(y, np.arange(len(y)) + 3 + 2)
    rows = made.rows
    last = {p: int(made.series.cuts.starts[r].max()) + 3 + 2 for p, r in rows.items()}
    first = {p: int(made.series.cuts.starts[r].min()) + 3 + 2 for p, r in rows.items()}
    assert last["train"] < first["validation"] <= last["validation"] < first["test"]


def test_the_same_moment_is_not_asked_for_what_is_an_input() -> None:
    sequence = SequenceFeature(("a", "b"), 4, 1, "drop", "forward", "none", -1.0, "column", "a", 0)
    with pytest.raises(FeatureError, match="known beforehand"):
        plan(series([30]), sequence, Split())
    proposed = plan(series([300]), SequenceFeature(predict="column", target="a"))
    assert proposed.features.sequence.channels == ("b",)


def test_a_class_step_by_step_is_that_of_the_last_step() -> None:
    codes = [0] * 20 + [1] * 20
    data = series([40], marks=marks(codes))
    sequence = SequenceFeature(("a",), 5, 1, "drop", "forward", "none", -1.0, "column", "state", 0)
    made = plan(data, sequence, Split(0.5, 0.25, 0.25, method="time"))
    ends = made.series.cuts.starts + 4
    assert made.series.labels.tolist() == [codes[e] for e in ends]
    train = set(made.series.cuts.starts[made.rows["train"]].tolist())
    assert max(train) + 4 < 20 <= min(made.series.cuts.starts[made.rows["validation"]])


@pytest.mark.parametrize("method", ["random", "group"])
def test_whole_series_and_whole_groups_stay_together(method: str) -> None:
    group = np.array([i // 2 for i in range(12)], np.int32)
    data = series([40 + i for i in range(12)], HALVES, group=group, groups=tuple("pqrstu"))
    made = plan(data, SequenceFeature(length=8, stride=4), Split(method=method))
    own = {part: set(made.series.cuts.series[rows].tolist()) for part, rows in made.rows.items()}
    assert set.union(*own.values()) == set(range(12))
    assert sum(map(len, own.values())) == 12, "no series is in two parts"
    if method == "group":
        people = {part: {int(group[i]) for i in found} for part, found in own.items()}
        assert sum(map(len, people.values())) == 6, "no group is in two parts"


@pytest.mark.parametrize("method", ["random", "group", "time"])
def test_folds_hold_out_whole_series_groups_or_stretches(method: str) -> None:
    group = np.array([i // 2 for i in range(12)], np.int32)
    data = series([120] * 12, HALVES, group=group, groups=tuple("pqrstu"))
    held: list[Any] = []
    kept: list[Any] = []
    for fold in (1, 2, 3):
        split = Split(method=method, folds=3, fold=fold)
        made = plan(data, SequenceFeature(length=8, stride=4), split)
        train, validation = made.rows["train"], made.rows["validation"]
        assert not set(train.tolist()) & set(validation.tolist())
        if method == "time":
            assert made.series.cuts.starts[train].max() + 8 <= made.series.cuts.starts[validation].min()
        else:
            own = made.series.cuts.series
            assert not set(own[train].tolist()) & set(own[validation].tolist())
        held += validation.tolist()
        kept.append(made.rows["test"].tolist())
    assert len(held) == len(set(held)), "held out once"
    assert kept[0] == kept[1] == kept[2], "the test part is the same for all"


def test_scaling_is_that_of_the_training_steps() -> None:
    from sklearn.preprocessing import RobustScaler, StandardScaler

    rng = np.random.default_rng(3)
    data = series([50] * 12, HALVES, values=rng.normal(7, 3, (600, 2)))
    for scale, scaler in (("standard", StandardScaler()), ("robust", RobustScaler())):
        made = plan(data, SequenceFeature(length=10, stride=10, scale=scale), Split(method="random"))
        train = sorted(set(made.series.cuts.series[made.rows["train"]].tolist()))
        scaler.fit(np.concatenate([data.series(i) for i in train]))
        middle = scaler.mean_ if scale == "standard" else scaler.center_
        assert np.allclose(fitted(made).offset, middle, rtol=1e-12)
        assert np.allclose(fitted(made).scale, scaler.scale_, rtol=1e-12)


def test_filling_and_resampling() -> None:
    nan = np.nan
    values = np.array([[nan], [1.0], [nan], [3.0], [nan]])
    assert filled(values, "linear")[:, 0].tolist() == [1, 1, 2, 3, 3]
    assert filled(values, "forward")[1:, 0].tolist() == [1, 1, 3, 3]
    assert np.isnan(filled(values, "forward")[0, 0]), "what comes later is not known yet"
    times = np.array([0.0, 1.0, 2.0, 3.0])
    ramp = np.array([[0.0], [10.0], [20.0], [30.0]])
    up, last = resampled(ramp, times, 2.0, causal=False)
    assert up[:, 0].tolist() == [0, 5, 10, 15, 20, 25, 30]
    assert last.tolist() == [0, 0, 1, 1, 2, 2, 3]
    assert resampled(ramp, times, 2.0, causal=True)[0][:, 0].tolist() == [0, 0, 10, 10, 20, 20, 30]
    long = np.arange(9.0)[:, None]
    down, _ = resampled(long, np.arange(9) / 4.0, 1.0, causal=True)
    assert down[:, 0].tolist() == [0.0, 2.5, 6.5], "the mean since the step before, of what is known by then"


def test_series_of_different_rates_are_brought_to_one() -> None:
    times = np.concatenate([np.arange(100) / 10, np.arange(100) / 20] * 6)
    data = series([100] * 12, HALVES, times=times)
    made = plan(data)
    assert made.features.sequence.rate == 15.0
    assert made.series.cuts.steps.tolist() == [149, 75] * 6


def test_the_proposal_fills_in_what_the_person_left_open() -> None:
    data = series([100] * 12, HALVES, values=np.stack([np.arange(1200.0), np.full(1200, 4.0)], axis=1))
    made = plan(data)
    sequence = made.features.sequence
    assert (sequence.predict, sequence.channels, sequence.length) == ("class", ("a",), 24)
    assert made.features.task == "classification"
    assert plan(data, SequenceFeature(length=20)).features.sequence.stride <= 10
    forecast = plan(series([400])).features
    assert (forecast.task, forecast.sequence.horizon, forecast.split.method) == ("regression", 1, "time")
    assert forecast.sequence.missing == "forward"


@pytest.mark.parametrize(
    ("sequence", "labels", "words"),
    [
        (SequenceFeature(length=500, pad="drop"), HALVES, "No series is long enough"),
        (SequenceFeature(length=200_000), HALVES, "cannot be made"),
        (SequenceFeature(scale="wild"), HALVES, "no scale called"),
        (SequenceFeature(predict="class"), None, "No series has a class"),
        (SequenceFeature(predict="class"), [0] * 12, "same answer"),
    ],
)
def test_what_cannot_be_made_is_said(sequence: SequenceFeature, labels: list[int] | None, words: str) -> None:
    with pytest.raises(FeatureError, match=words):
        plan(series([40] * 12, labels), sequence)


def test_a_split_that_the_series_cannot_have() -> None:
    with pytest.raises(FeatureError, match="only one series"):
        plan(series([400]), split=Split())
    with pytest.raises(FeatureError, match="belong together"):
        plan(series([40] * 12, HALVES), split=Split(method="group"))
    with pytest.raises(FeatureError, match="cannot be split"):
        plan(series([40] * 12, HALVES), split=Split(method="column", column="x"))


# ---- arrays ------------------------------------------------------------------------------------------------------


def test_prepared_windows_are_the_same_again_and_travel_as_json(tmp_path: Path) -> None:
    data = series([50] * 12, HALVES)
    project = Project(features=Features(sequence=SequenceFeature(length=10, stride=5)))
    first = prepare(project, data, None, tmp_path / "a")
    second = prepare(project, data, None, tmp_path / "b")
    for part in ("train", "validation", "test"):
        x, again = first.part(part), second.part(part)
        assert x.x["sequence"].dtype == np.float32
        assert x.x["sequence"].tobytes() == again.x["sequence"].tobytes()
        assert np.array_equal(x.rows, again.rows)
    assert first.folder.name == second.folder.name
    other = replace(project, features=Features(sequence=SequenceFeature(length=10, stride=4)))
    assert prepare(other, data, None, tmp_path / "a").folder != first.folder
    assert Preprocessor.from_json(first.preprocessor.to_json()) == first.preprocessor


def test_later_series_are_answered_scored_and_vote(tmp_path: Path) -> None:
    data = series([50] * 12, HALVES)
    made = prepare(Project(features=Features(sequence=SequenceFeature(length=10, stride=5))), data, None, tmp_path)
    later = series([25, 4], [0, 1])
    part, _ = external_arrays(made.preprocessor, later)
    assert part.x["sequence"].shape == (5, 10, 2)
    assert part.y.tolist() == [0, 0, 0, 0, 1]
    scored = prepare_external(made.preprocessor, later, tmp_path)
    assert scored.facts.rows["test"] == 5
    cuts = later_cuts(made.preprocessor, later, answered=False)
    y = np.array([[0.9, 0.1], [0.4, 0.6], [0.9, 0.1], [0.8, 0.2], [0.3, 0.7]])
    one, two = votes(later, cuts, made.preprocessor.decode(y))
    assert (one.answer, one.share, one.windows) == ("c0", 0.75, 4)
    assert (two.answer, two.windows) == ("c1", 1)
    with pytest.raises(FeatureError, match='lack 1 channel of the model: "b"'):
        external_arrays(made.preprocessor, series([25], channels=("a", "z")))


def test_later_series_read_otherwise_are_not_scored_on_the_arrays_of_before(tmp_path: Path) -> None:
    data = series([50] * 12, HALVES)
    made = prepare(Project(features=Features(sequence=SequenceFeature(length=10, stride=5))), data, None, tmp_path)
    later = series([25, 14], [0, 1])
    halved = replace(later, values=later.values / 2)  # as the same file gives with other options: one fingerprint
    one, other = (prepare_external(made.preprocessor, which, tmp_path).part("test") for which in (later, halved))
    assert not np.array_equal(one.x["sequence"], other.x["sequence"])


def test_the_last_windows_of_a_forecast_have_no_truth_yet(tmp_path: Path) -> None:
    sequence = SequenceFeature(("a",), 4, 1, "drop", "forward", "none", -1.0, "column", "a", 2)
    made = prepare(
        Project(features=Features(sequence=sequence, split=Split(method="time"))), series([60]), None, tmp_path
    )
    later = series([8])
    cuts = later_cuts(made.preprocessor, later, answered=False)
    found = known_answers(made.preprocessor, later, cuts)
    assert found is not None
    assert np.isnan(found[:, 0]).tolist() == [False, False, False, True, True]


def test_some_series_alone() -> None:
    data = series([5, 3, 4], [0, 1, 0], marks=marks([0] * 5 + [1] * 3 + [0] * 4))
    some = only_series(data, np.array([1, 2]))
    assert some.names == ["s1", "s2"]
    assert np.array_equal(some.series(1), data.series(2))
    assert some.marks["state"].codes.tolist() == [1, 1, 1, 0, 0, 0, 0]
    assert some.labels.tolist() == [1, 0]


def test_a_forecast_is_measured_against_the_last_known_value(tmp_path: Path) -> None:
    sequence = SequenceFeature(("a", "b"), 4, 1, "drop", "forward", "standard", -1.0, "column", "a", 2)
    made = prepare(
        Project(features=Features(sequence=sequence, split=Split(method="time"))), series([60]), None, tmp_path
    )
    part = made.part("test")
    found = last_value_error(made.preprocessor, part.x["sequence"], part.y)
    assert found == pytest.approx(2.0, abs=1e-4), "it counts one up each step"


# ---- what to look at ---------------------------------------------------------------------------------------------


def audited(data: SeriesData, sequence: SequenceFeature | None = None, split: Split | None = None) -> dict[str, Any]:
    made = plan(data, sequence, split)
    return {f.title: f for f in audit_series(data, profile_series(data), made.features, made.rows)}


def test_copies_short_ones_and_flat_channels_are_found_with_remedies() -> None:
    values = np.random.default_rng(0).normal(size=(40 * 11 + 5, 2))
    values[40:80] = values[:40]
    values[:, 1] = 3.0
    data = series([40] * 11 + [5], HALVES, values=values)
    found = audited(data, SequenceFeature(channels=("a", "b"), length=32))
    copies = found["The same series more than once"]
    assert "different classes" in copies.text
    after = copies.remedy(Project())
    assert after.features.sequence.without == ("s0", "s1")
    flat = found["“b” never changes"]
    assert flat.severity == "warning"
    assert flat.remedy(Project()).features.sequence.channels == ("a",)
    short = found["Some series are very short"]
    assert short.remedy(Project()).features.sequence.pad == "drop"


def test_a_group_on_both_sides_and_gaps_are_found() -> None:
    group = np.array([i % 3 for i in range(12)], np.int32)
    times = np.concatenate([np.arange(40.0)] * 12)
    times[20:40] += 50
    gaps = np.cumsum(np.where(np.arange(40) % 8 == 0, 5.0, 1.0))
    times[:40] = gaps
    data = series([40] * 12, HALVES, group=group, groups=("p", "q", "r"), times=times)
    found = audited(data, SequenceFeature(length=8, rate=-1.0), Split(method="random"))
    assert found["The same group on both sides"].remedy(Project()).features.split.method == "group"
    assert found["Uneven steps"].remedy(Project()).features.sequence.rate == 1.0


def test_a_rate_that_would_fill_the_memory_is_refused() -> None:
    data = series([40] * 12, [0, 1] * 6)
    far = replace(data, times=np.concatenate([np.arange(40.0)] * 11 + [np.append(np.arange(39.0), 1e12)]))
    with pytest.raises(FeatureError, match="in s11, whose times span"):
        plan(far, SequenceFeature(length=4, rate=10.0))


def test_leaving_out_all_series_is_not_called_too_short() -> None:
    data = series([40] * 4, [0, 1] * 2)
    with pytest.raises(FeatureError, match="All series are left out"):
        plan(data, SequenceFeature(length=4, without=("s0", "s1", "s2", "s3")))


@pytest.mark.parametrize("scale", ["standard", "minmax", "robust"])
def test_values_too_large_to_be_scaled_are_taken_as_they_are(scale: str) -> None:
    data = series([40] * 12, [0, 1] * 6)
    huge = replace(data, values=np.where(data.values % 2 > 0, 1.7e308, -1.7e308))
    assert np.isfinite(plan(huge, SequenceFeature(length=4, scale=scale)).preprocessor.sequence.scale).all()
