"""Graphics cards by what their own tool says; there is none here, so its answers and TensorFlow's are made up."""

from __future__ import annotations

import subprocess
from types import SimpleNamespace
from typing import Any

import pytest
import tensorflow as tf

from tests.core.graphs import chain, table
from workbench.core.project import TrainSpec
from workbench.engine import cards, devices, forecast
from workbench.link.messages import Device

GB = 1 << 30
SAID = """0, GPU-aa11, NVIDIA T4, 15360, 15000
1, GPU-bb22, NVIDIA H200, 143360, 100000
2, GPU-cc33, NVIDIA H200, 143360, 9
"""


def test_the_tools_lines_are_cards() -> None:
    first, second, third = cards.told(SAID)
    assert (first.name, first.total, first.free) == ("NVIDIA T4", 15 * GB, 15000 << 20)
    assert (second.uuid, third.index, third.free) == ("GPU-bb22", 2, 9 << 20)
    assert cards.told("0, GPU-aa11, NVIDIA GB10, [N/A], [N/A]\n") == ()
    with pytest.raises(ValueError, match="unpack"):
        cards.told("NVIDIA-SMI has failed\n")


def test_cards_are_paired_by_name_whatever_their_order() -> None:
    """CUDA counts the fastest first, the tool by place."""
    known = cards.told(SAID)
    names = ["NVIDIA H200", "NVIDIA H200", "NVIDIA T4", "AMD"]
    found = cards.paired(names, known, {})
    assert [c.index if c else None for c in found] == [1, 2, 0, None]
    (only,) = cards.paired(["NVIDIA H200"], known, {"CUDA_VISIBLE_DEVICES": "2"})
    assert only is not None
    assert only.index == 2
    (named,) = cards.paired(["NVIDIA H200"], known, {"CUDA_VISIBLE_DEVICES": "GPU-cc"})
    assert named == only
    assert cards.paired(["NVIDIA H200"], (), {}) == (None,)


@pytest.mark.parametrize("fails", [subprocess.TimeoutExpired("nvidia-smi", 5), OSError("no"), None])
def test_a_tool_that_fails_leaves_the_memory_unknown(monkeypatch: pytest.MonkeyPatch, fails: Exception | None) -> None:
    def run(*_given: Any, **options: Any) -> Any:
        assert options["timeout"] == cards.PATIENCE
        if fails is not None:
            raise fails
        return SimpleNamespace(stdout="no devices were found")

    monkeypatch.setattr(cards.shutil, "which", lambda _name: "nvidia-smi")
    monkeypatch.setattr(cards.subprocess, "run", run)
    assert cards.asked() == ()
    monkeypatch.setattr(cards.shutil, "which", lambda _name: None)
    assert cards.asked() == ()


@pytest.fixture
def two(monkeypatch: pytest.MonkeyPatch) -> None:
    """TensorFlow with two cards, of the second of which the tool knows nothing."""
    devices.setup()
    names = {"one": "NVIDIA H200", "other": "NVIDIA X"}
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: list(names) if kind == "GPU" else [])
    details = lambda gpu: {"device_name": names[gpu], "compute_capability": (9, 0)}  # noqa: E731
    monkeypatch.setattr(tf.config.experimental, "get_device_details", details)
    held = {"peak": 4 * GB, "current": GB}
    monkeypatch.setattr(tf.config.experimental, "get_memory_info", lambda _card: held)
    monkeypatch.setattr(cards, "asked", lambda: cards.told(SAID))
    monkeypatch.setattr(cards, "_highest", {})


@pytest.mark.usefixtures("two")
def test_cards_are_listed_with_their_memory() -> None:
    _, first, second = devices.list_devices()
    assert first == Device("gpu:0", "NVIDIA H200", 140 * GB, (9, 0))
    assert second == Device("gpu:1", "NVIDIA X", 0, (9, 0))


@pytest.mark.usefixtures("two")
def test_what_tensorflow_holds_and_does_not_need_is_free() -> None:
    assert cards.free(tf, 0) == (100000 << 20) + 3 * GB
    assert cards.free(tf, 1) == 0
    assert cards.free(tf, 7) == 0


def test_without_a_card_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    devices.setup()
    monkeypatch.setattr(cards, "asked", lambda: pytest.fail("asked"))
    assert cards.of_tensorflow(tf) == ()


@pytest.mark.parametrize(("device", "card", "steps"), [("gpu:1", "GPU:1", 10), ("all", "GPU:0", 10)])
def test_a_forecast_on_cards_says_what_is_free_there(
    monkeypatch: pytest.MonkeyPatch, device: str, card: str, steps: int
) -> None:
    """On several, each takes its share of every batch: the same number of steps."""
    devices.setup()
    both = device == "all"
    strategy = SimpleNamespace(num_replicas_in_sync=2) if both else None
    monkeypatch.setattr(devices, "placed", lambda _name: ("", "2 GPUs" if both else device, strategy))
    asked = []
    monkeypatch.setattr(cards, "free", lambda _tf, number: asked.append(number) or 5 * GB)
    monkeypatch.setattr(forecast, "_mark", lambda name: asked.append(name) or 0)
    monkeypatch.setattr(forecast, "_peak_anew", lambda _name: None)
    monkeypatch.setattr(forecast, "_peak", lambda _name: 1 << 20)
    graph = chain("table", ("Dense", {"units": 1}))
    found = forecast.forecast(graph, table(4, rows=320), TrainSpec(device=device, compiler="off"))
    assert found.free == 5 * GB
    assert asked == [int(card[-1]), card]
    assert found.batch_size == 32
    assert found.epoch_seconds == pytest.approx(steps * found.step_seconds)
    assert found.device == ("2 GPUs" if both else "gpu:1")
