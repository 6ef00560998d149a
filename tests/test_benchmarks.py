"""That each benchmark's pieces work, at a tiny size. How fast anything is, is for the benchmarks to say."""

from __future__ import annotations

import importlib
import random
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import __main__ as program
from benchmarks import cases, common, curves, live, predict, startup, stop, table
from benchmarks.cases import Case
from benchmarks.engine import Engine
from workbench.engine.main import in_process_transport

TINY = Case("tiny", (8, 8, 1), 64, 3, (("Flatten", {}), ("Dense", {"units": 3, "activation": "softmax"})), 16, 2)


def test_a_table_is_opened_beside_its_rivals(tmp_path: Path):
    found = table.measure(3000)
    assert found.figure > 0
    for name in ("first_rows_s", "read_ratio", "first_rows_on_screen_s", "frame_p95_ms", "sorted_frame_p95_ms"):
        assert found.details[name] >= 0
    assert found.details["memory_workbench"]["to_file"] >= 0
    assert "orange" in found.details or "orange_s" in found.details


def test_the_curves_of_a_long_run_are_drawn():
    found = curves.measure(20_000, 2)
    assert found.figure > 0
    assert found.details["read_ms"] >= 0


def test_every_name_has_a_module_that_measures():
    for name in program.NAMES:
        assert callable(importlib.import_module(f"benchmarks.{name}").measure)


def test_a_name_that_is_none_is_refused(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["benchmarks", "speed"])
    with pytest.raises(SystemExit):
        program.main()
    assert "no benchmark speed" in capsys.readouterr().err


def test_rounds_are_interleaved_and_medians_come_in_the_order_given():
    order = []

    def work(name: str, times: list[float]):
        def run() -> float:
            order.append(name)
            return times.pop()

        return run

    assert common.interleaved(3, work("a", [1, 9, 2]), work("b", [5, 5, 7])) == [2, 5]
    assert order == ["a", "b"] * 3


def test_what_a_child_says_when_it_fails_is_told():
    with pytest.raises(RuntimeError, match="no such case"):
        common.child("benchmarks.latency", "no such case", "0.1")


@pytest.mark.parametrize("case", cases.TRAININGS, ids=lambda c: c.name)
def test_cases_are_the_same_on_every_call(case: Case):
    small = Case(case.name, case.shape, 50, case.classes, case.layers, case.batch_size, 1)
    x, y = small.arrays()
    again, _ = small.arrays()
    assert x.shape == (50, *case.shape)
    assert x.dtype == (np.uint8 if len(case.shape) == 3 else np.float32)
    np.testing.assert_array_equal(x, again)
    if case.classes:
        assert set(y) <= set(range(case.classes))
    else:
        np.testing.assert_array_equal(y, 2 * x - 1)


@pytest.fixture(scope="module")
def engine():
    with Engine(in_process_transport) as running:
        yield running


def test_a_case_trains_and_says_how(engine: Engine, tmp_path: Path):
    trained = engine.train(cases.make_run(tmp_path, TINY))
    assert trained.seconds > 0
    assert trained.steady > 0
    assert trained.mode


def test_a_run_that_cannot_begin_is_told(engine: Engine, tmp_path: Path):
    with pytest.raises(RuntimeError):
        engine.train(tmp_path / "nothing")


def test_stop_and_pause_are_timed(engine: Engine, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(stop.time, "sleep", lambda _: None)
    taken: dict[str, list[float]] = {"stop": [], "pause": [], "stop at start": [], "all saved": []}
    endless = Case("endless", TINY.shape, TINY.rows, TINY.classes, TINY.layers, TINY.batch_size, stop.MANY)
    stop.one_round(engine, tmp_path, endless, {"validation": 20}, random.Random(0), taken)
    assert [len(values) for values in taken.values()] == [1, 1, 1, 1]


def test_answers_are_timed(engine: Engine, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(predict, "PAUSE", 0.0)
    case = Case("pictures", (28, 28, 1), 32, 10, cases.DENSE, 16, 1)
    folder = cases.make_run(tmp_path, case)
    engine.train(folder)
    assert predict.figures(engine, folder, 3)["p50_ms"] > 0


def test_the_plain_script_fits_the_same_nets():
    from benchmarks import rival

    case = Case("tiny", (28, 28, 1), 32, 10, cases.CNN, 16, 2)
    x, y = case.arrays()
    found = rival.fit(case, x.astype(np.float32) / 255, y)
    assert found["seconds"] > 0
    assert found["steady"] > 0
    assert rival.predict_one(case, 1) > 0


def test_the_start_is_timed_to_a_painted_window():
    assert startup.measure(1).figure > 0


@pytest.mark.parametrize(
    ("module", "arguments", "key"),
    [
        ("images", ("300",), "frame_p95_ms"),
        ("canvas", ("30",), "drag_p95_ms"),
        ("latency", ("table", "0.2", "500"), "p99_ms"),
    ],
)
def test_what_is_shown_is_timed(module: str, arguments: tuple[str, ...], key: str):
    assert common.child(f"benchmarks.{module}", *arguments)[key] >= 0


def test_the_share_of_the_window_leaves_out_the_pairs_at_either_end():
    rng = np.random.default_rng(0)
    draws = [live.trimmed(rng.normal(97.0, 9.0, 60)) for _ in range(300)]
    means, errors = np.array(draws).T
    assert errors.mean() == pytest.approx(means.std(), rel=0.15)
    assert live.trimmed([100.0] * 8 + [3.0, 900.0]) == (100.0, 0.0)
    assert live.trimmed([96.0]) == (96.0, 0.0)
