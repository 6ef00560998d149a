"""Samples that need no network: small sets that come with scikit-learn, and points generated with a seed."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from workbench.core.errors import DataError
from workbench.core.fields import Field
from workbench.core.project import Json

from .dataset import ImageData, LoadReport, TableData

Array = np.ndarray[Any, np.dtype[np.float64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]
Random = np.random.Generator


@dataclass(frozen=True)
class Sample:
    """One sample as offered. task: "classification" | "regression". kind: "table" | "images".

    target: the column it suggests to predict; "" for pictures. fields: settings of a generated one, for `params`.
    """

    name: str
    title: str
    task: str
    kind: str
    blurb: str
    target: str = ""
    fields: tuple[Field, ...] = ()


_POINTS = (
    Field("points", "int", "Points", 500, minimum=10, maximum=100_000, help="How many points are drawn."),
    Field("noise", "float", "Noise", 0.0, minimum=0.0, maximum=0.5, help="0 is clean, 0.5 the most blurred."),
    Field("seed", "int", "Seed", 0, minimum=0, maximum=2**31 - 1, help="The same seed gives the same points."),
)

SAMPLES: tuple[Sample, ...] = (
    Sample("line", "y = 2x - 1", "regression", "table", "Six pairs of numbers. One neuron finds the rule.", "y"),
    Sample("digits", "Handwritten digits", "classification", "images", "1,797 pictures of 8 x 8 pixels, ten classes."),
    Sample("iris", "Iris flowers", "classification", "table", "150 flowers, four measures, three species.", "species"),
    Sample("wine", "Wines", "classification", "table", "178 wines of three growers, 13 chemical measures.", "grower"),
    Sample(
        "breast_cancer", "Breast cancer", "classification", "table", "569 tumours, 30 measures, two kinds.", "diagnosis"
    ),
    Sample(
        "diabetes", "Diabetes", "regression", "table", "442 patients; how far it advances in a year.", "progression"
    ),
    Sample(
        "gauss", "Two clouds", "classification", "table", "Points in the plane. A line parts them.", "label", _POINTS
    ),
    Sample(
        "circle", "Circle", "classification", "table", "A disc within a ring. No line parts them.", "label", _POINTS
    ),
    Sample("xor", "Checkerboard", "classification", "table", "Opposite quarters share a class.", "label", _POINTS),
    Sample(
        "spiral", "Two spirals", "classification", "table", "The hard one: two arms wound together.", "label", _POINTS
    ),
)


def sample(name: str) -> Sample:
    """The sample of that name. DataError when there is none."""
    for entry in SAMPLES:
        if entry.name == name:
            return entry
    names = ", ".join(entry.name for entry in SAMPLES)
    raise DataError(f"There is no sample called {name!r}.", where="samples", remedy=f"Choose one of: {names}.")


def load_sample(name: str, params: Mapping[str, Json] | None = None) -> TableData | ImageData:
    """The sample's data. params: values for its fields, the defaults where absent. DataError when out of bounds."""
    entry = sample(name)
    if name == "digits":
        return _digits(entry)
    if entry.fields:
        settings = _settings(entry, params or {})
        draw = _GENERATORS[name]
        x, y, positive = draw(
            int(settings["points"]), float(settings["noise"]), np.random.default_rng(settings["seed"])
        )
        frame = pd.DataFrame({"x": x, "y": y, "label": pd.Series(np.where(positive, "blue", "orange"), dtype="str")})
        print_ = "-".join(f"{key}={settings[key]}" for key in sorted(settings))
        return _table(entry, frame, f"sample-{name}-{print_}")
    return _table(entry, _TABLES[name](), f"sample-{name}")


def _table(entry: Sample, frame: pd.DataFrame, print_: str) -> TableData:
    frame.columns = frame.columns.astype("str")
    report = LoadReport(None, len(frame), (), (), print_)
    return TableData(frame, report, np.zeros(len(frame), np.uint8), entry.title, entry.target)


def _settings(entry: Sample, params: Mapping[str, Json]) -> dict[str, Any]:
    values = {}
    for field in entry.fields:
        value = params.get(field.name, field.default)
        whole = field.kind == "int"
        good = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
        low, high = field.minimum or 0, field.maximum or 0
        if not good or not low <= value <= high or (whole and value != int(value)):
            remedy = f"Choose a {'whole ' if whole else ''}number from {low:g} to {high:g}."
            raise DataError(f"{field.label} cannot be {value!r}.", where=entry.title, remedy=remedy)
        values[field.name] = int(value) if whole else float(value)
    return values


def _digits(entry: Sample) -> ImageData:
    from sklearn.datasets import load_digits

    found = load_digits()
    pictures = np.round(found.images * (255.0 / 16.0)).astype(np.uint8)[:, :, :, None]
    report = LoadReport(None, len(pictures), (), (), "sample-digits")
    return ImageData(
        tuple(str(n) for n in found.target_names),
        found.target.astype(np.int32),
        np.zeros(len(pictures), np.uint8),
        report,
        array=pictures,
        title=entry.title,
    )


def _line() -> pd.DataFrame:
    return pd.DataFrame({"x": [-1.0, 0.0, 1.0, 2.0, 3.0, 4.0], "y": [-3.0, -1.0, 1.0, 3.0, 5.0, 7.0]})


def _iris() -> pd.DataFrame:
    from sklearn.datasets import load_iris

    return _labelled(load_iris(), "species", lambda name: name)


def _wine() -> pd.DataFrame:
    from sklearn.datasets import load_wine

    names = {"od280/od315_of_diluted_wines": "OD280/OD315 of diluted wines"}
    return _labelled(load_wine(), "grower", lambda name: "grower " + "ABC"[int(name[-1])], names)


def _breast_cancer() -> pd.DataFrame:
    from sklearn.datasets import load_breast_cancer

    return _labelled(load_breast_cancer(), "diagnosis", lambda name: name)


def _diabetes() -> pd.DataFrame:
    from sklearn.datasets import load_diabetes

    found = load_diabetes(scaled=False)
    titles = {
        "age": "age",
        "sex": "sex",
        "bmi": "body mass index",
        "bp": "blood pressure",
        "s1": "total cholesterol",
        "s2": "LDL",
        "s3": "HDL",
        "s4": "cholesterol / HDL",
        "s5": "log triglycerides",
        "s6": "blood sugar",
    }
    frame = pd.DataFrame(found.data, columns=[titles[name] for name in found.feature_names])
    for name in ("age", "sex"):
        frame[name] = frame[name].astype(np.int64)
    frame["progression"] = found.target.astype(np.float64)
    return frame


def _labelled(
    found: Any, target: str, title: Callable[[str], str], names: Mapping[str, str] | None = None
) -> pd.DataFrame:
    def readable(name: str) -> str:
        return (names or {}).get(name, name.replace("_", " "))

    frame = pd.DataFrame(found.data, columns=[readable(name) for name in found.feature_names])
    classes = np.array([title(str(name)) for name in found.target_names])
    frame[target] = pd.Series(classes[found.target], dtype="str")
    return frame


# The four sets of tensorflow/playground (src/dataset.ts), where blue is positive; drawn at once rather than in turn.


def _gauss(points: int, noise: float, random: Random) -> tuple[Array, Array, Flags]:
    """Two clouds around (2, 2) and (-2, -2); the variance grows from 0.5 to 4 with the noise."""
    positive = np.arange(points) < (points + 1) // 2
    centre = np.where(positive, 2.0, -2.0)
    spread = math.sqrt(0.5 + noise * 7.0)
    return centre + random.normal(0, spread, points), centre + random.normal(0, spread, points), positive


def _circle(points: int, noise: float, random: Random) -> tuple[Array, Array, Flags]:
    """A disc of half the radius 5 within a ring from 0.7 of it; labels follow the place the noise moves a point to."""
    radius = 5.0
    inside = np.arange(points) < points // 2
    r = np.where(inside, random.uniform(0, radius * 0.5, points), random.uniform(radius * 0.7, radius, points))
    angle = random.uniform(0, 2 * math.pi, points)
    x, y = r * np.sin(angle), r * np.cos(angle)
    moved = random.uniform(-radius, radius, (2, points)) * noise
    return x, y, np.hypot(x + moved[0], y + moved[1]) < radius * 0.5


def _xor(points: int, noise: float, random: Random) -> tuple[Array, Array, Flags]:
    """Opposite quarters share a class, with a gap of 0.3 along the axes."""
    x, y = random.uniform(-5, 5, (2, points))
    x += np.where(x > 0, 0.3, -0.3)
    y += np.where(y > 0, 0.3, -0.3)
    moved = random.uniform(-5, 5, (2, points)) * noise
    return x, y, (x + moved[0]) * (y + moved[1]) >= 0


def _spiral(points: int, noise: float, random: Random) -> tuple[Array, Array, Flags]:
    """Two arms of 1.75 turns, the second half a turn ahead."""
    positive = np.arange(points) < (points + 1) // 2
    half = np.where(positive, (points + 1) // 2, points // 2)
    step = np.where(positive, np.arange(points), np.arange(points) - (points + 1) // 2) / np.maximum(half, 1)
    angle = 1.75 * step * 2 * math.pi + np.where(positive, 0.0, math.pi)
    moved = random.uniform(-1, 1, (2, points)) * noise
    return step * 5 * np.sin(angle) + moved[0], step * 5 * np.cos(angle) + moved[1], positive


_GENERATORS = {"gauss": _gauss, "circle": _circle, "xor": _xor, "spiral": _spiral}
_TABLES = {"line": _line, "iris": _iris, "wine": _wine, "breast_cancer": _breast_cancer, "diabetes": _diabetes}
