"""Names with line breaks stay on one line, long ones in their room."""

from __future__ import annotations

import pytest

from workbench.core.one_line import one_line, short_file, short_name, shortened
from workbench.core.wording import plural


@pytest.mark.parametrize(
    ("name", "shown"),
    [("plain", "plain"), ("a\r\nb\tc\rd\ne", "a⏎b⇥c⏎d⏎e"), ("", ""), ("héllo wörld", "héllo wörld"), ("\u2028", "⏎")],
)
def test_a_name_is_shown_on_one_line(name: str, shown: str) -> None:
    assert one_line(name) == shown


@pytest.mark.parametrize("cut", [shortened, short_name, short_file])
@pytest.mark.parametrize("longest", range(2, 12))
def test_a_long_name_takes_the_room_it_has_and_says_that_it_was_longer(cut, longest: int):
    name = "0123456789abcdef"
    short = cut(name, longest)
    assert len(short) == longest
    head, tail = short.split("…")
    assert (name.startswith(head), name.endswith(tail)) == (True, True)
    assert cut(name, len(name)) == name


def test_what_tells_a_name_from_its_like_stays():
    assert short_name("block_of_many_layers_12", 11) == "block…rs_12"
    assert short_file("holiday/beach/IMG_20240801_0017.png", 20) == "holida…0801_0017.png"


def test_several_are_told_from_one():
    assert (plural(1, "row"), plural(2000, "row"), plural(0, "class", "classes")) == (
        "1 row",
        "2,000 rows",
        "0 classes",
    )
