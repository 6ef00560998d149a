"""What is known of a project as lines: no figure of a run is lost to the width of a terminal."""

from __future__ import annotations

from workbench.info_lines import WIDTH, info_lines


def test_figures_that_a_line_has_no_room_for_follow_below() -> None:
    scores = {f"val_{of}_mean_absolute_error": 10_234.5 for of in ("price", "rent", "area", "years")}
    run = {"name": "run 1", "state": "early_stopped", "epochs": 20, "best_epoch": 18, **scores}
    facts = {"kind": "project", "name": "flats", "data": "x", "steps": (), "cleaning": (), "layers": (), "runs": [run]}
    lines = list(info_lines("flats", facts))
    assert all(len(line) <= WIDTH and "…" not in line for line in lines)
    assert "\n".join(lines).count("10,234") == 4
    assert sum(line.startswith("  run 1") for line in lines) == 2
