"""How a source of series is read: what DataSpec.params may hold for "series" and "series_table".

series: column that names the series (tables; "-": all rows are one series). time: column of the time ("-": rows follow
each other evenly). class: "folder", or a column that is the same all through a series ("-": none). group: what belongs
together, "folder", a column, or "part -1" for the last part of the file's name ("-": nothing does). rate: steps a
second of a source without times. names: channel names of files without a header, in order. An absent or empty value is
found out from the data.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from workbench.core.errors import DataError

NONE = "-"
KEYS = ("series", "time", "class", "group", "rate", "names")

_TIME = {
    "time",
    "timestamp",
    "t",
    "date",
    "datetime",
    "zeit",
    "datum",
    "sec",
    "secs",
    "second",
    "seconds",
    "ms",
    "clock",
}
_TIME |= {"millis", "milliseconds", "time s", "time ms", "time sec", "elapsed", "elapsed time", "when", "day", "month"}
_SERIES: tuple[str, ...] = (
    "series",
    "series id",
    "sequence",
    "sequence id",
    "seq",
    "seq id",
    "recording",
    "recording id",
    "record id",
)
_SERIES += (
    "trial",
    "trial id",
    "session",
    "session id",
    "run",
    "run id",
    "sample id",
    "segment",
    "segment id",
    "track",
)
_SERIES += ("trajectory", "unique id", "measurement id", "file", "unit", "unit number", "id")
_GROUP: tuple[str, ...] = (
    "subject",
    "subject id",
    "user",
    "user id",
    "person",
    "patient",
    "patient id",
    "participant",
    "participant id",
)
_GROUP += ("group", "group id", "machine", "machine id", "device", "device id", "rider", "player", "volunteer")
_GROUP += (
    "vehicle",
    "vehicle id",
    "car",
    "engine",
    "engine id",
    "sensor",
    "sensor id",
    "station",
    "station id",
    "store",
)
_CLASS: tuple[str, ...] = (
    "class",
    "label",
    "target",
    "activity",
    "y",
    "category",
    "type",
    "kind",
    "state",
    "event",
    "surface",
    "gesture",
)


def plain(name: str) -> str:
    """A column's name for comparing: "Series_ID" is "series id"."""
    apart = re.sub(r"([a-z])([A-Z])", r"\1 \2", str(name))
    return " ".join(re.sub(r"[^0-9a-zA-Z]+", " ", apart).lower().split())


def names_time(name: str) -> bool:
    return plain(name) in _TIME or bool(re.search(r"\b(timestamp|datetime)\b", plain(name)))


def rank_series(name: str) -> int | None:
    """How likely a column of that name tells the series apart, 0 the likeliest; None: it does not sound so."""
    return _SERIES.index(plain(name)) if plain(name) in _SERIES else None


def rank_group(name: str) -> int | None:
    return _GROUP.index(plain(name)) if plain(name) in _GROUP else None


def rank_class(name: str) -> int | None:
    return _CLASS.index(plain(name)) if plain(name) in _CLASS else None


def text_option(params: Mapping[str, Any], key: str) -> str:
    """An option that is a text, "" where it is not given. DataError when it is something else."""
    value = params.get(key) or ""
    if not isinstance(value, str):
        raise DataError(f'The reading option "{key}" is no text.', where="reading options", remedy="Choose it again.")
    return value


def rate_option(params: Mapping[str, Any]) -> float:
    """Steps a second that the person states, 0.0 where they do not. DataError when it is no rate."""
    value = params.get("rate") or 0.0
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 1e9:
        raise DataError("The sampling rate is no number above 0.", where="reading options", remedy="Write it like 32.")
    return float(value)


def names_option(params: Mapping[str, Any]) -> tuple[str, ...]:
    """Channel names the person gave, in order. DataError when they are no list of texts."""
    value = params.get("names") or ()
    if not isinstance(value, (list, tuple)) or not all(isinstance(v, str) for v in value):
        raise DataError("The channel names are no list of names.", where="reading options", remedy="Write x, y, z.")
    return tuple(value)
