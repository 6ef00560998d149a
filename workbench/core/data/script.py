"""The lines of a script that read a source with pandas."""

from __future__ import annotations

import re

from workbench.core.project import DataSpec

from .dataset import TableData


def reading_code(spec: DataSpec, table: TableData | None = None) -> str:
    """Lines that put the table of `spec` into `df`. Names by repr.

    table: what was read; with it the script names the columns, keeps text such as 00123 and leaves out the lines that
    were set aside, so that it gives the same table.
    """
    if spec.source in ("csv", "pasted"):
        return _csv(spec, table)
    if spec.source == "sample":
        load = f"df = load_sample({spec.path!r}, {dict(spec.params)!r}).frame"
        return f"from workbench.core.data.samples import load_sample\n\n{load}"
    if spec.source == "npz":
        lines = ["from pathlib import Path", "", "from workbench.core.data.array_source import load_npz", ""]
        return "\n".join([*lines, f"df = load_npz(Path({spec.path!r})).frame"])
    return "df = pd.DataFrame()"


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
