"""`workbench source`, and how `workbench new` is told to read: where a project's data is, and how it is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from workbench.core import edits
from workbench.core.data import kept
from workbench.core.data.pipeline import find_source, stage
from workbench.core.data.sources import guess_source, load, sniff_csv
from workbench.core.errors import DataError, ProjectError
from workbench.core.project import CsvOptions, DataSpec, Project
from workbench.core.storage import ProjectFolder
from workbench.headless_series import SERIES, as_series

READING = ("encoding", "delimiter", "quote", "decimal", "thousands", "comment", "header", "null_words")
WISHES = (*READING, "sheet", "member", "test", "rows", "read_as", *SERIES)
_TEXTS = ("csv", "pasted", "image_table", "series", "series_table", "excel", "json", "arff")
_NAMED = {"tab": "\t", "blank": " ", "comma": ",", "semicolon": ";", "none": "", "point": ".", "space": " "}


@dataclass(frozen=True)
class Where:
    """state: "same" | "changed" | "gone" | "cache" (the project goes on from the cache) | "own" (it cannot go).
    kept: when what was read was kept, ISO; "" when it was not. rows: of the data; None when it was not read."""

    spec: DataSpec
    state: str
    kept: str = ""
    rows: int | None = None
    notes: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, object]:
        found: dict[str, object] = {"source": self.spec.source, "path": self.spec.path, "state": self.state}
        found |= {"kept": self.kept, "test": self.spec.test_path, "params": dict(self.spec.params)}
        return found if self.rows is None else {**found, "rows": self.rows, "notes": list(self.notes)}


def find(data: str, wishes: Mapping[str, Any]) -> DataSpec:
    """The source of a new project, read as wished: see `read_as`. Raises DataError."""
    if wishes.get("member"):
        return read_as(guess_source(data, str(wishes["member"])), wishes)
    return read_as(find_source(data), wishes)


def read_as(spec: DataSpec, wishes: Mapping[str, Any]) -> DataSpec:
    """`spec` read in another way.

    Args:
        wishes: any of READING, "sheet", "rows", "test", and those of headless_series.as_series; what is None is left
            as it is.

    Raises:
        DataError: this kind of source has no such thing.
    """
    given = {name: value for name, value in wishes.items() if value is not None}
    text = {name: _value(name, given[name]) for name in READING if name in given}
    if text and spec.source not in _TEXTS:
        flag = "--" + next(iter(text)).replace("_", "-")
        raise DataError("Only tables of text are read by such options.", where=flag, remedy="Leave it out.")
    if text:
        csv: CsvOptions = replace(spec.csv, **text)
        if not csv.delimiter and set(text) & {"quote", "decimal", "comment"} and spec.source == "csv":
            csv = replace(csv, delimiter=sniff_csv(spec.path).delimiter)
        spec = replace(spec, csv=csv, fingerprint="", from_cache=False)
    spec = as_series(spec, given)
    if given.get("sheet"):
        if spec.source != "excel":
            raise DataError("Only workbooks have sheets.", where="--sheet", remedy="Leave it out.")
        spec = replace(spec, params={**spec.params, "sheet": given["sheet"]}, fingerprint="", from_cache=False)
    if given.get("rows") is not None:
        if spec.source != "csv":
            raise DataError("Only text tables can be read in part.", where="--rows", remedy="Leave it out.")
        rest = {name: value for name, value in spec.params.items() if name != "rows"}
        params = {**rest, "rows": given["rows"]} if given["rows"] else rest
        spec = replace(spec, params=params, fingerprint="", from_cache=False)
    if given.get("test"):
        test = guess_source(str(given["test"]))
        spec = replace(spec, test_path=test.path, fingerprint="", from_cache=False)
    return spec


def _value(name: str, given: Any) -> Any:
    if name == "header":
        return {"yes": True, "no": False, "find": None}[given]
    if name == "null_words":
        return tuple(word.strip() for word in str(given).split(","))
    if name == "encoding":
        return str(given)
    value = _NAMED.get(str(given).lower(), str(given))
    if len(value) > 1:
        flag = f"--{name}"
        raise DataError(f"One character is expected, found {given!r}.", where=flag, remedy="For a tab write: tab.")
    return value


def where(home: ProjectFolder, project: Project) -> Where:
    """Where the data of a project is. Raises ProjectError when it has none."""
    if project.data is None:
        raise ProjectError("The project has no data yet.", remedy="Make one with: workbench new.")
    spec = home.located(project.data)
    return Where(project.data, _state(spec), kept.kept_at(spec))


def _state(spec: DataSpec) -> str:
    if spec.source in ("sample", "pasted"):
        return "own"
    if spec.from_cache:
        return "cache"
    if not all(Path(path).exists() for path in (spec.path, spec.test_path) if path):
        return "gone"
    try:
        return "same" if load(spec).report.fingerprint == spec.fingerprint else "changed"
    except DataError:
        return "changed"


def change(
    home: ProjectFolder,
    project: Project,
    *,
    find: str = "",
    from_cache: bool = False,
    from_file: bool = False,
    no_test: bool = False,
    wishes: Mapping[str, Any] | None = None,
) -> Where:
    """Find the data again, go on from the cache, go back to the file, or read it in another way; tried, then saved.

    Raises:
        WorkbenchError: it cannot be read so; the project stays as it was.
    """
    spec = where(home, project).spec
    wishes = wishes or {}
    if find:
        found = guess_source(Path(find).expanduser(), str(spec.params.get("member") or ""))
        same = found.source == spec.source or {found.source, spec.source} <= {"csv", "image_table", "series_table"}
        if not same:
            what = f"This is {found.source}, and the data was {spec.source}."
            raise DataError(what, where=find, remedy="Name the file that the project was made with.")
        spec = replace(spec, path=found.path, from_cache=False)
    if wishes.get("member"):
        spec = replace(guess_source(spec.path, str(wishes["member"])), csv=spec.csv, test_path=spec.test_path)
    if no_test:
        spec = replace(spec, test_path="", fingerprint="", from_cache=False)
    spec = read_as(spec, wishes)
    if from_cache or from_file:
        spec = replace(spec, from_cache=from_cache)
    changed = edits.change_data(spec)(project)
    staged = stage(changed, home=home)
    data = staged.project.data
    assert data is not None
    home.save(replace(changed, data=data))
    report = staged.dataset.report
    notes = report.notes
    if staged.changed:
        notes = ("The data is not the same as when the project last read it.", *notes)
    return Where(data, "cache" if data.from_cache else "same", kept.kept_at(data), len(staged.dataset), notes)


def lines(found: Where) -> list[str]:
    """What is printed of it."""
    spec = found.spec
    held = kept.date_text(found.kept) if found.kept else ""
    words = {
        "same": "it is as the project last read it",
        "changed": "its content is not what the project last read",
        "gone": "it is not there",
        "cache": f"the file is not read; the project goes on from the cache of {held}" if held else "from the cache",
        "own": "it belongs to the program or the project",
    }
    out = [f"{spec.source} {spec.path}: {words[found.state]}."]
    if spec.test_path:
        out.append(f"Test data: {spec.test_path}")
    if found.rows is not None:
        out.append(f"{found.rows:,} rows, pictures or series")
    if held and found.state in ("changed", "gone"):
        out.append(f"What was read of it is in the cache of {held}: go on from there with --from-cache.")
    if found.state in ("changed", "gone"):
        out.append("If it is elsewhere now: --find PATH.")
    return out
