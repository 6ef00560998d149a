"""What was measured of loops is kept, so that the same run takes the same way without measuring again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from workbench.core import runs
from workbench.core.facts import TargetFacts
from workbench.core.project import Node, TrainSpec, Wire
from workbench.engine import modes, timings
from workbench.engine.control import RunControl
from workbench.engine.job import open_job
from workbench.engine.modes import Timing
from workbench.engine.trainer import train

from .little_runs import blobs, chain, make_run

ABC = ("a", "b", "c")

NET = (("Dense", {"units": 4, "activation": "relu"}), ("Dense", {"units": 3, "activation": "softmax"}))


def test_a_run_takes_the_way_that_was_measured_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(modes, "TRIAL_SECONDS", 0.0)
    monkeypatch.setattr(modes, "TURN_SECONDS", 0.001)
    monkeypatch.setattr(modes, "others_share", lambda *_: 0.0)
    asked: list[Timing] = []
    measured = modes.measured

    def once(*given: Any) -> Timing:
        assert not asked, "measured twice"
        asked.append(measured(*given))
        return asked[0]

    monkeypatch.setattr(modes, "measured", once)
    made = [make_run(tmp_path, chain(*NET), TrainSpec(epochs=2), {"train": blobs(90)}, classes=ABC) for _ in range(2)]
    for folder in made:
        train(folder, lambda message: None, RunControl())
    assert len(asked) == 1
    assert runs.read_run(made[0]).mode == runs.read_run(made[1]).mode
    other = make_run(tmp_path, chain(*NET), TrainSpec(epochs=2, batch_size=7), {"train": blobs(90)}, classes=ABC)
    with pytest.raises(AssertionError, match="measured twice"):
        train(other, lambda message: None, RunControl())


def test_what_an_output_of_several_learns_is_part_of_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings do not say it: each has its own loss and metrics at its Output."""
    monkeypatch.setattr(modes, "TRIAL_SECONDS", 0.0)
    monkeypatch.setattr(modes, "measured", lambda *_: Timing(1.0, 1.0, 1.0))
    made, keys = timings.key, []
    monkeypatch.setattr(timings, "key", lambda *given: keys.append(made(*given)) or keys[-1])
    x, kind = blobs(90)
    parts = {"train": (x, np.stack([kind, x[:, 0]], 1).astype(np.float32))}
    targets = (TargetFacts("y", "classification", ABC), TargetFacts("size", "regression"))
    net = chain(*NET)
    head = Node("n", "Dense", "number", {"units": 1})
    for own in ({}, {"loss": "huber"}, {"metrics": ["r2_score"]}):
        end = Node("size", "Output", "size", {"target": "size", **own})
        graph = replace(net, nodes=(*net.nodes, head, end), wires=(*net.wires, Wire("n0", "n"), Wire("n", "size")))
        folder = make_run(tmp_path, graph, TrainSpec(epochs=1), parts, targets=targets)
        open_job(folder, "cpu", lambda *_: None)
    assert len(set(keys)) == 3


def test_xla_must_earn_its_compilation() -> None:
    timing = Timing(plain=100e-6, compiled=20e-6, compiling=0.8)
    assert not timing.pays(9_000)
    assert timing.pays(11_000)
    assert not Timing(100e-6, 90e-6, 0.0).pays(1_000_000)  # within what measuring can tell


def test_what_a_busy_machine_said_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    timings.keep("busy", Timing(1.0, 1.0, 1.0, others=0.6))
    assert timings.recall("busy") is None
    timings.keep("quiet", Timing(1.0, 0.5, 1.0, others=0.1))
    assert timings.recall("quiet") == Timing(1.0, 0.5, 1.0, 0.1)


@pytest.mark.parametrize("text", ["", "[]", '{"a": 3}', '{"a": {"plain": 1}}', "\x00"])
def test_a_spoiled_file_is_measured_again_and_written_anew(text: str) -> None:
    timings.file().parent.mkdir(parents=True, exist_ok=True)
    timings.file().write_text(text)
    assert timings.recall("a") is None
    timings.keep("a", Timing(1.0, 2.0, 3.0))
    assert timings.recall("a") == Timing(1.0, 2.0, 3.0)


def test_the_oldest_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timings, "KEPT", 3)
    for name in "abcd":
        timings.keep(name, Timing(1.0, 2.0, 3.0))
    assert [timings.recall(name) is not None for name in "abcd"] == [False, True, True, True]


def test_another_card_is_another_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: ["one", "other"])
    named = {"one": {"device_name": "A100"}, "other": {}}
    monkeypatch.setattr(tf.config.experimental, "get_device_details", named.__getitem__)
    assert [timings._card(d) for d in ("gpu:0", "gpu:1", "gpu:2", "cpu", "2 GPUs")] == ["A100", "", "", "", ""]


def test_others_share_is_between_nothing_and_all() -> None:
    before = modes.processor()
    np.linalg.norm(np.ones((500, 500)) @ np.ones((500, 500)))
    assert 0.0 <= modes.others_share(before) <= 1.0


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[1, 2]",
        b'{"a": 5}',
        b'{"a": {"plain": "1", "compiled": 1, "compiling": 1}}',
        b'{"a": {"plain": NaN, "compiled": 1, "compiling": 1}}',
        b'{"a": {"plain": true, "compiled": 1, "compiling": 1}}',
        b'{"a": {"plain": -1, "compiled": 1, "compiling": 1}}',
        b'{"a": {"plain": 1, "compiled": 1, "compiling": 1, "more": 1}}',
        b"[" * 100_000,
        b'{"a": {"plain": 1, "compiled": 1, "compiling": 1}}' + b" " * timings.LARGEST,
        b"\xff\xfe",
    ],
)
def test_what_is_kept_and_damaged_is_measured_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    monkeypatch.setattr(timings, "file", lambda: tmp_path / "timings.json")
    timings.file().write_bytes(content)
    assert timings.recall("a") is None
    timings.keep("a", Timing(1.0, 0.5, 2.0))
    assert timings.recall("a") == Timing(1.0, 0.5, 2.0)
