"""The lines of a script that read a source with pandas."""

from __future__ import annotations

import re

from workbench.core.project import CsvOptions, DataSpec

from .dataset import TableData


def reading_code(spec: DataSpec, table: TableData | None = None) -> str:
    """Lines that put the table of `spec` into `df`. Names by repr.

    table: what was read; with it the script names the columns, keeps text such as 00123 and leaves out the lines that
    were set aside, so that it gives the same table.
    """
    by_pandas = table is None or table.report.plain
    if spec.source in ("csv", "pasted") and by_pandas:
        return _csv(spec, table)
    if spec.source == "sample":
        load = f"df = load_sample({spec.path!r}, {dict(spec.params)!r}).frame"
        return f"from workbench.core.data.samples import load_sample\n\n{load}"
    if spec.source in _READERS and table is not None and not spec.test_path and by_pandas:
        return _typed(_READERS[spec.source](spec, table), table)
    if spec.source in ("csv", "pasted", "excel", "parquet", "json", "arff"):
        names = "CsvOptions, DataSpec" if spec.source in ("csv", "pasted") else "DataSpec"
        load = f"df = load(DataSpec({spec.source!r}, {spec.path!r}, params={dict(spec.params)!r}, "
        lines = ["from workbench.core.data.sources import load", f"from workbench.core.project import {names}", ""]
        csv = f"csv={_options(spec.csv)}, " if spec.source in ("csv", "pasted") else ""
        return "\n".join([*lines, f"{load}{csv}test_path={spec.test_path!r})).frame"])
    if spec.source == "npz":
        lines = ["from pathlib import Path", "", "from workbench.core.data.array_source import load_npz", ""]
        return "\n".join([*lines, f"df = load_npz(Path({spec.path!r})).frame"])
    return "df = pd.DataFrame()"


def _options(options: CsvOptions) -> str:
    """The options that are not the usual ones, as a call."""
    usual = CsvOptions()
    names = ("encoding", "delimiter", "quote", "decimal", "thousands", "header", "comment", "null_words")
    changed = {name: getattr(options, name) for name in names if getattr(options, name) != getattr(usual, name)}
    return f"CsvOptions({', '.join(f'{name}={value!r}' for name, value in changed.items())})"


def _typed(lines: list[str], table: TableData) -> str:
    """Lines that read cells, and those that give the columns their names and types."""
    names = [str(name) for name in table.frame.columns]
    kinds = {name: str(table.frame[name].dtype) for name in names if table.frame[name].dtype != "str"}
    words = [name for name in names if name not in kinds]
    lines = [*lines, f"df.columns = {names!r}"]
    if words:
        lines.append(f"words = {words!r}")
        lines.append("df[words] = df[words].astype('str').replace(r'^\\s*$', float('nan'), regex=True)")
    if kinds:
        lines.append(f"df = df.astype({kinds!r})")
    return "\n".join(lines)


def _excel(spec: DataSpec, table: TableData) -> list[str]:
    first = table.report.first_line
    words = [i for i, name in enumerate(table.frame.columns) if table.frame[name].dtype == "str"]
    settings = f"sheet_name={table.report.sheet!r}, engine='calamine', header=None, keep_default_na=False"
    missing = [*spec.csv.null_words, "#N/A", "#DIV/0!"]
    return [
        f"df = pd.read_excel({spec.path!r}, {settings}, na_values={missing!r}, dtype=dict.fromkeys({words!r}, str))",
        f"df = df.dropna(how='all').iloc[{first}:].dropna(axis='columns', how='all').reset_index(drop=True)",
    ]


def _parquet(spec: DataSpec, table: TableData) -> list[str]:
    return [f"df = pd.read_parquet({spec.path!r}).reset_index(drop=True)"]


def _json(spec: DataSpec, table: TableData) -> list[str]:
    bad = [number - 1 for number in _lines(table, "")]
    return [
        "import json",
        "from pathlib import Path",
        "",
        f"text = Path({spec.path!r}).read_text('utf-8-sig')",
        f"bad = {bad!r}",
        "try:",
        "    records = json.loads(text)",
        "except ValueError:",
        "    lines = enumerate(text.split('\\n'))",
        "    records = [json.loads(line) for i, line in lines if line.strip() and i not in bad]",
        "df = pd.json_normalize(records, max_level=4)",
    ]


_READERS = {"excel": _excel, "parquet": _parquet, "json": _json}


def _csv(spec: DataSpec, table: TableData | None) -> str:
    options = table.report.options if table is not None and table.report.options is not None else spec.csv
    settings = {"index_col": "False", "keep_default_na": "False", "skipinitialspace": "True"}
    settings["na_values"] = repr(list(options.null_words))
    if options.delimiter == " ":
        settings["sep"] = r"r'\s+'"
    elif options.delimiter:
        settings["sep"] = repr(options.delimiter)
    for name, value, usual in (
        ("encoding", options.encoding, ""),
        ("quotechar", options.quote, '"'),
        ("decimal", options.decimal, "."),
        ("thousands", options.thousands, ""),
        ("comment", options.comment, ""),
    ):
        if value and value != usual:
            settings[name] = repr(value)
    if options.header is False or table is not None:
        settings["header"] = "None"
    if table is None:
        lines = [_call(spec.path, settings)]
        if options.header is False:
            lines.append("df.columns = [f'column {number}' for number in range(1, df.shape[1] + 1)]")
        return "\n".join(lines)
    names = [str(name) for name in table.frame.columns]
    settings["names"] = "names"
    settings["dtype"] = repr({name: "str" for name in names if table.frame[name].dtype == "str"})
    top = range(1, table.report.first_line + 1)
    lines = [f"names = {names!r}", _call(spec.path, {**settings, **_skip({*top, *_lines(table, "")})})]
    if spec.test_path:
        lines.append("main = df")
        lines.append(_call(spec.test_path, {**settings, **_skip({*top, *_lines(table, "test file, ")})}))
        lines.append("df = pd.concat([main, df], ignore_index=True)")
    return "\n".join(lines)


def _call(path: str, settings: dict[str, str]) -> str:
    return f"df = pd.read_csv({', '.join([repr(path), *(f'{name}={value}' for name, value in settings.items())])})"


def _lines(table: TableData, prefix: str) -> list[int]:
    """Numbers of the lines that were set aside."""
    found = (re.fullmatch(rf"{prefix}line (\d+)", item.where) for item in table.report.bad)
    return [int(match[1]) for match in found if match]


def _skip(lines: set[int]) -> dict[str, str]:
    return {"skiprows": repr(sorted(line - 1 for line in lines))} if lines else {}
