"""What `workbench info` and `workbench check` found out, laid out for reading in a terminal."""

from __future__ import annotations

import shutil
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from .core.one_line import shortened
from .core.wording import plural

WIDTH = 110
"""Of a line where there is no terminal to ask."""

NAME = 32
SHOWN = 5


def info_lines(path: str, facts: dict[str, Any]) -> Iterator[str]:
    """One line after another for the facts of `headless_info.info`."""
    makers = {"project": _project, "model": _model, "table": _data, "images": _data, "sequences": _data}
    for line in makers[facts["kind"]](path, facts):
        yield shortened(line, _width())


def _width() -> int:
    return shutil.get_terminal_size((WIDTH, 24)).columns if sys.stdout.isatty() else WIDTH


def check_lines(facts: dict[str, Any]) -> Iterator[str]:
    """One line after another for the facts of `headless_info.check`."""
    rows = [
        ("workbench", facts["workbench"]),
        ("Python", facts["python"]),
        ("system", facts["system"]),
        *facts["packages"].items(),
        ("window", facts["window"]),
        ("screen", facts["screen"]),
        ("engine", facts["engine"]),
        *(("device", f"{device['name']}: {device['title']}") for device in facts.get("devices", ())),
    ]
    for name, value in rows:
        yield f"{name:<20} {value}"


# ---- projects and models -------------------------------------------------------------------------------------------


def _project(path: str, facts: dict[str, Any]) -> Iterator[str]:
    yield f"{facts['name']}: a project"
    yield f"  data      {facts['data']}"
    if facts.get("targets"):
        yield f"  predicts  {', '.join(facts['targets'])}"
    if facts.get("task") == "reconstruction":
        yield "  rebuilds  its input"
    yield f"  cleaning  {plural(len(facts['steps']), 'step') if facts['steps'] else 'none'}"
    for step in facts["cleaning"]:
        yield f"            {step}"
    kinds = [layer["kind"] for layer in facts["layers"]]
    yield f"  model     {' → '.join(kinds) if len(kinds) <= 12 else plural(len(kinds), 'block')}"
    if not facts["runs"]:
        yield "  runs      none yet"
        return
    yield ""
    scores = list(dict.fromkeys(name for run in facts["runs"] for name in run if name not in _RUN))
    shown = _telling(scores)
    head = ["run", "state", "epochs", "best", *shown]
    rows = [
        [run["name"], run["state"].replace("_", " "), run["epochs"], run["best_epoch"] or None]
        + [run.get(name) for name in shown]
        for run in facts["runs"]
    ]
    yield from _beside_or_below(head, rows, left=2)


_RUN = ("name", "state", "epochs", "best_epoch")


def _telling(scores: Sequence[str]) -> list[str]:
    """Validation and test scores; those of training only when there is nothing else."""
    return [name for name in scores if name.startswith(("val_", "test."))][:8] or list(scores)[:6]


_FORMATS = {"keras": "a Keras model", "onnx": "an ONNX model", "litert": "a LiteRT model", "savedmodel": "a SavedModel"}


def _model(path: str, facts: dict[str, Any]) -> Iterator[str]:
    size = f", {plural(facts['parameters'], 'parameter')}" if facts["parameters"] else ""
    yield f"{Path(path).name}: {_FORMATS.get(facts['format'], facts['format'])}{size}"
    card = facts["card"]
    if card is None:
        yield from _ends("takes", [str(name) for name in facts["inputs"]])
        yield from _ends("answers", [str(name) for name in facts["outputs"]])
    else:
        yield from _ends("takes", [_input(entry) for entry in card["inputs"]])
        if len(card.get("outputs", ())) > 1:
            yield from _ends("answers", [_output(entry) for entry in card["outputs"]])
        else:
            yield f"  {'answers':<8} {card['target']}: {card['output']}"
            yield from _ends("classes", card["classes"], 8)
        yield from _ends("cleaned", [step["step"] for step in card.get("cleaning", ())])
    for text in facts["notes"]:
        yield f"  {'note':<8} {text}"
    if facts["format"] != "litert":  # whose list is one of tensors, not of layers
        yield from _layers(facts["layers"])


def _ends(title: str, names: list[str], most: int = 40) -> Iterator[str]:
    for i, name in enumerate(names[:most]):
        yield f"  {title if i == 0 else '':<8} {name}"
    if len(names) > most:
        yield f"  {'':<8} and {len(names) - most:,} more"


def _output(entry: dict[str, Any]) -> str:
    """One of several answers of a file, its classes with it."""
    classes = list(entry["classes"])
    named = f" ({', '.join(classes[:6])}{' …' if len(classes) > 6 else ''})" if classes else ""
    return f"{entry['name']} = {entry['target']}: {entry['meaning']}{named}"


def _input(entry: dict[str, Any]) -> str:
    if not entry["column"]:
        return f"pictures {' × '.join(map(str, entry['shape'][1:]))}, {entry['type']}"
    known = entry["categories"]
    values = ": " + ", ".join(map(str, known[:6])) + (" …" if len(known) > 6 else "") if known else ""
    return f"{entry['column']} ({entry['type']}{values})"


def _layers(layers: list[dict[str, Any]]) -> Iterator[str]:
    """Those that learnt something, and how many others there are."""
    learnt = [layer for layer in layers if layer["parameters"]]
    kinds = Counter(layer["kind"] for layer in layers if not layer["parameters"])
    if learnt:
        yield ""
        rows = [[layer["name"], layer["kind"], layer["parameters"]] for layer in learnt]
        yield from _table(["layer", "kind", "parameters"], rows, left=2)
    if kinds:
        listed = ", ".join(f"{kind} {count}" if count > 1 else kind for kind, count in kinds.most_common(12))
        beside = "Beside them" if learnt else "In it"
        yield ""
        yield f"  {beside}: {listed}{' and others' if len(kinds) > 12 else ''}"


# ---- data ----------------------------------------------------------------------------------------------------------


def _data(path: str, facts: dict[str, Any]) -> Iterator[str]:
    name = Path(path).name or path
    if facts["kind"] == "table":
        how = f" ({facts['encoding']}, {_delimiter(facts['delimiter'])})" if facts.get("encoding") else ""
        yield f"{name}: a table, {plural(facts['rows'], 'row')}, {plural(len(facts['columns']), 'column')}{how}"
    elif facts["kind"] == "sequences":
        classes = f" in {plural(len(facts['classes']), 'class', 'classes')}" if facts["classes"] else ""
        groups = f", {plural(facts['groups'], 'group')}" if facts["groups"] else ""
        yield f"{name}: {plural(facts['rows'], 'series', 'series')}{classes}{groups}, {plural(facts['steps'], 'step')}"
    else:
        parts = {part: count for part, count in facts["parts"].items() if count and part != "main"}
        given = "".join(f", {count:,} of them a {part} part" for part, count in parts.items())
        classes = plural(len(facts["classes"]), "class", "classes")
        yield f"{name}: {plural(facts['rows'], 'picture')} in {classes}{given}"
    for text in facts["notes"]:
        yield f"  note: {text}"
    for item in facts["set_aside"][:SHOWN]:
        yield f"  set aside: {item['where']}: {item['what']}"
    if len(facts["set_aside"]) > SHOWN:
        yield f"  and {len(facts['set_aside']) - SHOWN:,} more were set aside"
    yield ""
    makers = {"table": lambda f: _columns(f["columns"]), "images": _pictures, "sequences": _series}
    yield from makers[facts["kind"]](facts)


def _delimiter(mark: str) -> str:
    return {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", " ": "blank"}.get(mark, repr(mark))


def _columns(columns: list[dict[str, Any]]) -> Iterator[str]:
    rows = [[c["name"], c["type"], c["missing"] or None, c["distinct"], _values(c)] for c in columns]
    yield from _table(["column", "type", "missing", "distinct", "values"], rows, left=2, last_left=True)


def _values(column: dict[str, Any]) -> str:
    if column["top"] and (column["minimum"] is None or column["distinct"] <= 10):
        shown = ", ".join(f"{_short(t['value'], 24)} ({t['count']:,})" for t in column["top"])
        return shown + (" …" if column["distinct"] > len(column["top"]) else "")
    if column["minimum"] is None:
        return ""
    mean = f", mean {_cell(column['mean'])}" if column["mean"] is not None else ""
    return f"{_cell(column['minimum'])} to {_cell(column['maximum'])}{mean}"


def _classes(classes: dict[str, int]) -> Iterator[str]:
    most = max(classes.values(), default=1) or 1
    wide = min(NAME, max((len(name) for name in classes), default=5))
    figures = max(len(f"{count:,}") for count in classes.values()) if classes else 1
    for name, count in classes.items():
        yield f"  {_short(name, wide):<{wide}}  {count:>{figures},}  {'█' * round(30 * count / most)}"
    yield ""


def _series(facts: dict[str, Any]) -> Iterator[str]:
    if facts["classes"]:
        yield from _classes(facts["classes"])
    low, _, middle, _, high = facts["lengths"]
    rate = f", {_cell(facts['rate'])} a second" if facts["rate"] else ""
    yield f"  steps of a series: {low:,} to {high:,}, half of them {middle:,} or more{rate}"
    rows = [[c["name"], c["missing"] or None, c["minimum"], c["maximum"], c["mean"]] for c in facts["channels"]]
    yield from _table(["channel", "missing", "least", "largest", "mean"], rows, left=1)


def _pictures(facts: dict[str, Any]) -> Iterator[str]:
    yield from _classes(facts["classes"])
    sizes = facts["sizes"]
    listed = ", ".join(f"{s['height']} × {s['width']} ({s['count']:,})" for s in sizes[:4])
    yield f"  height × width: {listed}{' and others' if len(sizes) > 4 else ''}"


# ---- laying out ----------------------------------------------------------------------------------------------------


def _table(head: Sequence[str], rows: Sequence[Sequence[Any]], *, left: int, last_left: bool = False) -> Iterator[str]:
    """Columns as wide as their cells: the first `left` ones to the left, figures to the right."""
    cells = [list(head), *([_cell(value) for value in row] for row in rows)]
    widths = [min(NAME, max(len(row[i]) for row in cells)) for i in range(len(head))]
    for row in cells:
        parts = []
        for i, text in enumerate(row):
            last = i == len(head) - 1
            if last and last_left:
                parts.append(text)
            elif i < left:
                parts.append(f"{_short(text, widths[i]):<{widths[i]}}")
            else:
                parts.append(f"{_short(text, widths[i]):>{widths[i]}}")
        yield ("  " + "  ".join(parts)).rstrip()


def _beside_or_below(head: Sequence[str], rows: Sequence[Sequence[Any]], *, left: int) -> Iterator[str]:
    """The same, where columns that a line has no room for follow below, the first one before them again."""
    room = 0
    for most in range(2, len(head) + 1):
        lines = list(_table(head[:most], [row[:most] for row in rows], left=left))
        if max(map(len, lines)) <= _width() or not room:
            room, shown = most, lines
    yield from shown
    if room < len(head):
        yield ""
        rest = [[row[0], *row[room:]] for row in rows]
        yield from _beside_or_below([head[0], *head[room:]], rest, left=1)


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        whole = value.is_integer() and abs(value) < 1e15
        return f"{value:,.0f}" if whole or 1e4 <= abs(value) < 1e15 else f"{value:.4g}"
    return " ".join(str(value).split())


def _short(text: str, limit: int) -> str:
    return shortened(" ".join(text.split()), limit)
