"""What the split does to the scores: equal and nearly equal rows on both sides, parts that differ, rows in time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np
from pandas.api import types

from workbench.core import edits
from workbench.core.errors import FeatureError
from workbench.core.project import ColumnFeature, Features, Project, Split

from .finding import Finding, Offer
from .inputs import named_id
from .step_alike import ACTIONS, NEAR, near_groups
from .step_alike import NAME as SAME
from .step_kind import is_number
from .values import codes, numbers, shown

if TYPE_CHECKING:
    import pandas as pd

Rows = Mapping[str, np.ndarray[Any, Any]]

DRIFT = 0.15
"""Distance between two distributions (Kolmogorov-Smirnov, or total variation) from which on it is worth a word."""

MOST = 50_000
MOST_DROPPED = 20


# ---- equal rows --------------------------------------------------------------------------------------------------


def duplicates(frame: pd.DataFrame, names: list[str], rows: Rows, features: Features) -> list[Finding]:
    """Rows held out for validation or test that stand in the training part as well, equal in all columns but ids, or
    nearly so.

    Ignored columns count: two passengers of the same age and fare with different names are not the same row.
    """
    import pandas as pd

    held = np.concatenate([rows["validation"], rows["test"]])
    if not names or not len(held):
        return []
    hashes = pd.util.hash_pandas_object(frame[names], index=False).to_numpy()
    same = np.isin(hashes[held], hashes[rows["train"]])
    found = []
    if twice := int(same.sum()):
        share = twice / len(held)
        text = (
            f"{twice:,} of the {len(held):,} rows held out ({100 * share:.1f} %) are in the training part too, "
            "so their scores flatter the model."
        )
        severity = "warning" if share > 0.05 else "info"  # a few equal rows are usual where values are coarse
        some = names if len(names) < frame.shape[1] else []
        drop = ("Drop duplicate rows", edits.add_step("drop_duplicates", {"columns": some}))
        offers = [drop, _on_one_side(frame, names, features)]
        found.append(Finding.of(severity, "The same rows on both sides of the split", text, "", offers))
    return found + _near(frame, names, rows, held[~same], features)


def _near(frame: pd.DataFrame, names: list[str], rows: Rows, held: Any, features: Features) -> list[Finding]:
    """Rows equal but for small differences in numbers, or the case and blanks of words.

    As the cleaning step "near_duplicates" has it. Only where at least four columns hold many numbers: in fewer,
    closeness is no accident worth telling.
    """
    if len(frame) > MOST or not len(held):
        return []
    fine = sum(is_number(frame[name]) and frame[name].nunique() > 20 for name in names)
    if fine < 4:
        return []
    groups = near_groups(frame, names, NEAR).to_numpy()
    near = np.isin(groups[held], groups[rows["train"]])
    count = int(near.sum())
    every = len(rows["validation"]) + len(rows["test"])
    if count < 3 or count / every < 0.01:
        return []
    first = int(held[np.flatnonzero(near)[0]])
    label = frame.index[first]
    row = int(label) + 1 if isinstance(label, (int, np.integer)) else first + 1
    text = (
        f"{count:,} of the {every:,} rows held out ({100 * count / every:.1f} %) are nearly a row of the training "
        f"part, such as row {row:,}. If they are the same thing measured twice, keep them on one side of the split."
    )
    some = names if len(names) < frame.shape[1] else []
    one = ("Keep one of each", edits.add_step("near_duplicates", {"columns": some}))
    offers = [*_by_group(frame, features), _on_one_side(frame, names, features), one]
    return [Finding.of("warning", "Nearly the same rows on both sides", text, "", offers)]


def _on_one_side(frame: pd.DataFrame, names: list[str], features: Features) -> Offer:
    """A step that numbers equal rows, and a split by that number, which is no input."""
    taken = {str(name) for name in frame.columns}
    name = next(n for i in count(1) if (n := SAME if i == 1 else f"{SAME} {i}") not in taken)
    params = {"columns": names if len(names) < frame.shape[1] else [], "action": ACTIONS[1], "name": name}
    split = replace(features.split or Split(), method="group", column=name)
    steps = (
        edits.add_step("near_duplicates", params),
        edits.set_columns((ColumnFeature(name, "ignore", "none"),)),
        edits.set_split(split),
    )
    return "Keep them on one side", _one_after_another(steps)


def _one_after_another(parts: tuple[Callable[[Project], Project], ...]) -> Callable[[Project], Project]:
    def edit(project: Project) -> Project:
        for part in parts:
            project = part(project)
        return project

    return edit


def _by_group(frame: pd.DataFrame, features: Features) -> list[Offer]:
    """Splitting by a column that names what rows belong to, where there is one."""
    for name in frame.columns:
        count = frame[name].nunique()
        if named_id(str(name)) and 10 <= count <= len(frame) / 2:
            split = replace(features.split or Split(), method="group", column=str(name))
            return [(f'Keep each "{shown(name, 24)}" together', edits.set_split(split))]
    return []


# ---- parts that differ -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Drift:
    """distance: of the two distributions, 0 to 1. text: what differs, with figures."""

    column: str
    distance: float
    text: str


def drift(frame: pd.DataFrame, features: Features, rows: Rows, given_test: bool = False) -> list[Finding]:
    """Columns that are distributed otherwise in a part held out than in training, beyond chance.

    Numbers by the Kolmogorov-Smirnov distance, categories by total variation; told from 0.15 on, where chance would
    give it once in a thousand times at most. given_test: the test rows came as a file of their own.
    """
    used = [c.name for c in features.columns if c.role != "ignore" and c.name in frame.columns]
    encoders = {c.name: c.encoder for c in features.columns}
    found = []
    for part in ("validation", "test"):
        if min(len(rows[part]), len(rows["train"])) < 30:
            continue
        drifted = [d for name in used if (d := _drift(frame[name], encoders[name], rows["train"], rows[part]))]
        if not drifted:
            continue
        drifted.sort(key=lambda d: -d.distance)
        more = f" So are {len(drifted) - 3} more columns." if len(drifted) > 3 else ""
        text = " ".join(d.text for d in drifted[:3]) + more + f" Scores on the {part} part tell of other data."
        title = f"The {part} part differs from the training part"
        offers = _mend(features, drifted[0].column, given_test and part == "test")
        found.append(Finding.of("warning", title, text, drifted[0].column, offers))
    return found


def _mend(features: Features, column: str, given: bool) -> list[Offer]:
    split = features.split or Split()
    feature = next(c for c in features.columns if c.name == column)
    if given:
        mend: Offer = ("Test on rows of the main file", _without_test_file)
    elif split.method != "random":
        mend = ("Split at random", edits.set_split(replace(split, method="random", column="")))
    elif feature.role == "target" and feature.encoder == "class" and not split.stratify:
        mend = ("Give each part its share of every class", edits.set_split(replace(split, stratify=True)))
    else:
        mend = ("Draw the parts anew", edits.set_split(replace(split, seed=split.seed + 1)))
    if feature.role == "target":
        return [mend]
    ignored = ColumnFeature(column, "ignore", feature.encoder)
    ignore: Offer = (f'Ignore "{shown(column, 24)}"', edits.set_columns((ignored,)))
    return [ignore, mend] if split.method == "random" else [mend, ignore]


def _without_test_file(project: Project) -> Project:
    if project.data is None:
        return project
    split = project.features.split
    features = replace(project.features, split=None if split is not None and not split.test else split)
    return replace(project, data=replace(project.data, test_path="", fingerprint=""), features=features)


def _drift(cells: pd.Series[Any], encoder: str, train: Any, held: Any) -> Drift | None:
    if encoder in ("bag", "tfidf", "tokens", "multihot", "hash", "picture"):
        return None
    n, m = len(train), len(held)
    name = str(cells.name)
    numeric = types.is_numeric_dtype(cells.dtype) and encoder not in ("onehot", "class", "frequency")
    if types.is_datetime64_any_dtype(cells.dtype):
        return None  # of a split by time it is known, and in any other it is the other columns that matter
    if numeric:
        values = numbers(cells)
        a, b = np.sort(values[train]), np.sort(values[held])
        a, b = a[~np.isnan(a)], b[~np.isnan(b)]
        if min(len(a), len(b)) < 30:
            return None
        both = np.concatenate([a, b])
        gap = np.searchsorted(a, both, "right") / len(a) - np.searchsorted(b, both, "right") / len(b)
        distance = float(np.abs(gap).max())
        if distance < max(DRIFT, 1.95 * np.sqrt((len(a) + len(b)) / (len(a) * len(b)))):
            return None
        figures = f"median {np.median(b):.4g} against {np.median(a):.4g} (KS {distance:.2f})"
        return Drift(name, distance, f'"{name}": {figures}.')
    found, names = codes(cells)
    if len(names) > 100:
        return None
    counts = [np.bincount(found[part] + 1, minlength=len(names) + 1) for part in (train, held)]
    shares = [c / c.sum() for c in counts]
    distance = float(np.abs(shares[0] - shares[1]).sum() / 2)
    # Its mean by chance is near sqrt(k / (2 pi)) times the noise of one share; twice that is left to chance.
    if distance < max(DRIFT, 2 * np.sqrt((len(names) + 1) / (2 * np.pi) * (1 / n + 1 / m))):
        return None
    worst = int(np.abs(shares[0] - shares[1]).argmax())
    value = "missing" if worst == 0 else f'"{names[worst - 1]}"'
    now, before = 100 * shares[1][worst], 100 * shares[0][worst]
    figures = f"{now:.0f} % are {value}, {before:.0f} % in training (distance {distance:.2f})"
    return Drift(name, distance, f'"{name}": {figures}.')


# ---- rows in time ------------------------------------------------------------------------------------------------


def order(frame: pd.DataFrame, features: Features, answers: np.ndarray[Any, Any], classes: bool) -> list[Finding]:
    """A target in sorted order when the split goes by time, and a series in time when it goes at random.

    answers: class numbers, or numbers with NaN, in the order of the rows.
    """
    split = features.split or Split()
    known = answers >= 0 if classes else ~np.isnan(answers)
    values = answers[known].astype(np.float64)
    if len(values) < 50 or values.min() == values.max():
        return []
    if split.method == "time":
        return _sorted_by_time(frame, split, answers, known)
    if split.method != "random" or classes:
        return []
    dates = next((n for n in frame.columns if _runs_on(frame[n])), "")
    if not dates:
        return []
    centred = values - values.mean()
    with np.errstate(all="ignore"):
        same = float((centred[1:] * centred[:-1]).sum() / (centred**2).sum())
    if not same > 0.5:
        return []
    text = (
        f'The rows follow each other in "{dates}", and the target is close to the one before it (r = {same:.2f}). '
        "Split at random, the model is tested between rows it has learned: it will be worse on days to come."
    )
    remedy = edits.set_split(replace(split, method="time", column=dates))
    return [
        Finding("warning", "A series in time, split at random", text, dates, f'Split by "{shown(dates, 24)}"', remedy)
    ]


def _runs_on(cells: pd.Series[Any]) -> bool:
    """Whether these are dates that hardly ever come back or go back."""
    from .date_parts import is_day_first, stamps

    if types.is_numeric_dtype(cells.dtype):
        return False
    if not types.is_datetime64_any_dtype(cells.dtype):
        from .profile import profile_table

        if profile_table(cells.head(500).to_frame()).columns[0].type != "date":
            return False
    try:
        dates = stamps(cells, is_day_first(cells)).dropna()
    except FeatureError:
        return False
    return len(dates) > 0.9 * len(cells) and bool(dates.is_monotonic_increasing) and dates.nunique() > 0.5 * len(dates)


def _sorted_by_time(frame: pd.DataFrame, split: Split, answers: Any, known: Any) -> list[Finding]:
    from .split_table import times_of

    if split.column not in frame.columns:
        return []
    try:
        keys = times_of(frame[split.column])
    except FeatureError:
        return []
    known = known & ~np.isnan(keys)
    ordered = answers[known][np.argsort(keys[known], kind="stable")]
    changes = int((ordered[1:] != ordered[:-1]).sum())
    distinct = len(np.unique(ordered))
    rising = bool((np.diff(ordered) >= 0).all() or (np.diff(ordered) <= 0).all())
    if not rising and changes >= 2 * distinct:
        return []
    text = (
        f'In the order of "{split.column}" the target is sorted: it changes {changes:,} times in {len(ordered):,} '
        "rows. The parts of a split by time then hold other answers than the training part."
    )
    remedy = edits.set_split(replace(split, method="random", column=""))
    return [Finding("warning", "The target is in order of time", text, split.column, "Split at random", remedy)]
