"""The look: contrast, both palettes complete, icons and hand-painted widgets follow a switch."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QLabel

from workbench.ui import palettes, theme

WORDS = ("text", "muted", "accent", "good", "warn", "bad", "positive", "negative")
GROUNDS = ("surface", "panel", "raised", "hover", "selected")


def luminance(color: QColor) -> float:
    """WCAG 2.2 relative luminance."""
    parts = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in color.getRgbF()[:3]]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(a: QColor, b: QColor) -> float:
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.fixture(params=["light", "dark"])
def look(request: pytest.FixtureRequest, qapp: QApplication) -> str:
    theme.apply(qapp, request.param)
    return request.param


def test_words_can_be_read_on_every_ground(look: str) -> None:
    weak = [
        (word, ground, round(contrast(theme.color(word), theme.color(ground)), 2))
        for word in WORDS
        for ground in GROUNDS
        if contrast(theme.color(word), theme.color(ground)) < 4.5
    ]
    assert weak == []


def test_notices_and_buttons_can_be_read(look: str) -> None:
    for word, ground in (
        ("text", "bad_ground"),
        ("bad", "bad_ground"),
        ("warn", "warn_ground"),
        ("good", "good_ground"),
    ):
        assert contrast(theme.color(word), theme.color(ground)) >= 4.5
    assert contrast(theme.color("on_accent"), theme.color("accent")) >= 4.5


def test_lines_of_classes_and_runs_stand_out(look: str) -> None:
    for colors in (theme.class_color, theme.run_color):
        assert all(contrast(colors(i), theme.color("surface")) >= 3.0 for i in range(10))


def test_both_palettes_name_the_same_colours() -> None:
    assert palettes.LIGHT.keys() == palettes.DARK.keys()
    assert palettes.CATEGORY_LIGHT.keys() == palettes.CATEGORY_DARK.keys()


def test_every_group_of_the_catalog_has_a_colour_of_its_own() -> None:
    from workbench.core.catalog import GROUPS

    assert len({palettes.category_key(g) for g in GROUPS}) == len(GROUPS)


def test_an_icon_made_before_the_switch_changes_with_it(qapp: QApplication) -> None:
    theme.apply(qapp, "light")
    icon = theme.icon("play")
    before = icon.pixmap(24, 24).toImage()
    theme.apply(qapp, "dark")
    assert icon.pixmap(24, 24).toImage() != before


def test_the_switch_is_told_and_reaches_widgets(qtbot, qapp: QApplication) -> None:
    theme.apply(qapp, "light")
    label = QLabel("words")
    qtbot.addWidget(label)
    with qtbot.waitSignal(theme.notifier.changed):
        theme.apply(qapp, "dark")
    assert label.palette().text().color() == theme.color("text")
    assert theme.is_dark()


def test_a_wrong_name_is_refused(qapp: QApplication) -> None:
    with pytest.raises(ValueError, match="purple"):
        theme.apply(qapp, "purple")
    with pytest.raises(KeyError):
        theme.icon("no-such-icon")
    with pytest.raises(KeyError):
        theme.color("no-such-colour")


def test_the_stylesheet_leaves_nothing_unfilled(look: str) -> None:
    assert "$" not in theme.stylesheet()


def test_the_buttons_of_a_dialog_bear_no_pictures_of_another_look(qtbot, look: str) -> None:
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
    qtbot.addWidget(buttons)
    buttons.show()
    assert all(button.icon().isNull() for button in buttons.buttons())
