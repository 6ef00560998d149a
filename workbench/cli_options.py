"""The commands and their options. Nothing heavy is imported, so that --help and mistakes answer at once."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import NoReturn

from workbench import __version__

COMMANDS = ("new", "source", "clean", "train", "control", "evaluate", "predict", "export", "info", "demo", "check")
FORMATS = ("keras", "savedmodel", "litert", "onnx", "python")
MOST = 1_000_000  # epochs, and rows in a batch
LAST_SEED = 2**32 - 1  # the largest that Keras takes


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        print(f"workbench: {_one_line(message)}; try: {self.prog} --help", file=sys.stderr)
        raise SystemExit(2)


def parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    top = _Parser(prog="workbench", description="Neural networks without code. Without a command: the window.")
    top.add_argument("--version", action="version", version=f"workbench {__version__}")
    sub = top.add_subparsers(dest="command", required=True, parser_class=_Parser)

    new = sub.add_parser("new", help="make a project on some data, with a fitting model")
    new.add_argument("project", type=Path)
    new.add_argument(
        "--data", required=True, help="a CSV, a folder of pictures or IDX files, an .npz, or a sample's name"
    )
    new.add_argument(
        "--target", action="append", default=[], metavar="COLUMN", help="once for each column that is to be predicted"
    )
    new.add_argument("--weight", default="", metavar="COLUMN", help="what each row counts in the loss, 0 or above")
    new.add_argument(
        "--task",
        default="auto",
        choices=("auto", "classification", "regression", "reconstruction"),
        help="reconstruction: an autoencoder, which rebuilds its input and needs no target",
    )
    new.add_argument("--template", default="", metavar="NAME", help="also a network such as resnet50 or efficientnetb0")
    new.add_argument("--model", default="", metavar="FILE", help="a .keras or .h5 file, Keras JSON or a SavedModel")
    new.add_argument("--weights", default="", metavar="FILE", help="of the network named with --template")
    new.add_argument("--window", type=_positive, metavar="STEPS", help="of series: steps of a window")
    new.add_argument("--stride", type=_positive, metavar="STEPS", help="of series: steps from one window to the next")
    new.add_argument("--ahead", type=_ahead, metavar="STEPS", help="of series: so many steps ahead the target is")
    _reading(new)
    _json(new)

    source = sub.add_parser(
        "source",
        help="where a project's data is; find it, go on from the cache, read it otherwise, predict more of it",
    )
    source.add_argument("project", type=Path)
    place = source.add_mutually_exclusive_group()
    place.add_argument("--find", default="", metavar="PATH", help="the data is there now")
    place.add_argument(
        "--from-cache", action="store_true", help="go on with what was read before; the file is not read"
    )
    place.add_argument("--from-file", action="store_true", help="read the file again after all")
    source.add_argument("--no-test", action="store_true", help="go without the separate test file")
    source.add_argument(
        "--add-target", action="append", default=[], metavar="COLUMN", help="predict that column too; may be repeated"
    )
    _reading(source)
    _json(source)

    clean = sub.add_parser("clean", help="list the suggested cleaning steps, or accept them")
    clean.add_argument("project", type=Path)
    clean.add_argument("--accept-suggestions", action="store_true")
    _json(clean)

    train = sub.add_parser("train", help="train the project's model; Ctrl+C stops and keeps the best")
    train.add_argument("project", type=Path)
    train.add_argument("--epochs", type=_positive, help="in all; with --resume, train a run on to so many")
    train.add_argument("--batch-size", type=_positive, help="rows of a batch, also for a run that is resumed")
    train.add_argument("--seed", type=_seed, help="where its random numbers begin")
    train.add_argument("--device", type=_device, help='"auto", "cpu", "gpu:0" or "all"')
    train.add_argument("--threads", type=_threads, metavar="N", help="of the processor; 0 for all")
    train.add_argument(
        "--keep-every", type=_epochs_between, metavar="N", help="keep a checkpoint of every Nth epoch; 0 for none"
    )
    train.add_argument("--name", default="", metavar="RUN", help="what the run is called")
    train.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    train.add_argument(
        "--from", dest="start", default="", metavar="RUN[:best|last|N]", help="begin with the weights of another run"
    )
    train.add_argument("--folds", type=_folds, default=0, metavar="K", help="cross-validation: train K runs")
    train.add_argument("--tensorboard", action="store_true", help="write logs that TensorBoard reads")
    train.add_argument("--cluster", default="", metavar="HOST:PORT,HOST:PORT", help="train on several machines at once")
    train.add_argument("--worker", type=_worker, metavar="N", help="which of them this is, from 0")
    _json(train)

    control = sub.add_parser("control", help="pause, end or change a run that `workbench train` trains meanwhile")
    control.add_argument("project", type=Path)
    control.add_argument(
        "action", choices=("pause", "resume", "stop", "abort", "set"), help="stop keeps the best; set: see NAME=VALUE"
    )
    control.add_argument(
        "settings",
        nargs="*",
        metavar="NAME=VALUE",
        help="learning_rate, batch_size (from the next epoch), epochs (in all), patience (of early stopping; 0: none)",
    )
    control.add_argument("--run", default="", help="its name; else the newest that is trained")
    control.add_argument("--wait", type=_seconds, default=10.0, metavar="SECONDS", help="for its answer; 10")
    _json(control)

    evaluate = sub.add_parser("evaluate", help="scores on the held-out rows, beside a baseline")
    evaluate.add_argument("project", type=Path)
    evaluate.add_argument("--run", default="")
    _checkpoint(evaluate)
    evaluate.add_argument("--data", default="", help="score on another file instead")
    _json(evaluate)

    predict = sub.add_parser("predict", help="answers for new rows or pictures, as CSV")
    predict.add_argument("model", type=Path, metavar="PROJECT|EXPORTED")
    predict.add_argument("--data", required=True)
    predict.add_argument("--run", default="")
    _checkpoint(predict)
    predict.add_argument("--out", type=Path, metavar="CSV")

    export = sub.add_parser("export", help="write the trained model to a file and prove it")
    export.add_argument("project", type=Path)
    export.add_argument("--to", required=True, choices=FORMATS)
    export.add_argument("--out", required=True, type=Path)
    export.add_argument("--run", default="")
    _checkpoint(export)
    _json(export)

    info = sub.add_parser("info", help="what is in a data file, a project or a model file")
    info.add_argument("path")
    _json(info)

    demo = sub.add_parser("demo", help="the whole journey on a sample")
    demo.add_argument("--out", type=Path, default=Path("demo-output"), metavar="FOLDER")

    check = sub.add_parser("check", help="versions, devices, screen: what works on this machine")
    _json(check)
    return top


def _json(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help="one JSON object a line")


def _reading(command: argparse.ArgumentParser) -> None:
    """How the data is read, where what is found out is not right."""
    group = command.add_argument_group("how it is read")
    group.add_argument("--test", metavar="PATH", help="a separate test file or folder")
    group.add_argument("--sheet", metavar="NAME", help="of a workbook")
    group.add_argument("--member", metavar="NAME", help="of a ZIP archive with several tables")
    group.add_argument("--rows", type=_rows, metavar="N", help="read the first N rows only; 0: all")
    group.add_argument("--encoding", metavar="NAME")
    group.add_argument("--delimiter", metavar="CHAR", help="between cells; tab and blank can be written so")
    group.add_argument("--quote", metavar="CHAR", help="around cells, or none")
    group.add_argument("--decimal", choices=(".", ",", "point", "comma"))
    group.add_argument("--thousands", metavar="CHAR", help="between groups of figures, or none")
    group.add_argument("--comment", metavar="CHAR", help="begins a line that is no row, or none")
    group.add_argument("--header", choices=("yes", "no", "find"), help="whether the first row names the columns")
    group.add_argument("--as", dest="read_as", choices=("series",), help="a long table as series over time")
    group.add_argument("--series", metavar="COLUMN", help="of a table of series: what names the series, or none")
    group.add_argument("--time", metavar="COLUMN", help="of series: when each step was, or none")
    group.add_argument(
        "--class", dest="series_class", metavar="WHAT", help="of series: the column of the class, or none"
    )
    group.add_argument("--group", metavar="WHAT", help='of series: what belongs together: a column, "part -1", or none')
    group.add_argument("--rate", type=_rate, metavar="HZ", help="of series without times: steps a second")
    group.add_argument("--null-words", metavar="A,B,…", help="words that mean a missing cell, parted by commas")


def _whole(text: str, lowest: int, highest: int) -> int:
    try:
        value = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a whole number, found {text!r}") from None
    if not lowest <= value <= highest:
        raise argparse.ArgumentTypeError(f"expected a number from {lowest:,} to {highest:,}, found {text}")
    return value


def _rate(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 < value < 1e9:
        raise argparse.ArgumentTypeError(f"expected steps a second, such as 32, found {text!r}")
    return value


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 < value <= 86_400:
        raise argparse.ArgumentTypeError(f"expected seconds, such as 10, found {text!r}")
    return value


def _folds(text: str) -> int:
    return _whole(text, 2, 1000)


def _worker(text: str) -> int:
    return _whole(text, 0, 10_000)


def _checkpoint(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--checkpoint", type=_which, default="best", metavar="best|last|N", help="weights of the run; N: a kept epoch"
    )


def _which(text: str) -> str:
    return text if text in ("best", "last") else str(_whole(text, 1, MOST))


def _epochs_between(text: str) -> int:
    return _whole(text, 0, MOST)


def _threads(text: str) -> int:
    return _whole(text, 0, 4096)


def _positive(text: str) -> int:
    return _whole(text, 1, MOST)


def _ahead(text: str) -> int:
    return _whole(text, 0, 100_000)


def _rows(text: str) -> int:
    return _whole(text, 0, 10**12)


def _seed(text: str) -> int:
    return _whole(text, 0, LAST_SEED)


def _device(text: str) -> str:
    name = text.strip().lower()
    if not re.fullmatch(r"auto|all|cpu|gpu(:\d+)?", name):
        raise argparse.ArgumentTypeError(f'expected "auto", "cpu", "gpu:0" or "all", found {text!r}')
    return name


def _one_line(text: str) -> str:
    return " ".join(text.split())
