"""What looks inside the model tell of its health: gradients, dead units, classes that are never answered. Without Qt.

Each rule asks for two looks in a row, so that one unlucky batch says nothing. The classes that a run answers at its
end are what they are: one look is enough for that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from workbench.core import edits, edits_graph
from workbench.core.project import Graph
from workbench.link.messages import Probed
from workbench.ui.readable import figure
from workbench.ui.train.doctor_rates import TRY
from workbench.ui.train.findings import ENDED, Finding, Remedy, Watched, clipping, rate_remedy

VANISHED = 1e-4  # of the gradient of the last layer: next to nothing arrives
VANISHED_STUCK = 1e-3  # the same where nothing is learned
VANISHED_STACK = 0.05  # the same where that many layers squash besides: seven sigmoids let 0.001 to 0.01 through
STACK = 3
EXPLODED = 100.0  # times the weights themselves
DEAD, DEAD_STUCK = 0.75, 0.5  # of the units of a layer; where nothing is learned. A net that learns can spare half
FRESH = 0.6  # of the epochs so far: a look that is not older
ENOUGH = 10  # rows of a class among those looked at, before that none is answered says something
SQUASHING = ("sigmoid", "tanh", "hard_sigmoid", "softsign")


def inside(run: Watched, *, stuck: bool = False) -> tuple[Finding, ...]:
    """Findings of the last two looks; nothing where all is well or nothing was looked at. stuck: nothing is learned, so
    that less is needed to say why."""
    if not run.probes or (run.state not in ENDED and run.probes[-1].epoch + 1 < FRESH * _epochs(run)):
        return ()  # seen so long ago that it may have changed
    found: list[Finding | None] = []
    layers = [look for look in run.probes if look.layers]
    if len(layers) >= 2:
        before, now = layers[-2:]
        stacked = VANISHED_STACK if len(squashing(run.graph)) >= STACK else VANISHED_STUCK
        vanished = _vanishing(run, before, now, stacked if stuck else VANISHED)
        found += [_exploding(run, before, now), _dead(before, now, run, DEAD_STUCK if stuck else DEAD), vanished]
    classes = [look for look in run.probes if len(look.predicted)]
    if len(classes) >= 2 or (classes and run.state in ENDED):
        found += _never(run, classes[-1] if run.state in ENDED else classes[-2], classes[-1])
    return tuple(f for f in found if f is not None)


def _epochs(run: Watched) -> int:
    return len(run.epochs.get("loss", ()))


def one_answer(run: Watched) -> str:
    """The class that is answered to every row of the last look; "" where there are several, or none is known, and of
    several targets."""
    looks = [look for look in run.probes if len(look.predicted)]
    if not looks or len(run.classes) != 1:
        return ""
    (classes,) = run.classes.values()
    said = np.flatnonzero(looks[-1].predicted)
    return classes[int(said[0])] if len(said) == 1 and len(looks[-1].predicted) == len(classes) > 1 else ""


def _vanishing(run: Watched, before: Probed, now: Probed, least: float) -> Finding | None:
    """least: of the gradient of the last layer that has to arrive at the first."""
    shares = [_against_last(look) for look in (before, now)]
    if any(len(s) < 3 for s in shares) or before.layers != now.layers:
        return None
    if _all_dead(before) and _all_dead(now):  # nothing gets past them, which is told of them
        return None
    gone = (shares[0] < least) & (shares[1] < least)
    if not gone[0]:  # of the first layers; a layer in the middle may well rest
        return None
    last = int(np.flatnonzero(gone)[-1])
    names = now.layers[0] if last == 0 else f"{now.layers[0]} to {now.layers[last]}"
    weakest = f"{float(shares[1][0]):.0e}" if shares[1][0] > 0 else "nothing"
    return Finding(
        "vanishing",
        "warn",
        f"The gradients vanish on their way to {names}.",
        f"What reaches {now.layers[0]} is {weakest} of that of {now.layers[-1]}: the first layers hardly learn. "
        "Sigmoid and tanh weaken it at each layer; ReLU, batch normalisation or shortcuts do not.",
        _rectify(squashing(run.graph)),
    )


def _rectify(ids: tuple[str, ...]) -> tuple[Remedy, ...]:
    edit = edits_graph.set_params(ids, "activation", "relu")
    return (Remedy("Use ReLU in the hidden layers", edit),) if ids else ()


def suspected(run: Watched, trouble: Finding) -> Finding:
    """That nothing is learned, with what may be the cause where no look has told any, or what a look would tell."""
    ids, text, remedies = squashing(run.graph), trouble.text, trouble.remedies
    if len(ids) >= STACK:
        why = f"{len(ids)} layers of sigmoid or tanh may let hardly any of the gradient through to the first ones"
        look = "" if any(look.layers for look in run.probes) else "; a look inside would show it"
        text, remedies = f"{text} {why}{look}.", (*_rectify(ids), *remedies)
    if run.train.probes == "off":
        text += " Looks inside, which are off, show gradients that vanish, dead units and classes never answered."
        remedies += (Remedy("Look inside", edits.set_train(probes="auto")),)
    return replace(trouble, text=text, remedies=remedies)


def _all_dead(look: Probed) -> bool:
    """Whether there is a layer all of whose units answer zero."""
    return bool((look.dead >= look.units).any())


def _against_last(look: Probed) -> np.ndarray:
    """Each layer's gradient against that of the last; empty when that one is nothing."""
    sizes = look.gradients.astype(float)
    return sizes / sizes[-1] if len(sizes) and np.isfinite(sizes).all() and sizes[-1] > 0 else np.empty(0)


def _exploding(run: Watched, before: Probed, now: Probed) -> Finding | None:
    shares = []
    for look in (before, now):
        sizes, weights = look.gradients.astype(float), np.maximum(look.weights.astype(float), 1e-3)
        shares.append(np.where(np.isfinite(sizes), sizes, np.inf) / weights)
    if before.layers != now.layers or not len(shares[1]):
        return None
    found = np.minimum(*shares)
    worst = int(found.argmax())
    if found[worst] < EXPLODED:
        return None
    return Finding(
        "exploding",
        "warn",
        f"The gradients are very large in {now.layers[worst]}.",
        f"They are {figure(float(shares[1][worst]))} times as large as its weights. Inputs or a target that are not "
        "scaled do this, or many layers in a row.",
        (*clipping(run, "global_clipnorm"), *rate_remedy(run, 0.1)),
    )


def _dead(before: Probed, now: Probed, run: Watched, least: float) -> Finding | None:
    """least: share of the units of a layer."""
    if before.relus != now.relus or now.epoch < 1:
        return None
    units = np.maximum(now.units, 1)
    share = np.minimum(before.dead, now.dead) / units
    ill = np.flatnonzero((share >= least) & (now.dead >= 4))
    if not len(ill):
        return None
    worst = int(ill[share[ill].argmax()])
    names = {now.relus[i] for i in ill}
    ids = tuple(n.id for n in run.graph.nodes if n.name in names and n.params.get("activation") == "relu")
    remedies: tuple[Remedy, ...] = ()
    if ids:
        where = now.relus[worst] if len(ids) == 1 else f"{len(ids)} layers"
        remedies = (Remedy(f"Use leaky ReLU in {where}", edits_graph.set_params(ids, "activation", "leaky_relu")),)
    others = len(ill) - 1
    more = f" {others} more layer{' is' if others == 1 else 's are'} like that." if others else ""
    return Finding(
        "dead",
        "warn",
        f"{int(now.dead[worst])} of {int(now.units[worst])} units of {now.relus[worst]} are dead.",
        f"They answer zero to every row looked at, so they no longer learn.{more} Steps that were too large do this.",
        (*remedies, *rate_remedy(run, 0.1)),
    )


def _never(run: Watched, before: Probed, now: Probed) -> Iterator[Finding]:
    """Of each target with classes: those that are there among the rows and are never answered."""
    sizes = [len(classes) for classes in run.classes.values()]
    if len(now.predicted) != sum(sizes) or len(before.predicted) != len(now.predicted) or now.epoch < 2:
        return
    ends = np.cumsum(sizes)[:-1]
    parted = (np.split(counts, ends) for counts in (before.predicted, now.predicted, now.actual))
    for (target, classes), was, said, actual in zip(run.classes.items(), *parted, strict=True):
        ill = np.flatnonzero((said == 0) & (was == 0) & (actual >= ENOUGH))
        if len(ill):
            yield _never_answered(run, target if run.outputs else "", classes, ill, actual)


def _never_answered(run: Watched, target: str, classes: Sequence[str], ill: np.ndarray, actual: np.ndarray) -> Finding:
    """target: of several; else "". ill: the numbers of these classes."""
    first, rows = classes[int(ill[0])], int(actual[ill].sum())
    if len(ill) == 1:
        title = f"“{first}” is never answered."
    else:
        title = f"“{first}” and {len(ill) - 1} other class{'' if len(ill) == 2 else 'es'} are never answered."
    remedies: tuple[Remedy, ...] = ()
    rare = actual[ill].max() < 0.5 * actual.sum() / len(actual)
    if rare and run.balance == "none" and not run.train.class_weights:
        remedies = (Remedy("Let rare classes count more", edits.set_balance("weights")),)
    return Finding(
        f"never-{target}" if target else "never",
        "warn",
        f"{target}: {title}" if target else title,
        f"Among {int(actual.sum()):,} validation rows {rows:,} are of {'it' if len(ill) == 1 else 'them'}, and the "
        "model never says so.",
        remedies or ((TRY,) if run.learning_rate is not None else ()),
    )


def squashing(graph: Graph) -> tuple[str, ...]:
    """Blocks that end in sigmoid or tanh, but for those that give the answer; recurrent layers are made for it."""
    ends = {wire.source for wire in graph.wires if any(n.id == wire.target and n.kind == "Output" for n in graph.nodes)}
    return tuple(
        n.id
        for n in graph.nodes
        if n.id not in ends and n.params.get("activation") in SQUASHING and (n.kind == "Dense" or "Conv" in n.kind)
    )
