"""Curves as a person reads them: no spike lost, smoothing as TensorBoard's, labels that do not overlap."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from workbench.core.history import Columns
from workbench.core.units import Units
from workbench.ui import readable
from workbench.ui.train import curves, figures, scales, smoothing


def line_of(y: np.ndarray, clock: curves.Clock = curves.EPOCHS) -> curves.Line:
    columns = Columns.from_arrays({"loss": np.asarray(y, np.float32)})
    return curves.Line("loss", "train", "batch", columns["loss"], columns.pyramid("loss"), clock)


def test_reduction_keeps_every_extreme_and_the_ends() -> None:
    y = np.random.default_rng(0).normal(size=1_000_000)
    y[345_678] = 50.0
    y[700_001] = -50.0
    line = line_of(y, curves.Clock(((0.0, 0.0, 1000.0),)))
    x, few = line.seen()
    assert len(few) <= curves.POINTS + 2
    assert (few.max(), few.min()) == (50.0, -50.0)
    assert (np.diff(x) > 0).all()
    assert (x[0], x[-1]) == pytest.approx((0.001, 1000.0))


def test_reduction_of_a_window_reaches_over_both_borders() -> None:
    x, y = line_of(np.arange(1.0, 1001.0)).seen(100.5, 200.5)
    assert (x[0], x[-1]) == (100, 201)
    assert (y[0], y[-1]) == (100, 201)


def test_reduction_shows_what_is_finite_beside_holes() -> None:
    y = np.ones(10_000)
    y[5000:] = np.nan
    y[100] = 9.0
    _, few = line_of(y).seen()
    assert np.nanmax(few) == 9.0
    assert np.isnan(few).any()


def test_few_points_and_none_are_left_alone() -> None:
    line = line_of(np.arange(5.0))
    assert line.seen()[1].tolist() == [0, 1, 2, 3, 4]
    assert len(line_of(np.empty(0)).seen()[0]) == 0
    assert len(line.seen(90, 99)[0]) <= 1


def test_a_view_that_moves_draws_the_same_points() -> None:
    line = line_of(np.random.default_rng(3).normal(size=200_000))
    one, other = (dict(zip(*map(np.ndarray.tolist, line.seen(low, low + 50_000)), strict=True)) for low in (1e4, 1.2e4))
    both = [x for x in one if x in other]
    assert len(both) > 400
    assert all(one[x] == other[x] for x in both)


def test_a_trend_of_millions_is_the_average_of_all_of_them() -> None:
    y = np.random.default_rng(4).normal(size=300_000) + np.linspace(9, 3, 300_000)
    line = line_of(y)
    x, trend = line.trend(0.8)
    weight = smoothing.fitting_weight(0.8, len(y))
    exact = smoothing.smoothed(y, weight)
    assert len(x) <= curves.SMOOTHED_POINTS + 1
    late = x > 3000
    np.testing.assert_allclose(trend[late], np.interp(x[late], np.arange(1, len(y) + 1), exact), atol=0.02)
    assert trend[-1] == pytest.approx(exact[-1], abs=0.01)


def test_a_trend_within_a_window_does_not_begin_anew() -> None:
    y = np.random.default_rng(5).normal(size=50_000) + np.linspace(9, 3, 50_000)
    line = line_of(y)
    x, trend = line.trend(0.9, 20_000, 21_000)
    assert x[0] <= 20_000 <= x[1]
    weight = smoothing.fitting_weight(0.9, 1002)
    np.testing.assert_allclose(trend, smoothing.smoothed(y, weight)[np.round(x).astype(int) - 1], atol=0.01)


@pytest.mark.parametrize("weight", [0.1, 0.6, 0.9, 0.99])
def test_smoothing_is_the_corrected_exponential_average(weight: float) -> None:
    y = np.random.default_rng(1).normal(size=3000) + 5
    average, expected = 0.0, []
    for i, value in enumerate(y):
        average = weight * average + (1 - weight) * value
        expected.append(average / (1 - weight ** (i + 1)))
    np.testing.assert_allclose(smoothing.smoothed(y, weight), expected, rtol=1e-6)


def test_smoothing_leaves_holes_as_holes() -> None:
    y = np.array([1.0, np.nan, 3.0, np.inf, 5.0])
    out = smoothing.smoothed(y, 0.5)
    assert np.isnan(out[[1, 3]]).all()
    assert np.isfinite(out[[0, 2, 4]]).all()
    assert smoothing.smoothed(y, 0.0) is y


def test_read_out_takes_the_nearest_point_and_none_beyond_the_curve() -> None:
    line = line_of(np.array([10.0, 20.0, 30.0]))
    assert line.value_at(2.2) == (2.0, 20.0)
    assert line.value_at(0.2) == (1.0, 10.0)
    assert line.value_at(9.0) is None
    assert line_of(np.empty(0)).value_at(1.0) is None
    assert curves.between((np.array([1.0, 3.0]), np.array([10.0, 30.0])), 2.5) == (2.5, 25.0)
    assert curves.between((np.array([1.0, 3.0]), np.array([10.0, 30.0])), 9.0) is None


def test_labels_do_not_overlap_and_stay_inside() -> None:
    centres = scales.spread([50, 52, 51, 200], 16, 0, 210)
    ordered = sorted(centres)
    assert all(b - a >= 16 - 1e-9 for a, b in itertools.pairwise(ordered))
    assert min(centres) >= 8
    assert max(centres) <= 202
    assert centres[0] < centres[2] < centres[1]
    assert scales.spread([], 16, 0, 10) == []
    crowded = scales.spread([5, 5, 5], 16, 0, 30)
    assert max(crowded) <= 30
    assert min(crowded) >= 0


def test_figures_have_the_digits_they_mean() -> None:
    assert readable.figure(0.91234, "sparse_categorical_accuracy") == "91.2 %"
    assert readable.figure(0.31234) == "0.3123"
    assert readable.figure(1234.5678) == "1,235"
    assert readable.figure(0.00001234) == "1.23e-5"
    assert readable.figure(math.nan) == "not a number"
    assert readable.figure(None) == "–"
    assert readable.duration(0.0023) == "2 ms"
    assert readable.duration(0.12) == "0.1 s"
    assert readable.duration(130) == "2:10"
    assert readable.duration(4000) == "1:06:40"
    assert readable.duration(math.nan) == "–"
    assert [readable.roughly(s) for s in (0.085, 1.23, 59.6, 60, 130, 5101, 40_000)] == [
        *("85 ms", "1.2 s", "60 s", "1 min", "2.2 min", "85 min", "11 hours")
    ]
    assert readable.rate(1234567) == "1.2 M"
    assert readable.rate(0) == "–"


def test_a_mean_of_fewer_rows_counts_less() -> None:
    y = np.array([4.0, 2.0, 6.0, 8.0, 1.0])
    exact = smoothing.smoothed(y, 0.7)
    in_pairs = smoothing.smoothed(np.array([3.0, 7.0]), 0.49)
    assert smoothing.smoothed_on(in_pairs, 1.0, 0.49, 0.7)[-1] == pytest.approx(exact[-1], abs=0.4)
    assert smoothing.smoothed_on(exact[:4], 1.0, 0.7, 0.7)[-1] == pytest.approx(exact[-1])


def test_ticks_are_round() -> None:
    assert scales.ticks(0.03, 0.97, 5) == pytest.approx([0.2, 0.4, 0.6, 0.8])
    assert scales.ticks(0, 3, 6, whole=True) == [0, 1, 2, 3]
    assert scales.ticks(1, 1) == []
    assert [round(10**v, 6) for v in scales.log_ticks(-2, 0.3)] == [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1]
    values = [10**v for v in scales.log_ticks(math.log10(0.31), math.log10(0.34))]
    assert len(values) >= 2


def test_smoothing_looks_alike_whatever_the_number_of_batches() -> None:
    assert smoothing.fitting_weight(0.8, 500) == 0.8
    assert smoothing.fitting_weight(0.8, 600 * 8) == pytest.approx(0.8 ** (1 / 8))
    assert smoothing.fitting_weight(0.8, 600 * 9) == smoothing.fitting_weight(0.8, 600 * 15)
    assert smoothing.fitting_weight(0.0, 10**6) == 0.0


def test_an_error_says_what_it_is_counted_in() -> None:
    units = Units("price", 250.0)
    assert readable.with_unit("val_mean_absolute_error", units) == "mean absolute error (price)"
    assert readable.with_unit("mean_squared_error", units) == "mean squared error (price²)"
    assert readable.with_unit("binary_accuracy", units) == "accuracy"
    logs = {"loss": np.array([0.5]), "mean_absolute_error": np.array([31_000.0])}
    hints = {t.key: t.hint for t in figures.tiles("running", 0, 2, {}, logs, 1.0, 1.0, units=units)}
    assert hints["metric"] == "mean absolute error (price), training rows."
    assert "1 is 250 of price" in hints["loss"]


def test_batches_stand_at_their_place_in_the_epoch() -> None:
    for count in (1, 2, 3, 1000, 1025):
        run = curves.RunCurves("r", 10, Columns.from_arrays({"loss": np.zeros(count, np.float32)}))
        (line,) = curves.lines_of(run, "loss")
        assert len(line) == count
        assert (line.x[0], line.x[-1]) == (0.1, count / 10)


def test_a_clock_with_another_batch_size_on_the_way_runs_both_ways() -> None:
    clock = curves.Clock(((0.0, 0.0, 10.0), (2.0, 20.0, 40.0)))
    assert clock.epoch_of(np.array([10, 20, 60])).tolist() == [1.0, 2.0, 3.0]
    assert [clock.rows_at(e) for e in (0.5, 2.0, 2.5)] == [5.0, 20.0, 40.0]


def test_an_axis_stays_while_what_it_shows_fits_and_fills_it() -> None:
    held = (0.0, 1.0)
    assert scales.steady_range(held, (0.05, 0.95)) == held
    assert scales.steady_range(held, (0.0, 1.1))[1] > 1.1
    assert scales.steady_range(held, (0.4, 0.6)) == (0.4, 0.6)
    assert scales.steady_range(held, (-0.5, 0.9))[0] < -0.5
