"""Names with line breaks stay on one line."""

from __future__ import annotations

import pytest

from workbench.core.one_line import one_line


@pytest.mark.parametrize(
    ("name", "shown"),
    [("plain", "plain"), ("a\r\nb\tc\rd\ne", "a⏎b⇥c⏎d⏎e"), ("", ""), ("héllo wörld", "héllo wörld"), ("\u2028", "⏎")],
)
def test_a_name_is_shown_on_one_line(name: str, shown: str) -> None:
    assert one_line(name) == shown
