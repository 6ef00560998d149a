"""The headless face: what the commands print. What they do is in headless.py, their options in cli_options.py.

Exit status 0, or 2 with one line on standard error (what, where, what to try). Heavy imports are made inside the
commands, so that --help and mistakes in the arguments answer at once.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from workbench import terminal
from workbench.cli_options import parser
from workbench.core.applications import is_network
from workbench.core.errors import WorkbenchError
from workbench.core.one_line import one_line
from workbench.core.storage import ProjectFolder
from workbench.core.wording import plural

if TYPE_CHECKING:
    from workbench.core.metrics import Baseline
    from workbench.headless_engine import Say
    from workbench.headless_model import Brought


def main(argv: Sequence[str], demo: Callable[[Path], int]) -> int:
    """Run one command. Returns the exit status.

    demo: the whole journey, which also shows or pictures the window and is therefore not this face's own.
    """
    given = parser().parse_args(argv)
    commands: dict[str, Callable[[argparse.Namespace], int | None]] = {
        "new": _new,
        "source": _source,
        "clean": _clean,
        "train": _train,
        "control": _control,
        "evaluate": _evaluate,
        "predict": _predict,
        "export": _export,
        "info": _info,
        "check": _check,
        "demo": lambda options: demo(options.out),
    }
    _print_any_name()
    try:
        status = commands[given.command](given) or 0
        sys.stdout.flush()
    except WorkbenchError as error:
        _error(str(error))
        return 2
    except (MemoryError, RuntimeError, OSError, ImportError) as error:
        from workbench.core.data.memory import is_shortage

        if isinstance(error, BrokenPipeError):  # the reader of our output has gone, as in `| head`
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        if not is_shortage(error):
            raise
        _error("The memory was not enough. Close other programs, or allow this one more.")
        return 2
    except KeyboardInterrupt:
        _error("interrupted.")
        return 130
    return status


def _print_any_name() -> None:
    """Names of files need not be text in the terminal's encoding: they are printed all the same."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            unicode = stream.encoding.lower().replace("-", "") == "utf8"
            stream.reconfigure(errors="surrogateescape" if unicode else "backslashreplace")


def _error(text: str) -> None:
    terminal.clear()
    print(f"workbench: {' '.join(text.split())}", file=sys.stderr)


def _note(texts: Iterable[str]) -> None:
    """Worth knowing, on standard error, so that what is piped on stays clean."""
    for text in texts:
        terminal.clear()
        print(f"note: {' '.join(text.split())}", file=sys.stderr)


def _progress(as_json: bool = False) -> Say | None:
    """A line that rewrites itself on a terminal; nothing elsewhere."""
    if as_json or not terminal.is_terminal():
        return None
    shown = -1.0

    def say(share: float, text: str) -> None:
        nonlocal shown
        now = time.monotonic()
        if share >= 1:
            terminal.clear()
        elif now - shown >= 0.05:
            shown = now
            terminal.rewrite(f"{terminal.bar(share)} {share:4.0%}  {text}")

    return say


# ---- the commands --------------------------------------------------------------------------------------------


def _new(given: argparse.Namespace) -> None:
    from workbench import headless

    network = is_network(given.template)
    if given.weights and not network:
        raise WorkbenchError("--weights needs a network.", remedy="Name one with --template, such as resnet50.")
    if given.model and given.template:
        raise WorkbenchError("A project has one model.", remedy="Name either --model or --template.")
    name = "" if network else given.template
    made = headless.create(given.project, given.data, given.target, given.task, name, vars(given))
    assert made.project.data is not None
    source, place = made.project.data.source, made.project.data.path
    brought = _brought(given, network)
    template = given.template if network else "" if brought else made.template
    if given.json:
        said = {"model": brought.said, "notes": list(brought.notes)} if brought else {}
        print(headless.write_json({"project": str(given.project), "source": source, "template": template, **said}))
        return
    _note((*made.notes, *(brought.notes if brought else ())))
    model = f", model {brought.said}" if brought else f', model "{template}"' if template else ""
    print(f"{given.project}: {source} {place}{model}")
    folder = headless.quoted(given.project)
    print(f"Next: workbench clean {folder}" + (f", or workbench train {folder}" if made.template else ""))


def _brought(given: argparse.Namespace, network: bool) -> Brought | None:
    """The model of --model, or the network of --template; what cannot be used takes the new folder with it."""
    if not network and not given.model:
        return None
    from workbench import headless_model

    home = ProjectFolder(given.project)
    try:
        if network:
            return headless_model.bring_network(home, given.template, given.weights, _progress(given.json))
        return headless_model.bring_model(home, given.model, _progress(given.json))
    except BaseException:
        shutil.rmtree(home.path, ignore_errors=True)
        raise


def _source(given: argparse.Namespace) -> None:
    from workbench import headless, headless_source, headless_targets

    home = ProjectFolder(given.project)
    project = home.load()
    wished = given.find or given.from_cache or given.from_file or given.no_test
    wishes = {name: getattr(given, name) for name in headless_source.WISHES}
    if wished or any(value is not None for value in wishes.values()):
        found = headless_source.change(
            home,
            project,
            find=given.find,
            from_cache=given.from_cache,
            from_file=given.from_file,
            no_test=given.no_test,
            wishes=wishes,
        )
    else:
        found = headless_source.where(home, project)
    more = headless_targets.add_targets(home, home.load(), given.add_target) if given.add_target else None
    if given.json:
        said = {"targets": list(more.targets), "notes": [*found.notes, *more.notes]} if more else {}
        print(headless.write_json({**found.as_dict(), **said}))
        return
    _note((*found.notes, *(more.notes if more else ())))
    for line in headless_source.lines(found):
        print(line)
    if more:
        print(f"Predicts {', '.join(map(one_line, more.targets))}.")


def _clean(given: argparse.Namespace) -> None:
    from workbench import headless
    from workbench.core.data.every_step import summary_of

    home = ProjectFolder(given.project)
    project = home.load()
    if given.accept_suggestions:
        _, found = headless.accept(home, project)
    else:
        found = headless.suggestions(project, home)
    for suggestion in found:
        step = suggestion.step
        summary = summary_of(step.kind, step.params)
        if given.json:
            row = {"kind": step.kind, "params": dict(step.params), "summary": summary, "reason": suggestion.reason}
            print(headless.write_json({**row, "accepted": given.accept_suggestions}))
        else:
            print(f"{summary}\n    {suggestion.reason}")
    if given.json:
        return
    folder = headless.quoted(given.project)
    if not found:
        print("Nothing to clean is suggested.")
    elif given.accept_suggestions:
        print(f"{plural(len(found), 'step')} accepted. Next: workbench train {folder}")
    else:
        print(f"{plural(len(found), 'step')} suggested. To accept: workbench clean {folder} --accept-suggestions")


def _train(given: argparse.Namespace) -> None:
    from workbench import headless_train

    headless_train.run(given, _progress(given.json), _note)


def _control(given: argparse.Namespace) -> None:
    from workbench import headless_control

    headless_control.run(given)


def _evaluate(given: argparse.Namespace) -> None:
    from workbench import headless
    from workbench.core.runs import find_run

    home = ProjectFolder(given.project)
    home.load()
    run = find_run(home.runs, given.run)
    with headless.open_engine() as engine:
        scores = headless.evaluate(engine, run, given.data, _progress(given.json), given.checkpoint)
    _note(scores.notes)
    base = scores.baseline
    if given.json:
        found: dict[str, object] = {**scores.metrics, "baseline": base.value, "rows": scores.rows, "part": scores.part}
        found |= {"baseline_metric": base.metric, "baseline_text": base.text}
        if scores.targets:
            found["targets"] = {
                s.target: {
                    **s.metrics,
                    "baseline": s.baseline.value,
                    "baseline_metric": s.baseline.metric,
                    "baseline_text": s.baseline.text,
                }
                for s in scores.targets
            }
        print(headless.write_json({**found, "model_units": scores.model_units} if scores.model_units else found))
        return
    where = f"of {given.data}" if given.data else f"of the {scores.part} part"
    print(f"{plural(scores.rows, 'row')} {where}")
    if not given.data and scores.part != "test":
        _note(
            [f"there is no test part; these rows were {'trained on' if scores.part == 'train' else 'validated with'}."]
        )
    if scores.targets and "loss" in scores.metrics:
        print(f"  {'loss':<26} {_figure('loss', scores.metrics['loss'])}  (of all targets together)")
    for one in scores.targets:
        print(one_line(one.target))
        _print_scores(one.metrics, one.baseline)
    if not scores.targets:
        _print_scores(scores.metrics, base)


def _print_scores(values: dict[str, float], base: Baseline) -> None:
    for name, value in values.items():
        print(f"  {name:<26} {_figure(name, value)}")
    name = {"mae": "mean_absolute_error"}.get(base.metric, base.metric)
    print(f"  {'baseline ' + name:<26} {_figure(name, base.value)}  ({one_line(base.text)})")


def _figure(name: str, value: float) -> str:
    return f"{100 * value:.2f} %" if "accuracy" in name else f"{value:.4g}"


def _predict(given: argparse.Namespace) -> None:
    from workbench import headless
    from workbench.core.storage import atomic_write

    headless.check_question(given.model, given.run, given.data)
    with headless.open_engine() as engine:
        answers = headless.predict(engine, given.model, given.run, given.data, _progress(), given.checkpoint)
    _note(answers.notes)
    text = answers.csv()
    if given.out is None:
        sys.stdout.write(text)
    else:
        atomic_write(given.out, text.encode("utf-8", "surrogateescape"))
        print(f"{plural(len(answers), 'answer')} in {given.out}")


def _export(given: argparse.Namespace) -> None:
    from workbench import headless
    from workbench.core.data.pipeline import restore
    from workbench.core.runs import find_run
    from workbench.core.settings import cache_folder
    from workbench.link.messages import Export, Exported

    home = ProjectFolder(given.project)
    home.load()
    run = find_run(home.runs, given.run)
    say = _progress(given.json)
    restore(run, cache_folder(), say)
    with headless.open_engine() as engine:
        done = engine.ask(Export(str(run), given.to, str(given.out.absolute()), given.checkpoint), Exported, say)
    if given.json:
        facts = {"path": done.path, "format": done.format, "size": done.size, "runtime": done.runtime}
        checked = {"samples": done.samples, "difference": done.difference, "files": list(done.files)}
        print(headless.write_json({**facts, **checked}))
        return
    terminal.clear()
    print(f"{done.path}  {done.size:,} bytes")
    rows = plural(done.samples, "row")
    print(f"Checked: loaded again with {done.runtime}, {rows} answered, largest difference {done.difference:.2g}.")
    for text in done.notes:
        print(f"  {text}")
    for file in done.files:
        if file != done.path:
            print(f"  {file}")


def _info(given: argparse.Namespace) -> None:
    from workbench import headless_info

    headless_info.info(given.path, given.json, _progress(given.json))


def _check(given: argparse.Namespace) -> int:
    from workbench import headless_info

    return headless_info.check(given.json)
