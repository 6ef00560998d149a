"""Ready-made pieces of a network, sized to the tensor they are put behind; and the person's own, kept as files.

Each piece is a Graph whose wires from "@in" are its entries and which has one end, as edits_pieces.insert_graph
takes it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .codec import decode, encode
from .drafting import Draft
from .errors import GraphError, ProjectError, WorkbenchError
from .layout import arrange
from .project import Graph
from .settings import home
from .storage import atomic_write

SOURCE = "@in"
MOST_BYTES = 4_000_000  # a piece of a few thousand blocks is far below


@dataclass(frozen=True)
class Block:
    """ranks: dimensions of the tensors it can follow, without the batch: 1 features, 2 a sequence, 3 a picture."""

    name: str
    title: str
    blurb: str
    ranks: tuple[int, ...]


BLOCKS: tuple[Block, ...] = (
    Block("dense-dropout", "Dense + dropout", "A dense layer, and dropout against learning by heart.", (1, 2)),
    Block(
        "conv-bn-relu",
        "Conv + batch norm + ReLU",
        "The brick of most convolutional nets: normalised before it is cut off below zero (Ioffe and Szegedy 2015).",
        (2, 3),
    ),
    Block("conv-pool", "Two convolutions + pool", "As in VGG (Simonyan and Zisserman 2014): halves the picture.", (3,)),
    Block(
        "residual",
        "Residual block",
        "Two convolutions with a short cut around them (He 2015), so that deep nets can be trained.",
        (2, 3),
    ),
    Block(
        "inception",
        "Inception block",
        "Small and large windows side by side, joined by channel (Szegedy 2014).",
        (3,),
    ),
    Block(
        "squeeze-excite",
        "Squeeze and excite",
        "Weighs each channel by what the whole picture shows (Hu 2017).",
        (3,),
    ),
    Block(
        "separable",
        "Separable convolution",
        "A convolution in two cheap parts, as in MobileNet (Howard 2017).",
        (3,),
    ),
    Block(
        "transformer-encoder",
        "Transformer encoder",
        "Every step looks at every other one (Vaswani 2017), each part with a short cut around it.",
        (2,),
    ),
)


def why_not(name: str, shape: tuple[int | None, ...] | None) -> str:
    """Why that block cannot follow a tensor of that shape (without the batch), as one sentence; "" when it can."""
    wanted = _known(name)
    if shape is None:
        return "The shape before it is not known yet: mend what is marked first."
    if len(shape) not in wanted.ranks:
        things = {1: "a row of features", 2: "a sequence (steps, features)", 3: "a picture (height, width, channels)"}
        return f"{wanted.title} needs {' or '.join(things[r] for r in wanted.ranks)}; here is {_shown(shape)}."
    if shape[-1] is None:
        return f"{wanted.title} needs to know the last dimension, which is open here."
    return ""


def make_block(name: str, shape: tuple[int | None, ...]) -> Graph:
    """The piece for a tensor of that shape (without the batch dimension), laid out.

    Raises:
        GraphError: there is no such block, or it cannot follow that tensor.
    """
    if reason := why_not(name, shape):
        raise GraphError(reason, where=_known(name).title, remedy="Put it elsewhere, or reshape before it.")
    piece = Draft()
    channels = shape[-1]
    assert channels is not None
    _MAKERS[name](piece, len(shape), channels)
    return _laid_out(piece)


def _known(name: str) -> Block:
    for block in BLOCKS:
        if block.name == name:
            return block
    raise GraphError(
        f"There is no block called {name!r}.",
        where="blocks",
        remedy=f"Choose one of {', '.join(b.name for b in BLOCKS)}.",
    )


def _shown(shape: tuple[int | None, ...]) -> str:
    return " × ".join("?" if d is None else str(d) for d in shape) or "one number"


# ---- drawing -------------------------------------------------------------------------------------------------


def _laid_out(draft: Draft) -> Graph:
    drawn = draft.graph()
    inner = tuple(w for w in drawn.wires if w.source != SOURCE)
    return Graph(arrange(Graph(drawn.nodes, inner)).nodes, drawn.wires)


def _width(channels: int) -> int:
    """Filters after a tensor of so many channels: as many, but at least 16, in steps of 8."""
    return max(16, -(-channels // 8) * 8)


def _conv(rank: int) -> str:
    return "Conv1D" if rank == 2 else "Conv2D"


def _dense_dropout(piece: Draft, rank: int, channels: int) -> None:
    dense = piece.add("Dense", SOURCE, units=max(16, min(256, channels)), activation="relu")
    piece.add("Dropout", dense, rate=0.2)


def _conv_bn_relu(piece: Draft, rank: int, channels: int, after: str = SOURCE, filters: int = 0) -> str:
    conv = piece.add(
        _conv(rank), after, filters=filters or _width(channels), kernel_size=3, padding="same", use_bias=False
    )
    norm = piece.add("BatchNormalization", conv)
    return piece.add("ReLU", norm)


def _conv_pool(piece: Draft, rank: int, channels: int) -> None:
    filters = 2 * _width(channels) if channels >= 16 else 32
    first = piece.add("Conv2D", SOURCE, filters=filters, kernel_size=3, padding="same", activation="relu")
    second = piece.add("Conv2D", first, filters=filters, kernel_size=3, padding="same", activation="relu")
    piece.add("MaxPooling2D", second, padding="same")


def _residual(piece: Draft, rank: int, channels: int) -> None:
    filters = _width(channels)
    first = _conv_bn_relu(piece, rank, channels, filters=filters)
    second = piece.add(_conv(rank), first, filters=filters, kernel_size=3, padding="same", use_bias=False)
    norm = piece.add("BatchNormalization", second)
    around = SOURCE
    if filters != channels:  # what is added must have as many channels
        around = piece.add(_conv(rank), SOURCE, filters=filters, kernel_size=1, use_bias=False)
    piece.add("ReLU", piece.add("Add", norm, around))


def _inception(piece: Draft, rank: int, channels: int) -> None:
    part = max(8, _width(channels) // 4)

    def conv(after: str, size: int) -> str:
        return piece.add("Conv2D", after, filters=part, kernel_size=size, padding="same", activation="relu")

    branches = (
        conv(SOURCE, 1),
        conv(conv(SOURCE, 1), 3),
        conv(conv(SOURCE, 1), 5),
        conv(piece.add("MaxPooling2D", SOURCE, pool_size=3, strides=1, padding="same"), 1),
    )
    piece.add("Concatenate", *branches)


def _squeeze_excite(piece: Draft, rank: int, channels: int) -> None:
    seen = piece.add("GlobalAveragePooling2D", SOURCE, keepdims=True)
    narrow = piece.add("Dense", seen, units=max(4, channels // 16), activation="relu")
    gate = piece.add("Dense", narrow, units=channels, activation="sigmoid")
    piece.add("Multiply", SOURCE, gate)


def _separable(piece: Draft, rank: int, channels: int) -> None:
    conv = piece.add("SeparableConv2D", SOURCE, filters=_width(channels), kernel_size=3, padding="same", use_bias=False)
    piece.add("ReLU", piece.add("BatchNormalization", conv))


def _transformer(piece: Draft, rank: int, channels: int) -> None:
    heads = next((h for h in (8, 4, 2) if channels % h == 0 and channels // h >= 8), 1)
    seen = piece.add("MultiHeadAttention", SOURCE, SOURCE, num_heads=heads, key_dim=max(1, channels // heads))
    first = piece.add("LayerNormalization", piece.add("Add", SOURCE, seen))
    wide = piece.add("Dense", first, units=4 * channels, activation="relu")
    narrow = piece.add("Dense", wide, units=channels)
    piece.add("LayerNormalization", piece.add("Add", first, narrow))


_MAKERS: dict[str, Callable[[Draft, int, int], object]] = {
    "dense-dropout": _dense_dropout,
    "conv-bn-relu": _conv_bn_relu,
    "conv-pool": _conv_pool,
    "residual": _residual,
    "inception": _inception,
    "squeeze-excite": _squeeze_excite,
    "separable": _separable,
    "transformer-encoder": _transformer,
}


# ---- the person's own ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OwnBlock:
    """A piece somebody kept. file: where it lies."""

    name: str
    graph: Graph
    file: Path


def own_folder() -> Path:
    """Where the person's blocks are kept, one JSON file each."""
    return home() / "blocks"


def keep_block(name: str, piece: Graph) -> OwnBlock:
    """Write a piece down for other projects; one of the same name is replaced. For a job.

    Raises:
        ProjectError: the name cannot be a file's, or the file cannot be written.
    """
    wanted = name.strip()
    if not wanted or any(c in wanted for c in '/\\:*?"<>|\0') or wanted.startswith(".") or len(wanted) > 80:
        raise ProjectError(
            f"A block cannot be called {wanted!r}.",
            where="block",
            remedy="Use letters, digits and spaces, at most 80 of them.",
        )
    file = own_folder() / f"{wanted}.json"
    atomic_write(file, json.dumps(encode(piece), ensure_ascii=False, indent=1).encode())
    return OwnBlock(wanted, piece, file)


def own_blocks() -> tuple[tuple[OwnBlock, ...], tuple[str, ...]]:
    """The person's blocks by name, and a sentence for each file that is none. For a job."""
    found: list[OwnBlock] = []
    damaged: list[str] = []
    for file in sorted(own_folder().glob("*.json")):
        try:
            if file.stat().st_size > MOST_BYTES:
                raise ProjectError(f"It is larger than {MOST_BYTES // 1_000_000} MB.")
            piece = decode(Graph, json.loads(file.read_bytes()), "block")
            _check(piece)
        except (WorkbenchError, ValueError, RecursionError, OSError) as error:
            what = error.what if isinstance(error, WorkbenchError) else str(error)
            damaged.append(f"{file.name} is no block: {what}")
            continue
        found.append(OwnBlock(file.stem, piece, file))
    return tuple(found), tuple(damaged)


def _check(piece: Graph) -> None:
    """Raises ProjectError where a file holds something else than a piece with entries and one end."""
    ids = [n.id for n in piece.nodes]
    if not ids or len(set(ids)) != len(ids):
        raise ProjectError("Its blocks are missing or have the same id twice.")
    known = {*ids, SOURCE}
    if any(w.source not in known or w.target not in ids for w in piece.wires):
        raise ProjectError("A wire ends at a block that is not there.")
    feeding = {w.source for w in piece.wires}
    if sum(i not in feeding for i in ids) != 1 or SOURCE not in feeding:
        raise ProjectError("It has no entry, or not exactly one result.")
    groups = {g.id for g in piece.groups}
    if any(n.group and n.group not in groups for n in piece.nodes):
        raise ProjectError("A block is in a group that is not there.")


def forget_block(block: OwnBlock) -> None:
    """Take a piece out of the library. For a job."""
    block.file.unlink(missing_ok=True)
