"""Tables made by others: all open with the right columns, or are refused for a stated reason."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from workbench.core.data.profile import profile_table
from workbench.core.data.recipe import run_recipe
from workbench.core.data.sources import guess_source, load
from workbench.core.data.suggest import suggest
from workbench.core.errors import DataError

TABLES = [
    ("titanic/train.csv", 891, 12, True, ","),
    ("titanic/test.csv", 418, 11, True, ","),
    ("tabular/iris.csv", 150, 5, False, ","),
    ("tabular/winequality-red.csv", 1599, 12, None, None),
    ("tabular/winequality-white.csv", 4898, 12, None, None),
    ("tabular/pima-indians-diabetes.csv", 768, 9, False, ","),
    ("tabular/housing.csv", 506, 14, False, None),
    ("tabular/adult-train.csv", 32561, 15, False, ","),
    ("tabular/adult-test.csv", 16281, 15, False, ","),
    ("tabular/mpg.csv", 398, 9, True, ","),
    ("tabular/california_housing.csv", 20640, 10, True, ","),
    ("text/sms.tsv", 5574, 2, False, "\t"),  # with stray quotes taken for real ones it would be 5,572
    ("timeseries/seattle-weather.csv", 1461, 6, True, ","),
    ("timeseries/daily-min-temperatures.csv", 3650, 2, True, ","),
    ("messy/Portal_rodents_19772002_simplified.csv", 790, 16, True, ","),
    ("messy/government_contracts.csv", 6422, 10, True, ","),
    ("messy/doaj-article-sample.csv", 1001, 11, True, ","),
    ("messy/example-latin1.tsv", 2, 11, True, "\t"),
    ("messy/example-utf16be-bom.tsv", 2, 11, True, "\t"),
    ("messy/example-linebreaks-in-cells.csv", 2, 3, True, ","),
    ("messy/persons.csv.gz", 3, 3, True, ","),
    ("messy/persons.csv.xz", 3, 3, True, ","),
    ("messy/dates.xls", 2, 1, None, None),
    ("messy/sample.ods", 2, 2, None, None),
]


@pytest.mark.parametrize(("name", "rows", "columns", "header", "delimiter"), TABLES)
def test_opens_with_its_own_rows_and_columns(real_data: Path, name, rows, columns, header, delimiter):
    table = load(guess_source(real_data / name))
    assert table.frame.shape == (rows, columns)
    assert not table.report.bad
    assert header is None or table.report.options.header is header
    assert delimiter is None or table.report.options.delimiter == delimiter


def test_accents_of_an_old_encoding_survive(real_data: Path):
    places = load(guess_source(real_data / "messy/example-latin1.tsv")).frame["Location"]
    same = load(guess_source(real_data / "messy/example-utf8.tsv")).frame["Location"]
    assert places.tolist() == same.tolist()


@pytest.mark.parametrize("name", ["notazip.zip", "big5.txt", "euc-jp.txt"])
def test_what_is_no_table_is_refused(real_data: Path, name):
    with pytest.raises(DataError) as caught:
        load(guess_source(real_data / "messy" / name))
    assert caught.value.what
    assert caught.value.remedy


def test_csv_spectrum_gives_the_expected_cells(real_data: Path):
    folder = real_data / "ugly-csv/csv-spectrum"
    files = sorted((folder / "csvs").glob("*.csv"))
    assert len(files) >= 10
    for file in files:
        if file.stem == "location_coordinates":
            continue  # its JSON states another telephone number than its CSV
        text = (folder / "json" / f"{file.stem}.json").read_text("utf-8")
        expected = json.loads(text.replace("\\r\\n", "\\n"))  # the stored CSV files have lost their carriage returns
        expected = expected if isinstance(expected, list) else [expected]
        frame = load(guess_source(file)).frame
        found = [
            {
                name: "" if cell != cell else str(int(cell) if isinstance(cell, float) else cell)
                for name, cell in row.items()
            }
            for row in frame.to_dict("records")
        ]
        assert found == expected, file.name


def test_polluted_files_are_read_as_they_are_described(real_data: Path):
    """Each is the clean table with one thing done to it, which its name and its parameters tell."""
    folder = real_data / "ugly-csv/pollock-polluted"
    files = sorted((folder / "csv").glob("file_*.csv"))
    assert len(files) >= 21
    refused = {}
    for file in files:
        wanted = clean_rows(folder / "clean" / file.name)
        options = json.loads((folder / "parameters" / f"{file.name}_parameters.json").read_text("utf-8"))
        lines = options["header_lines"]
        try:
            table = load(guess_source(file))
        except DataError as error:
            refused[file.name] = error
            continue
        found = text_rows(table.frame)
        if file.name == "file_multitable_same.csv":  # the second table, of the same columns, is read below the first
            assert len(found) == 165
            found = found[:83]
        if file.name == "file_quotation_char_0x27.csv":  # double quotes are doubled in it, though single ones enclose
            found = [[cell.replace('""', '"') for cell in row] for row in found]
        assert [row for row in found if row not in wanted] == [], file.name
        assert len(found) == len(wanted) - min(lines, 1), file.name
        if lines:
            assert " ".join([table.frame.columns[0]] * lines) == options["column_names"][0], file.name
    assert sorted(refused) == ["file_field_delimiter_0x20.csv", "file_header_only.csv", "file_no_payload.csv"]
    assert "line 2" in refused["file_field_delimiter_0x20.csv"].where  # blanks between words that have no quotes


def test_one_polluted_row_harms_no_other(real_data: Path):
    folder = real_data / "ugly-csv/pollock-polluted"
    wanted = clean_rows(folder / "clean" / "file_no_trailing_newline.csv")[1:]
    files = sorted((folder / "csv").glob("row_*.csv"))
    assert len(files) >= 91
    for file in files:
        table = load(guess_source(file))
        number = int(re.findall(r"\d+", file.name)[0])
        found = text_rows(table.frame)
        assert sum(row in found for row in wanted) >= 82, file.name  # all but one
        if "extra_quote" in file.name:
            assert [unquoted(row) for row in found] == [unquoted(row) for row in wanted], file.name
        elif len(found) == 82:
            assert [item.where for item in table.report.bad] == [f"line {number + 1}"], file.name


def clean_rows(file: Path) -> list[list[str]]:
    with file.open(encoding="utf-8", newline="") as text:
        return [[plain(cell) for cell in row] for row in csv.reader(text)]


def text_rows(frame: Any) -> list[list[str]]:
    return [["" if cell != cell else plain(str(cell)) for cell in row] for row in frame.astype(object).to_numpy()]


def plain(cell: str) -> str:
    """2 and 2.0 are the same here, and so are blanks at the ends."""
    return cell.strip().removesuffix(".0")


def unquoted(row: list[str]) -> list[str]:
    return [cell.replace('"', "") for cell in row]


def test_suggestions_can_all_be_accepted(real_data: Path):
    for name, *_ in TABLES:
        table = load(guess_source(real_data / name))
        found = suggest(table.frame, profile_table(table.frame))
        cleaned = run_recipe(table, [suggestion.step for suggestion in found])
        assert [outcome.error for outcome in cleaned.outcomes if outcome.error] == []
        assert len(cleaned.frame) >= 0.55 * len(table)
        assert len(cleaned.parts) == len(cleaned.frame)


def test_titanic_is_cleaned_by_suggestions(real_data: Path):
    table = load(guess_source(real_data / "titanic/train.csv"))
    found = {
        (s.step.kind, *s.step.params["columns"]): s.reason
        for s in suggest(table.frame, profile_table(table.frame))
        if s.step.enabled
    }
    assert "687 of 891 rows (77 %)" in found["drop_column", "Cabin"]
    assert "2 of 891 rows" in found["drop_missing", "Embarked"]
    assert not any("Age" in key or "PassengerId" in key or "Ticket" in key for key in found)


def test_question_marks_of_adult_are_suggested_to_mean_missing(real_data: Path):
    table = load(guess_source(real_data / "tabular/adult-train.csv"))
    every = [s for s in suggest(table.frame, profile_table(table.frame)) if s.step.kind == "replace"]
    found = [s for s in every if s.step.enabled]
    assert [s.step.params["column"] for s in found] == ["column 2", "column 7", "column 14"]
    assert all(s.step.params["find"] == "?" for s in found)
    (marked,) = (s for s in every if not s.step.enabled)
    assert marked.reason.startswith("column 11 is 99,999 in 159 rows")


def test_the_test_file_of_adult_becomes_its_test_part(real_data: Path):
    folder = real_data / "tabular"
    spec = replace(guess_source(folder / "adult-train.csv"), test_path=str(folder / "adult-test.csv"))
    table = load(spec)
    assert (table.parts == 0).sum() == 32_561
    assert (table.parts == 1).sum() == 16_281
    cleaned = run_recipe(table, [s.step for s in suggest(table.frame, profile_table(table.frame))])
    assert set(cleaned.frame["column 15"]) == {"<=50K", ">50K"}  # the test file writes each with a full stop
