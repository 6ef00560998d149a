"""Alike spellings, and the step that merges them."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from workbench.core.data.cluster import METHODS, clusters, fingerprint, ngrams, sound
from workbench.core.data.csv_source import load_csv
from workbench.core.data.profile import profile_table
from workbench.core.data.recipe import pandas_code, run_recipe
from workbench.core.data.steps import STEPS
from workbench.core.data.suggest import suggest
from workbench.core.errors import Cancelled, DataError, StepError
from workbench.core.project import CsvOptions, DataSpec, Step

CITIES = ("Berlin", "München", "New York", "São Paulo", "Kraków", "Frankfurt am Main", "San Francisco", "Zürich")


def dirty(city: str, chance: random.Random) -> str:
    """A spelling as people type it: case, blanks, accents, order, punctuation, a slip of the finger."""
    text = city
    for _ in range(chance.choice((1, 1, 2))):
        kind = chance.randrange(7)
        if kind == 0:
            text = chance.choice((text.upper(), text.lower()))
        elif kind == 1:
            text = f"{' ' * chance.randrange(1, 3)}{text} "
        elif kind == 2:
            text = text.replace(" ", chance.choice(("  ", "-", ", ", "_")))
        elif kind == 3:
            text = text.translate(str.maketrans("üãóö", "uaoo"))
        elif kind == 4:
            text = " ".join(reversed(text.split()))
        elif kind == 5:
            at = chance.randrange(1, len(text) - 1)
            text = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
        else:
            text = text + chance.choice(".,!")
    return text


def test_dirty_spellings_of_eight_cities_come_right_after_one_accept() -> None:
    chance = random.Random(4)
    truth = [city for city in CITIES for _ in range(200)]
    cells = [city if chance.random() < 0.6 else dirty(city, chance) for city in truth]
    frame = pd.DataFrame({"city": pd.Series(cells, dtype="str")})
    assert frame.city.nunique() > 100
    mapping = {value: one.kept for one in clusters(frame.city) for value, _ in one.values if value != one.kept}
    merged = STEPS["merge_values"].apply(frame, {"column": "city", "mapping": mapping})
    assert float(np.mean(merged.city.to_numpy() == np.array(truth))) >= 0.98


@pytest.mark.parametrize(
    ("key", "one", "other"),
    [
        (fingerprint, "  New-York ", "york, NEW"),
        (fingerprint, "MÃ¼nchen", "munchen"),
        (fingerprint, "Straße", "STRASSE"),
        (ngrams, "New York", "NewYork"),
        (sound, "Robert Smith", "Rupert Smyth"),
        (sound, "Tymczak", "Tymszak"),
    ],
)
def test_keys_that_collide(key: object, one: str, other: str) -> None:
    assert callable(key)
    assert key(one) == key(other)


def test_what_differs_in_a_number_or_has_no_letters_stays_apart() -> None:
    assert clusters(pd.Series(["Model 1", "Model 2", "Model 3"])) == ()
    assert clusters(pd.Series(["!", "?", "…", None]), "fingerprint") == ()
    assert clusters(pd.Series(["cat", "car"])) == ()


def test_the_commonest_and_tidiest_is_kept() -> None:
    found = clusters(pd.Series(["paris", "PARIS", "Paris", "rome", "Rome", "rome"]), "fingerprint")
    assert [one.kept for one in found] == ["Paris", "rome"]
    assert found[1].values == (("rome", 2), ("Rome", 1))


def test_bad_input_is_told() -> None:
    with pytest.raises(DataError):
        clusters(pd.Series(["a"]), "magic")
    with pytest.raises(DataError, match="too many"):
        clusters(pd.Series([f"v{i}" for i in range(20_001)]))
    with pytest.raises(Cancelled):
        clusters(pd.Series(["a", "b"]), cancelled=lambda: True)
    with pytest.raises(StepError, match="no text"):
        STEPS["merge_values"].apply(pd.DataFrame({"n": [1.0, 2]}), {"column": "n", "mapping": {"1": "2"}})


def test_the_step_swaps_values_keeps_gaps_and_its_code_does_the_same(tmp_path: Path) -> None:
    source = tmp_path / "t.csv"
    source.write_text("c,n\na,1\nb,2\n,3\n'x\"y,4\na,5\n", "utf-8")
    table = load_csv(source, CsvOptions(), None, None, None)
    step = Step("m", "merge_values", {"column": "c", "mapping": {"a": "b", "b": "a", "'x\"y": "q"}})
    cleaned = run_recipe(table, (step,))
    assert cleaned.outcomes[0].error == ""
    assert cleaned.outcomes[0].cells_changed == 4
    assert cleaned.frame["c"].fillna("-").tolist() == ["b", "a", "-", "q", "b"]
    out = tmp_path / "out.csv"
    code = pandas_code(DataSpec("csv", str(source)), (step,), table) + f"\ndf.to_csv({str(out)!r}, index=False)\n"
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, timeout=60)
    assert pd.read_csv(out)["c"].fillna("-").tolist() == ["b", "a", "-", "q", "b"]


def test_other_spellings_are_suggested_and_case_alone_is_left_to_tidying() -> None:
    frame = pd.DataFrame({"city": ["New York", "York, New", "Rome", "Paris"] * 10, "n": range(40)})
    found = [s for s in suggest(frame, profile_table(frame)) if s.step.kind == "merge_values"]
    assert [s.step.params for s in found] == [{"column": "city", "mapping": {"York, New": "New York"}}]
    assert "'York, New' of 'New York'" in found[0].reason
    frame["city"] = ["Rome", "rome", "Paris", "Oslo"] * 10
    assert not [s for s in suggest(frame, profile_table(frame)) if s.step.kind == "merge_values"]


@pytest.mark.parametrize("method", METHODS)
def test_signs_that_mean_something_keep_values_apart(method: str):
    cells = pd.Series(["<=50K"] * 9 + ["<=50K."] * 5 + [">50K"] * 4 + [">50K."] * 2 + ["A+"] * 3 + ["A"] * 2)
    groups = [{value for value, _ in one.values} for one in clusters(cells, method)]
    assert not any({"<=50K", ">50K"} <= group or {"A", "A+"} <= group for group in groups)
    assert {"<=50K", "<=50K."} in groups
