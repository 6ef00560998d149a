"""Devices as the settings offer them, and what half-sized numbers are worth there."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from workbench.core.catalog import load_catalog
from workbench.core.project import Project, TrainSpec
from workbench.link.messages import Device
from workbench.ui.train.device_words import choices, chosen_in_words, precision_advice, thread_advice
from workbench.ui.train.settings_panel import SettingsPanel

GB = 1 << 30
CPU = Device("cpu", "CPU, 2 cores", 8 * GB)
NEW, OLD = Device("gpu:0", "NVIDIA H200", 140 * GB, (9, 0)), Device("gpu:1", "NVIDIA GTX 1080", 8 * GB, (6, 1))


def test_cards_are_named_with_their_memory_and_all_are_a_choice_where_there_are_two() -> None:
    assert [name for name, _ in choices((CPU, NEW))] == ["cpu", "gpu:0"]
    assert "150 GB" in choices((CPU, NEW))[1][1]
    assert choices((CPU, NEW, OLD))[-1] == ("all", "All 2 graphics cards together")
    twins = choices((CPU, NEW, Device("gpu:1", NEW.title, NEW.memory)))
    assert len({title for _, title in twins}) == 4
    assert chosen_in_words(TrainSpec(), choices((CPU, NEW))) == "auto means NVIDIA H200, 150 GB here"
    assert chosen_in_words(TrainSpec(device="gpu:0"), choices((CPU, NEW))) == "NVIDIA H200, 150 GB"
    assert not chosen_in_words(TrainSpec(), choices((CPU,)))


@pytest.mark.parametrize(
    ("device", "precision", "better"),
    [
        ("auto", "float32", "mixed_float16"),
        ("auto", "mixed_bfloat16", ""),
        ("cpu", "float32", ""),
        ("gpu:1", "float32", ""),
        ("gpu:1", "mixed_float16", "float32"),
        ("all", "float32", ""),
    ],
)
def test_half_sized_numbers_are_suggested_where_they_pay(device: str, precision: str, better: str) -> None:
    found = precision_advice(TrainSpec(device=device, precision=precision), (CPU, NEW, OLD))
    assert (found.value if found else "") == better


def test_nothing_is_said_on_a_processor_or_of_a_card_that_is_not_known() -> None:
    assert precision_advice(TrainSpec(precision="mixed_float16"), (CPU,)) is None
    assert precision_advice(TrainSpec(), (CPU, Device("gpu:0", "AMD"))) is None


@pytest.mark.parametrize(
    ("multiplications", "threads", "better"), [(4_000, 0, 1), (4_000, 1, None), (100_000, 0, None), (600_000, 1, 0)]
)
def test_fewer_threads_are_suggested_where_they_pay(
    multiplications: int, threads: int, better: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    found = thread_advice(TrainSpec(threads=threads), (CPU,), multiplications)
    assert (found.value if found else None) == better
    assert thread_advice(TrainSpec(), (CPU, NEW), multiplications) is None
    assert thread_advice(TrainSpec(), (CPU,), None) is None


def test_all_cards_and_half_sized_numbers_are_chosen_in_the_form(qtbot: QtBot) -> None:
    panel = SettingsPanel(load_catalog())
    qtbot.addWidget(panel)
    told: list[object] = []
    panel.edited.connect(lambda edit, *_: told.append(edit))
    devices = (CPU, NEW, Device("gpu:1", NEW.title, NEW.memory, NEW.capability))
    advice = precision_advice(TrainSpec(), devices)
    panel.show_train(TrainSpec(), task="regression", devices=choices(devices), advice=advice)
    panel.show()
    combo = panel.others.rows["device"].editor.combo  # type: ignore[union-attr]
    assert combo.itemText(combo.count() - 1) == "All 2 graphics cards together"
    combo.setFocus()
    QTest.keyClick(combo, Qt.Key.Key_End)
    assert told[-1](Project()).train.device == "all"  # type: ignore[operator]
    panel.further.speed.set_folded(False)
    assert "NVIDIA H200" in panel.further.half_note.text()
    QTest.mouseClick(panel.further.half, Qt.MouseButton.LeftButton)
    assert told[-1](Project()).train.precision == "mixed_float16"  # type: ignore[operator]
    panel.show_train(TrainSpec(), task="regression", devices=choices((CPU,)))
    assert not panel.further.half.isVisible()
