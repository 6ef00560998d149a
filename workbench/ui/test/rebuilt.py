"""What an autoencoder made of its input, decided without a widget: given beside rebuilt, how far off, how odd that is.

Errors are mean squared differences in the numbers the model sees; what is shown of a table is in the person's units.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.core.data.answer import Answer
from workbench.core.data.preprocess import Preprocessor
from workbench.core.facts import InputFacts
from workbench.core.rebuilt_columns import (
    DAYS,
    HOURS,
    NUMBER,
    WORDS,
    Rebuilt,
    columns_rebuilt,
)
from workbench.core.reconstruction import as_picture, row_errors, scaled
from workbench.ui.test.answer_view import number
from workbench.ui.test.scores import Results, Score, short
from workbench.ui.widgets.bars import percent

ODD = 0.05
"""An input is called odd where no more of the test samples than this share, itself included, are rebuilt as badly."""
BARS = 30
MOST_COLUMNS = 500
_HAIR = 1e-4
_MINUTE = 1e-4  # days or hours: below what can be told apart
_FAR = 3.0  # times the error that 95 % of the rows stay below: what is beyond shares the last bar of a histogram


@dataclass(frozen=True)
class Line:
    """One column of a row. share: of the row's squared error that comes from it, 0 to 1."""

    column: str
    given: str
    rebuilt: str
    off: str
    share: float


@dataclass(frozen=True, eq=False)
class Seen:
    """One input and what was made of it.

    error: mean squared, NaN where the model gives something that is no number. given, rebuilt: uint8 (h, w, c) and
    difference: float (h, w), rebuilt minus given as a share of the full range, of pictures. lines: of a row of a table,
    the worst first. more: columns beyond those listed.
    """

    error: float
    given: np.ndarray | None = None
    rebuilt: np.ndarray | None = None
    difference: np.ndarray | None = None
    lines: tuple[Line, ...] = ()
    more: int = 0


def given_input(preprocessor: Preprocessor, x: Mapping[str, np.ndarray]) -> np.ndarray:
    """The input that is rebuilt, as the model sees it."""
    facts = _facts(preprocessor)
    return scaled(np.asarray(x[facts.name]), facts)


def look(preprocessor: Preprocessor, x: Mapping[str, np.ndarray], answer: Answer) -> Seen:
    """The first row of a question and its answer.

    Args:
        x: {input: (n, *shape)} as prepared, unscaled.
    """
    assert answer.rebuilt is not None
    given = given_input(preprocessor, x)[:1]
    back = answer.rebuilt[:1]
    error = float(row_errors(given, back)[0])
    if preprocessor.kind == "images":
        facts = preprocessor.inputs[0]
        before, after = as_picture(given[0], facts), as_picture(back[0], facts)
        difference = (after.astype(np.float64) - before.astype(np.float64)).mean(axis=2) / 255
        return Seen(error, before, after, difference)
    lines = lines_of(preprocessor, given, back)[0]
    return Seen(error, lines=lines[:MOST_COLUMNS], more=max(0, len(lines) - MOST_COLUMNS))


def lines_of(preprocessor: Preprocessor, given: np.ndarray, back: np.ndarray) -> list[tuple[Line, ...]]:
    """Of each row its columns, the worst first. given, back: (n, width), as the model sees them."""
    columns = columns_rebuilt(preprocessor, given, back)
    shares = column_shares(preprocessor, given, back)
    made = []
    for row in range(len(given)):
        lines = []
        for place in np.argsort(-shares[row], kind="stable"):
            name, share = preprocessor.columns[place].name, float(shares[row, place])
            if name not in columns:
                lines.append(Line(name, "–", "–", "several numbers", share))
                continue
            lines.append(_line(columns[name], row, share))
        made.append(tuple(lines))
    return made


def column_shares(preprocessor: Preprocessor, given: np.ndarray, back: np.ndarray) -> np.ndarray:
    """Float (n, columns): what each column has of the row's squared error; all 0 where it is rebuilt exactly."""
    with np.errstate(over="ignore", invalid="ignore"):
        squares = np.square(back.astype(np.float64) - given.astype(np.float64))
    squares = np.nan_to_num(squares, nan=0.0, posinf=0.0)
    starts = np.cumsum([0, *(c.width for c in preprocessor.columns)])[:-1]
    sums = np.add.reduceat(squares, starts, axis=1) if len(starts) else squares[:, :0]
    total = sums.sum(axis=1, keepdims=True)
    return np.divide(sums, total, out=np.zeros_like(sums), where=total > 0)


def _line(column: Rebuilt, row: int, share: float) -> Line:
    given, back, off = column.given[row], column.rebuilt[row], float(column.off[row])
    if column.kind == NUMBER:
        off = float(back) - float(given)  # of a missing cell, too: it was given as its fill value
        return Line(column.name, number(float(given)), number(float(back)), _signed(off), share)
    if not np.isfinite(off):
        said = "–"
    elif column.kind in (DAYS, HOURS):
        said = _signed(off, column.kind) if abs(off) > _MINUTE else "same"
    elif column.kind == WORDS:
        said = f"{percent(off)} of the words" if off else "same"
    else:
        said = "another" if off else "same"
    return Line(column.name, _word(given), _word(back), said, share)


def _signed(off: float, unit: str = "") -> str:
    sign = "+" if off > 0 else "−" if off < 0 else ""
    return f"{sign}{_amount(abs(off), unit)}"


def _amount(amount: float, unit: str = "") -> str:
    """So much in a unit of time, "1 day", "0.25 days"; without a unit the bare number."""
    said = number(amount) if not unit or amount != round(amount) else f"{amount:,.0f}"
    return f"{said} {unit.removesuffix('s') if said == '1' else unit}".rstrip()


def _word(value: Any) -> str:
    return str(value) if str(value) else "(none)"


# ---- how odd it is ---------------------------------------------------------------------------------------------------


def rank(error: float, errors: np.ndarray) -> int:
    """How many of the errors are larger, by more than what the engine and the window reckon differently.

    errors: float (n,), those that are no number left out.
    """
    return int((errors > error * (1 + _HAIR)).sum())


def verdict(error: float, errors: np.ndarray, things: str) -> tuple[str, bool]:
    """How odd an input is among those tested, in words, and whether it stands out.

    Args:
        things: "test pictures", "test rows".
    """
    known = errors[np.isfinite(errors)]
    if not len(known) or not np.isfinite(error):
        return "", False
    worse = rank(error, known)
    same = int(np.isclose(known, error, rtol=_HAIR, atol=0).sum())  # itself, when it is one of them
    odd = (worse + same) / len(known) <= ODD
    if not worse:
        before = "It is the odd one out. " if same else "It is unlike all of them. "
        return (before if odd else "") + f"None of the {len(known):,} {things} is rebuilt worse.", odd
    share = percent(worse / len(known))
    said = f"{worse:,} of the {len(known):,} {things} ({share}) {'is' if worse == 1 else 'are'} rebuilt worse."
    return ("An odd one. " if odd else "") + said, odd


# ---- scores ----------------------------------------------------------------------------------------------------------


def judge_errors(preprocessor: Preprocessor, errors: np.ndarray, rows: np.ndarray, plain: np.ndarray) -> Results:
    """The scores of a part from each row's error.

    Args:
        errors: float (n,) or (n, 1) of the model. plain: float (n,) of the best constant answer, the mean.
    """
    constant = "the mean picture" if preprocessor.kind == "images" else "the mean of each column"
    thing = "pictures" if preprocessor.kind == "images" else "rows"
    errors, plain = np.asarray(errors, np.float64).reshape(-1), np.asarray(plain, np.float64).reshape(-1)
    known, base = errors[np.isfinite(errors)], plain[np.isfinite(plain)]

    def score(name: str, own: float, other: float, hint: str) -> Score:
        return Score(name, short(own), short(other), own < other, hint)

    def of(values: np.ndarray, reckon: Any) -> float:
        return float(reckon(values)) if len(values) else float("nan")

    mean, mean_base = of(known, np.mean), of(base, np.mean)
    explained = 1 - mean / mean_base if mean_base > 0 else float("nan")
    scores = (
        score(
            "mean squared error",
            mean,
            mean_base,
            "Of all numbers, as the model sees them. Lower is better.",
        ),
        score(
            "median",
            of(known, np.median),
            of(base, np.median),
            f"Half of the {thing} are rebuilt better.",
        ),
        score(
            "95 % are below",
            of(known, lambda v: np.quantile(v, 0.95)),
            of(base, lambda v: np.quantile(v, 0.95)),
            f"A bound for new {thing}: what lies above it is odd.",
        ),
        Score(
            "explained",
            percent(max(0.0, explained)) if np.isfinite(explained) else "–",
            "0 %",
            bool(explained > 0),
            "The share of the baseline's squared error that is gone: 100 % would be rebuilt exactly.",
        ),
    )
    return Results(Answer("error", values=errors), errors, rows, scores, f"always {constant}", errors=errors)


@dataclass(frozen=True)
class Bins:
    """A histogram of errors. counts: of each bar. edges: one more. beyond: some lie above the last edge, and are
    counted in the last bar."""

    counts: tuple[int, ...]
    edges: tuple[float, ...]
    beyond: bool = False

    def members(self, errors: np.ndarray, bar: int) -> np.ndarray:
        """Positions of the errors in a bar, the worst first."""
        low, high = self.edges[bar], self.edges[bar + 1]
        last = bar == len(self.counts) - 1
        found = np.flatnonzero((errors >= low) & (np.isfinite(errors) if last else (errors < high)))
        return found[np.argsort(-errors[found], kind="stable")]


def bins(errors: np.ndarray) -> Bins:
    """Bars of equal width over the errors that are numbers; a few far ones do not press all others into one bar."""
    known = errors[np.isfinite(errors)]
    if not len(known):
        return Bins((), ())
    most = float(known.max())
    far = _FAR * float(np.quantile(known, 0.95))
    top = min(most, far) or most or 1.0
    counts, edges = np.histogram(np.minimum(known, top), bins=min(BARS, max(5, len(known) // 4)), range=(0.0, top))
    return Bins(tuple(int(n) for n in counts), tuple(float(e) for e in edges), most > top)


def worst_first(errors: np.ndarray) -> np.ndarray:
    """Positions, the largest error first; those without a number before all."""
    return np.argsort(-np.where(np.isfinite(errors), errors, np.inf), kind="stable")


# ---- whole files -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Told:
    """Of a piece of a file: errors float (n,), and of a table in words the column furthest off."""

    errors: np.ndarray
    furthest: tuple[str, ...] = ()


def told_of(preprocessor: Preprocessor, x: Mapping[str, np.ndarray], y: np.ndarray) -> Told:
    """What is kept of a piece's answers (n, numbers): as many numbers as the input has would fill the memory."""
    answer = preprocessor.answers(y)[0]
    assert answer.rebuilt is not None
    given = given_input(preprocessor, x)
    errors = row_errors(given, answer.rebuilt)
    if preprocessor.kind == "images":
        return Told(errors)
    back = answer.rebuilt.reshape(len(given), -1)
    columns = columns_rebuilt(preprocessor, given, back)
    shares = column_shares(preprocessor, given, back)
    said = []
    for row, place in enumerate(shares.argmax(axis=1) if shares.shape[1] else ()):
        name = preprocessor.columns[int(place)].name
        if name not in columns:
            said.append(name)
            continue
        line = _line(columns[name], row, 0.0)
        became = "rebuilt less surely" if line.given == line.rebuilt else f"rebuilt {line.rebuilt}"
        said.append(f"{name}: {line.given}, {became}" if shares[row, place] > 0 else "")
    return Told(errors, tuple(said))


# ---- the baseline ----------------------------------------------------------------------------------------------------

_BLOCK = 1 << 24  # numbers that are scaled at once


def plain_errors(
    preprocessor: Preprocessor, train: Mapping[str, np.ndarray], x: Mapping[str, np.ndarray]
) -> np.ndarray:
    """Float (n,): the error of each row of x where the mean of the training rows is always answered.

    Args:
        train, x: {input: (n, *shape)} as prepared, unscaled; memory-mapped arrays are read piece by piece.
    """
    facts = _facts(preprocessor)
    tested = x[facts.name]
    step = _step(facts)
    mean = mean_input(preprocessor, train)
    found = []
    for at in range(0, len(tested), step):
        some = scaled(tested[at : at + step], facts)
        found.append(row_errors(some, np.broadcast_to(mean, some.shape)))
    return np.concatenate(found) if found else np.zeros(0)


def mean_input(preprocessor: Preprocessor, train: Mapping[str, np.ndarray]) -> np.ndarray:
    """The mean of the training rows as the model sees them, float64 in the shape of the input."""
    facts = _facts(preprocessor)
    learnt = train[facts.name]
    step = _step(facts)
    total = np.zeros(facts.shape)
    for at in range(0, len(learnt), step):
        total += scaled(learnt[at : at + step], facts).sum(axis=0, dtype=np.float64)
    return total / max(1, len(learnt))


def _facts(preprocessor: Preprocessor) -> InputFacts:
    """The input that is rebuilt."""
    assert preprocessor.target is not None
    return next(i for i in preprocessor.inputs if i.name == preprocessor.target.name)


def _step(facts: InputFacts) -> int:
    """How many rows are scaled at once."""
    return max(1, _BLOCK // max(1, int(np.prod(facts.shape))))
