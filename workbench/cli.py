"""The headless face: argument parsing and printing. What the commands do is in headless.py.

Exit status 0, or 2 with one line on standard error (what, where, what to try). Heavy imports are made inside the
commands, so that --help and mistakes in the arguments answer at once.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from workbench import __version__
from workbench.core.errors import WorkbenchError
from workbench.core.storage import ProjectFolder

if TYPE_CHECKING:
    from workbench.headless import Say

COMMANDS = ("new", "clean", "train", "evaluate", "predict", "export", "info", "demo", "check")
FORMATS = ("keras", "savedmodel", "litert", "onnx", "python")


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        print(f"workbench: {message}; try: {self.prog} --help", file=sys.stderr)
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
    new.add_argument("--target", default="", metavar="COLUMN")
    new.add_argument("--task", default="auto", choices=("auto", "classification", "regression"))
    new.add_argument("--template", default="", metavar="NAME")
    _json(new)

    clean = sub.add_parser("clean", help="list the suggested cleaning steps, or accept them")
    clean.add_argument("project", type=Path)
    clean.add_argument("--accept-suggestions", action="store_true")
    _json(clean)

    train = sub.add_parser("train", help="train the project's model; Ctrl+C stops and keeps the best")
    train.add_argument("project", type=Path)
    train.add_argument("--epochs", type=_positive)
    train.add_argument("--batch-size", type=_positive)
    train.add_argument("--seed", type=int)
    train.add_argument("--device", help='"auto", "cpu" or "gpu:0"')
    train.add_argument("--name", default="", metavar="RUN")
    train.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    _json(train)

    evaluate = sub.add_parser("evaluate", help="scores on the held-out rows, beside a baseline")
    evaluate.add_argument("project", type=Path)
    evaluate.add_argument("--run", default="")
    evaluate.add_argument("--data", default="", help="score on another file instead")
    _json(evaluate)

    predict = sub.add_parser("predict", help="answers for new rows or pictures, as CSV")
    predict.add_argument("model", type=Path, metavar="PROJECT|EXPORTED")
    predict.add_argument("--data", required=True)
    predict.add_argument("--run", default="")
    predict.add_argument("--out", type=Path, metavar="CSV")

    export = sub.add_parser("export", help="write the trained model to a file and prove it")
    export.add_argument("project", type=Path)
    export.add_argument("--to", required=True, choices=FORMATS)
    export.add_argument("--out", required=True, type=Path)
    export.add_argument("--run", default="")
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


def _positive(text: str) -> int:
    try:
        value = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a whole number, found {text!r}") from None
    if value < 1:
        raise argparse.ArgumentTypeError(f"expected 1 or more, found {value}")
    return value


def main(argv: Sequence[str], demo: Callable[[Path], int]) -> int:
    """Run one command. Returns the exit status.

    demo: the whole journey, which also shows or pictures the window and is therefore not this face's own.
    """
    given = parser().parse_args(argv)
    commands: dict[str, Callable[[argparse.Namespace], int | None]] = {
        "new": _new,
        "clean": _clean,
        "train": _train,
        "evaluate": _evaluate,
        "predict": _predict,
        "export": _export,
        "info": _info,
        "check": _check,
        "demo": lambda options: demo(options.out),
    }
    try:
        return commands[given.command](given) or 0
    except WorkbenchError as error:
        print(f"workbench: {error}".replace("\n", " "), file=sys.stderr)
        return 2
    except BrokenPipeError:  # the reader of our output has gone, as in `| head`
        sys.stderr.close()
        return 0


def _progress(as_json: bool) -> Say | None:
    """A line that rewrites itself on a terminal; nothing elsewhere."""
    if as_json or not sys.stderr.isatty():
        return None

    def say(share: float, text: str) -> None:
        print(f"\r\x1b[K{share:5.0%}  {text}", end="", file=sys.stderr, flush=True)

    return say


# ---- the commands --------------------------------------------------------------------------------------------


def _new(given: argparse.Namespace) -> None:
    from workbench import headless

    project, template = headless.create(given.project, given.data, given.target, given.task, given.template)
    assert project.data is not None
    if given.json:
        print(headless.write_json({"project": str(given.project), "source": project.data.source, "template": template}))
    else:
        print(f'{given.project}: {project.data.source} {project.data.path}, model "{template}".')
        print(f"Next: workbench clean {given.project}, or workbench train {given.project}")


def _clean(given: argparse.Namespace) -> None:
    from workbench import headless
    from workbench.core.data.steps import STEPS

    folder = ProjectFolder(given.project)
    project = folder.load()
    if given.accept_suggestions:
        _, found = headless.accept(folder, project)
    else:
        found = headless.suggestions(project)
    for suggestion in found:
        step = suggestion.step
        summary = STEPS[step.kind].summary(step.params)
        if given.json:
            row = {"kind": step.kind, "params": dict(step.params), "summary": summary, "reason": suggestion.reason}
            print(headless.write_json({**row, "accepted": given.accept_suggestions}))
        else:
            print(f"{'accepted' if given.accept_suggestions else 'suggested'}: {summary} ({suggestion.reason})")
    if not found and not given.json:
        print("Nothing to clean is suggested.")


def _train(given: argparse.Namespace) -> int:
    from workbench import headless
    from workbench.core import edits
    from workbench.core.runs import read_run
    from workbench.link import messages as m

    folder = ProjectFolder(given.project)
    project = folder.load()
    options = {"epochs": given.epochs, "batch_size": given.batch_size, "seed": given.seed, "device": given.device}
    changes = {k: v for k, v in options.items() if v is not None}
    if given.resume:
        if changes:
            raise WorkbenchError(
                "A resumed run keeps the settings it was started with.",
                remedy="Leave out the other options, or train a new run.",
            )
        run = headless.interrupted_run(folder, given.name)
    else:
        run = headless.begin_run(folder, edits.set_train(**changes)(project), given.name, _progress(given.json))

    stop = _StopOnInterrupt()
    ended: m.RunEnded | m.Failed | None = None
    with headless.Engine() as engine, stop:
        events = engine.train(run, given.resume)
        for event in events:
            _print_event(event, read_run(run).epochs, given.json)
            if isinstance(event, (m.RunEnded, m.Failed)):
                ended = event
            elif stop.take():
                engine.client.ask(m.Control(run.name, "stop"), lambda _: None)
    assert ended is not None
    if isinstance(ended, m.Failed) or ended.reason == "failed":
        raise WorkbenchError(ended.what, where=ended.where, remedy=ended.remedy)
    record = read_run(run)
    if given.json:
        done = {"event": "done", "run": record.name, "folder": str(run), "reason": ended.reason, "epochs": ended.epochs}
        print(headless.write_json({**done, "best_epoch": ended.best_epoch + 1, "seconds": ended.seconds}), flush=True)
    else:
        print(
            f"{record.name}: {ended.reason}, best epoch {ended.best_epoch + 1} of {ended.epochs}, {ended.seconds:.1f} s"
        )
    return 0


class _StopOnInterrupt:
    """The first Ctrl+C asks for a stop that keeps the best weights; the second ends the program."""

    def __enter__(self) -> _StopOnInterrupt:
        self._asked = False
        self._before = signal.signal(signal.SIGINT, self._on_signal)
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGINT, self._before)

    def _on_signal(self, *_: object) -> None:
        signal.signal(signal.SIGINT, self._before)
        self._asked = True
        print("\nStopping; the best weights are kept.", file=sys.stderr)

    def take(self) -> bool:
        asked, self._asked = self._asked, False
        return asked


def _print_event(event: object, epochs: int, as_json: bool) -> None:
    from workbench import headless
    from workbench.link import messages as m

    if isinstance(event, m.EpochEnded):
        logs = {k: float(v) for k, v in event.logs.items()}
        if as_json:
            print(headless.write_json({"event": "epoch", "epoch": event.epoch + 1, **logs}), flush=True)
        else:
            print(
                f"epoch {event.epoch + 1}/{epochs}  " + "  ".join(f"{k} {v:.4g}" for k, v in logs.items()), flush=True
            )
    elif isinstance(event, m.RunStarted) and not as_json:
        print(
            f"{event.parameters:,} parameters on {event.device}, {event.mode}, {event.steps_per_epoch} steps an epoch"
        )
    elif isinstance(event, m.Batches) and not as_json and sys.stdout.isatty():
        print(
            f"\r\x1b[Kepoch {event.epoch + 1}  loss {event.values['loss'][-1]:.4g}  "
            f"{event.samples_per_second:,.0f} samples/s  {event.seconds_left:.0f} s left\r",
            end="",
            flush=True,
        )


def _evaluate(given: argparse.Namespace) -> None:
    from workbench import headless
    from workbench.core.runs import find_run

    folder = ProjectFolder(given.project)
    folder.load()
    with headless.Engine() as engine:
        scores = headless.evaluate(engine, find_run(folder.runs, given.run), given.data)
    base = scores.baseline
    if given.json:
        found = {**scores.metrics, **({"in_units": scores.person} if scores.person else {})}
        baseline = {"text": base.text, "metric": base.metric, "value": base.value}
        print(headless.write_json({**found, "baseline": baseline, "rows": scores.rows, "part": scores.part}))
        return
    print(f"{scores.rows:,} {scores.part} rows")
    for name, value in (scores.person or scores.metrics).items():
        print(f"  {name:12} {value:.4g}")
    print(f"  baseline: {base.text}: {base.metric} {base.value:.4g}")


def _predict(given: argparse.Namespace) -> None:
    from workbench import headless
    from workbench.core.storage import atomic_write

    with headless.Engine() as engine:
        table = headless.predict(engine, given.model, given.run, given.data)
    text = headless.table_csv(table)
    if given.out is None:
        sys.stdout.write(text)
    else:
        atomic_write(given.out, text.encode())
        print(f"{len(table):,} answers in {given.out}")


def _export(given: argparse.Namespace) -> None:
    from workbench import headless
    from workbench.core.runs import find_run
    from workbench.link.messages import Export, Exported

    folder = ProjectFolder(given.project)
    folder.load()
    run = find_run(folder.runs, given.run)
    with headless.Engine() as engine:
        done = engine.ask(Export(str(run), given.to, str(given.out.absolute())), Exported, _progress(given.json))
    if given.json:
        facts = {"path": done.path, "format": done.format, "size": done.size, "runtime": done.runtime}
        checked = {"samples": done.samples, "difference": done.difference, "files": list(done.files)}
        print(headless.write_json({**facts, **checked}))
        return
    print(f"{done.path} ({done.size:,} bytes)")
    print(f"checked with {done.runtime} on {done.samples} rows: largest difference {done.difference:.2g}")
    for file in done.files:
        print(f"  {file}")


def _info(given: argparse.Namespace) -> None:
    from workbench import headless_info

    headless_info.info(given.path, given.json)


def _check(given: argparse.Namespace) -> int:
    from workbench import headless_info

    return headless_info.check(given.json)


def is_command(word: str) -> bool:
    """Whether the first argument is for this face rather than something to open in the window."""
    return word in COMMANDS or (word.startswith("-") and word in ("-h", "--help", "--version"))
