"""The pieces a person can put on the canvas in one go: those of the program, sized to where they go, and their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal

from workbench.core.blocks import (
    BLOCKS,
    SOURCE,
    OwnBlock,
    forget_block,
    keep_block,
    make_block,
    own_blocks,
    why_not,
)
from workbench.core.catalog import Catalog
from workbench.core.errors import GraphError, WorkbenchError
from workbench.core.facts import DataFacts, GraphFacts
from workbench.core.project import Graph

READY, OWN = "block:", "own:"  # before a piece's name, where a layer has its kind
AGAIN = "again:"  # before the id of a block whose layer is used once more, where a layer has its kind
_SHORT = {1: "rows", 2: "sequences", 3: "pictures"}
_NEEDED = {1: "a row of features", 2: "a sequence", 3: "a picture", 4: "a volume"}
_SAME_SHAPE = ("Activations", "Activation", "Normalization", "Regularization")
_LOOSE: dict[int, tuple[int, ...]] = {1: (64,), 2: (64, 32), 3: (32, 32, 32)}  # a piece nothing feeds is made for these

Shape = tuple[int | None, ...] | None


@dataclass(frozen=True)
class Piece:
    """A row of the palette. key: READY or OWN and its name. why: why it cannot follow the place asked about, as a
    sentence, and `note` what it is for; "" when it can. words: other names for the search."""

    key: str
    title: str
    blurb: str
    why: str = ""
    note: str = ""
    words: str = ""
    own: bool = False


def is_piece(kind: str) -> bool:
    """Whether what was picked from the palette is a piece and not a layer."""
    return kind.startswith((READY, OWN))


# Other names people use, for the search.
WORDS: dict[str, str] = {
    "dense-dropout": "mlp fully connected hidden",
    "conv-bn-relu": "cnn convolution batch norm",
    "conv-pool": "vgg cnn",
    "residual": "resnet skip shortcut",
    "inception": "googlenet branches",
    "squeeze-excite": "se channel attention senet",
    "separable": "mobilenet xception",
    "transformer-encoder": "attention bert self-attention",
}


class Library(QObject):
    """changed(): other pieces of the person's own. said(text, severity): what a job had to tell."""

    changed = Signal()
    said = Signal(str, str)

    def __init__(self, session: Any, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.own: tuple[OwnBlock, ...] = ()

    # ---- the person's own ------------------------------------------------------------------------------------

    def reload(self) -> None:
        """Read the person's pieces again."""

        def read(_progress: object, _cancelled: object) -> tuple[tuple[OwnBlock, ...], tuple[str, ...]]:
            return own_blocks()

        self._session.jobs.run(self, "blocks", read, self._read, self._refused)

    def keep(self, name: str, piece: Graph) -> None:
        """Write a piece down under a name; one of that name is replaced."""

        def write(_progress: object, _cancelled: object) -> OwnBlock:
            return keep_block(name, piece)

        def done(kept: OwnBlock) -> None:
            self.said.emit(f"{kept.name} is kept: it stands under Blocks in the list, in every project.", "good")
            self.reload()

        self._session.jobs.run(self, "keep", write, done, self._refused)

    def forget(self, key: str) -> None:
        """Take one of the person's pieces away."""
        found = self._own(key)

        def drop(_progress: object, _cancelled: object) -> OwnBlock:
            forget_block(found)
            return found

        def done(gone: OwnBlock) -> None:
            self.said.emit(f"{gone.name} is no longer among your blocks. Models that use it keep it.", "info")
            self.reload()

        self._session.jobs.run(self, "forget", drop, done, self._refused)

    def _read(self, found: tuple[tuple[OwnBlock, ...], tuple[str, ...]]) -> None:
        self.own, damaged = found
        for text in damaged:
            self.said.emit(text, "warning")
        self.changed.emit()

    def _refused(self, error: WorkbenchError) -> None:
        self.said.emit(str(error), "error")

    def _own(self, key: str) -> OwnBlock:
        return next(one for one in self.own if one.name == key.removeprefix(OWN))

    # ---- pieces ----------------------------------------------------------------------------------------------

    def pieces(self, shape: Shape) -> list[Piece]:
        """All of them, the person's own first. shape: of what they would follow, with the batch; None: not known."""
        inner = shape[1:] if shape is not None else None
        mine = []
        for one in self.own:
            told = f"Your own block of {len(one.graph.nodes):,} layers."
            rank = entry_rank(one.graph, self._session.catalog)
            misfit = shape is not None and rank not in (0, len(shape) - 1)
            needs = _NEEDED.get(rank, f"{rank} axes")
            why = f"{one.name} needs {needs}; here is {_shown(inner)}." if misfit and inner is not None else ""
            note = _SHORT.get(rank, "") if misfit else ""
            mine.append(Piece(f"{OWN}{one.name}", one.name, told, why, note, own=True))
        ready = []
        for block in BLOCKS:
            why = why_not(block.name, inner) if inner is not None else ""
            note = " or ".join(_SHORT[rank] for rank in block.ranks)
            words = f"{block.name} {WORDS[block.name]}"
            ready.append(Piece(f"{READY}{block.name}", block.title, block.blurb, why, note if why else "", words=words))
        return [*mine, *ready]

    def title(self, key: str) -> str:
        return next((p.title for p in self.pieces(None) if p.key == key), key)

    def make(self, key: str, shape: Shape) -> Graph:
        """The piece for a tensor of that shape (with the batch).

        Raises:
            GraphError: it cannot follow that tensor.
        """
        if key.startswith(OWN):
            return self._own(key).graph
        name = key.removeprefix(READY)
        if shape is None:
            raise GraphError(why_not(name, None), where=self.title(key), remedy="Look at the Problems tab.")
        return make_block(name, shape[1:])

    def make_loose(self, key: str, shapes: tuple[Shape, ...]) -> Graph:
        """The piece for the first of these shapes that it can follow, else for a usual one: it is not wired yet."""
        if key.startswith(OWN):
            return self._own(key).graph
        name = key.removeprefix(READY)
        fitting = (s[1:] for s in shapes if s is not None and not why_not(name, s[1:]))
        rank = next(b.ranks[-1] for b in BLOCKS if b.name == name)
        return make_block(name, next(fitting, _LOOSE[rank]))


def entry_rank(piece: Graph, catalog: Catalog) -> int:
    """How many axes, without the batch, a piece needs of what feeds it; 0 where any will do or it does not say.

    Layers that take any shape and give the same one are looked past.
    """
    waiting = [wire.target for wire in piece.wires if wire.source == SOURCE]
    seen = set(waiting)
    while waiting:
        node = piece.node(waiting.pop(0))
        entry = catalog.layer(node.kind)
        if entry is not None and entry.rank:
            return entry.rank
        if entry is not None and (entry.group in _SAME_SHAPE or node.kind in ("Activation", "Identity")):
            after = [wire.target for wire in piece.wires if wire.source == node.id and wire.target not in seen]
            seen.update(after)
            waiting += after
    return 0


def _shown(shape: tuple[int | None, ...]) -> str:
    return " × ".join("?" if one is None else str(one) for one in shape) or "one number"


def shape_at(facts: GraphFacts | None, ident: str) -> Shape:
    """What comes out of a node; None while it is not known."""
    found = facts.nodes.get(ident) if facts is not None else None
    return found.shape if found is not None else None


def data_shapes(data: DataFacts | None) -> tuple[Shape, ...]:
    """What comes in."""
    return tuple((None, *one.shape) for one in data.inputs) if data is not None else ()
