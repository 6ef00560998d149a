"""Reads one sheet of a workbook, as a program of its own: a damaged workbook can end the process that reads it.

    python sheet_reader.py PATH SHEET MEMORY

writes a pickled (verdict, names of the sheets, name, rows) to standard output. verdict: "ok", "locked", "damaged",
"no sheets", "no such sheet" or "empty". SHEET "": the first that has cells. MEMORY: bytes it may take, 0 for any.
While it works it writes lines of a share done (0..1) and what it is at to standard error.
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Sequence
from typing import Any

Answer = tuple[str, list[str], str, list[list[Any]]]


def _tell(share: float, text: str) -> None:
    print(f"{share:.2f} {text}", file=sys.stderr, flush=True)


def read(path: str, sheet: str) -> Answer:
    """What the module says above."""
    import python_calamine as calamine

    names: list[str] = []
    try:
        _tell(0.05, "Opening the workbook")
        with calamine.load_workbook(path) as book:
            kept = [item for item in book.sheets_metadata if item.typ == calamine.SheetTypeEnum.WorkSheet]
            kept.sort(key=lambda item: item.visible != calamine.SheetVisibleEnum.Visible)
            names = [item.name for item in kept]
            if not names:
                return "no sheets", names, "", []
            if sheet and sheet not in names:
                return "no such sheet", names, sheet, []
            for name in [sheet] if sheet else names:
                _tell(0.15, f"Reading the cells of {name}")
                found = book.get_sheet_by_name(name)
                _tell(0.6, f"Reading the rows of {name}")
                rows: list[list[Any]] = found.to_python(skip_empty_area=False)
                if any(cell not in ("", None) for row in rows for cell in row):
                    return "ok", names, name, rows
    except calamine.PasswordError:
        return "locked", names, "", []
    except (calamine.CalamineError, MemoryError, OSError, ValueError):
        return "damaged", names, "", []
    return "empty", names, sheet, []


def main(arguments: Sequence[str]) -> int:
    path, sheet, memory = arguments
    if int(memory):
        try:
            import resource
        except ImportError:
            pass  # Windows has no such limits
        else:
            resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
    answer = read(path, sheet)
    _tell(0.85, "Handing the rows over")
    pickle.dump(answer, sys.stdout.buffer, protocol=5)
    sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
