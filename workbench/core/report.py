"""A report of one run as a single HTML file: scores, curves, confusion, data and model; nothing is loaded from afar."""

from __future__ import annotations

import html
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .facts import DataFacts
from .figure_names import parted, told
from .history import History
from .metrics import Baseline
from .project import Json, Project
from .reconstruction import rebuilds
from .runs import RunRecord
from .script_outputs import ends
from .sharing import owner

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:960px;margin:40px auto;
  padding:0 24px;color:#1c2430;background:#fff}
h1{font-size:26px;margin:0 0 4px}
h2{font-size:18px;margin:36px 0 8px}
p.muted,td.muted{color:#5b6675}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
td,th{padding:4px 16px 4px 0;text-align:left;border-bottom:1px solid #e3e7ed}
th{font-weight:600}
td.n,th.n{text-align:right}
.matrix td{text-align:center;border:1px solid #fff;padding:4px 8px;min-width:28px}
.row{display:flex;gap:24px;flex-wrap:wrap}
figure{margin:0 0 16px}
figcaption{color:#5b6675;font-size:13px}
img{max-width:100%;border:1px solid #e3e7ed}
@media(prefers-color-scheme:dark){
body{background:#15191f;color:#e6eaf0}
td,th{border-color:#2c333d}
p.muted,td.muted,figcaption{color:#9aa6b5}
.matrix td{border-color:#15191f}
img{border-color:#2c333d}}
"""
_COLORS = ("#2f6fde", "#d9722e")


@dataclass(frozen=True, eq=False)
class Scored:
    """Scores of one part: {name: value} in the person's units where there are any, the baseline beside them, and for
    classes the confusion matrix (rows: truth), (classes, classes). target: of several, which one it is about."""

    part: str
    rows: int
    values: Mapping[str, float]
    baseline: Baseline
    confusion: np.ndarray[Any, Any] | None = None
    target: str = ""


@dataclass(frozen=True, eq=False)
class Report:
    """What a report shows. pictures: (file name beside the report, caption). more: the scores of further targets."""

    project: Project
    record: RunRecord
    facts: DataFacts
    history: History
    scored: Scored
    pictures: Sequence[tuple[str, str]] = field(default_factory=tuple)
    more: Sequence[Scored] = field(default_factory=tuple)


def report_html(report: Report) -> str:
    """The whole page. Every name from outside is escaped."""
    record, facts, history = report.record, report.facts, report.history
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(record.created))
    parts = [
        f"<h1>{_text(report.project.name)}: {_text(record.name)}</h1>",
        f'<p class="muted">{when}, {record.epochs_done} epochs in {record.seconds:.1f} s on {_text(record.device)}, '
        f"seed {record.seed}</p>",
        *(_scores(scored) for scored in (report.scored, *report.more)),
        "<h2>Curves</h2>",
        f'<div class="row">{"".join(_curve(history, n, told(n, record.outputs)) for n in _shown(history))}</div>',
    ]
    targets = {t.name: t for t in facts.targets}
    for scored in (report.scored, *report.more):
        target = targets.get(scored.target, facts.target)
        if scored.confusion is not None and target is not None:
            of = f" of {_text(scored.target)}" if scored.target else ""
            parts += [f"<h2>Confusion{of}</h2>", _confusion(scored.confusion, target.classes)]
    parts += ["<h2>Data</h2>", _data(report), "<h2>Model</h2>", _model(report)]
    if report.pictures:
        figures = (
            f'<figure><img src="{_text(file)}" alt=""><figcaption>{_text(caption)}</figcaption></figure>'
            for file, caption in report.pictures
        )
        parts += ["<h2>The pages</h2>", *figures]
    body = "\n".join(parts)
    title = _text(report.project.name)
    return (
        f'<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>{title}</title>\n'
        f"<style>{_STYLE}</style>\n{body}\n</html>\n"
    )


def _text(value: object) -> str:
    return html.escape(str(value), quote=True)


def _scores(scored: Scored) -> str:
    rows = "".join(f"<tr><td>{_text(k)}</td><td class=n>{v:.4g}</td></tr>" for k, v in scored.values.items())
    base = scored.baseline
    rows += f'<tr><td class="muted">{_text(base.text)}</td><td class="n muted">{base.value:.4g}</td></tr>'
    of = f" of {_text(scored.target)}" if scored.target else ""
    return f"<h2>Scores{of} on {scored.rows:,} {_text(scored.part)} rows</h2><table>{rows}</table>"


def _shown(history: History) -> list[str]:
    """The training columns that have a curve worth drawing, the loss first, then the metrics of the outputs."""
    names = [n for n in history.epochs.names if not n.startswith("val_") and n != "learning_rate"]
    several = any(parted(n)[0] for n in names)
    order = sorted(names, key=lambda n: (n != "loss", parted(n)[1] == "loss"))
    return order[: 6 if several else 3]


def _curve(history: History, name: str, title: str) -> str:
    """Train and validation over the epochs as one small SVG with its labels at the line ends."""
    lines = [(n, history.epochs[n]) for n in (name, f"val_{name}") if n in history.epochs]
    finite = np.concatenate([y[np.isfinite(y)] for _, y in lines])
    if not len(finite):
        return ""
    low, high = float(finite.min()), float(finite.max())
    span = (high - low) or 1.0
    width, height, right = 300, 180, 70
    drawn = []
    for (label, y), color in zip(lines, _COLORS, strict=False):
        x = np.linspace(0, width, max(len(y), 2))[: len(y)]
        points = [
            (float(a), height - (float(b) - low) / span * height) for a, b in zip(x, y, strict=True) if np.isfinite(b)
        ]
        if not points:
            continue
        path = " ".join(f"{a:.1f},{b:.1f}" for a, b in points)
        drawn.append(f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="1.6"/>')
        end = points[-1][1]
        word = "validation" if label.startswith("val_") else "train"
        drawn.append(f'<text x="{width + 6}" y="{end + 4:.1f}" font-size="12" fill="{color}">{word}</text>')
    scale = f'<text x="0" y="-6" font-size="11" fill="#7b8794">{high:.3g}</text>'
    scale += f'<text x="0" y="{height + 14}" font-size="11" fill="#7b8794">{low:.3g}</text>'
    return (
        f'<figure><svg viewBox="-4 -20 {width + right} {height + 40}" width="{width + right}" height="{height + 40}">'
        f"{scale}{''.join(drawn)}</svg><figcaption>{_text(title)} by epoch</figcaption></figure>"
    )


def _confusion(matrix: np.ndarray[Any, Any], classes: Sequence[str]) -> str:
    """Rows are the true classes, columns the answers; shade by share of the row."""
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    head = "".join(f"<th>{_text(c)}</th>" for c in classes)
    rows = []
    for i, name in enumerate(classes):
        cells = "".join(
            f'<td style="background:rgba({"47,111,222" if i == j else "217,80,46"},{shares[i, j] * 0.85:.2f})">'
            f"{int(matrix[i, j]) or ''}</td>"
            for j in range(len(classes))
        )
        rows.append(f"<tr><th>{_text(name)}</th>{cells}</tr>")
    table = f'<table class="matrix"><tr><th></th>{head}</tr>{"".join(rows)}</table>'
    return table + '<p class="muted">Rows: truth. Columns: answer.</p>'


def _data(report: Report) -> str:
    data, facts = report.project.data, report.facts
    counts = ", ".join(f"{n:,} {part}" for part, n in facts.rows.items())
    rows = [("Source", f"{data.source}: {data.path}" if data else "none"), ("Rows", counts)]
    rows += [("Input", f"{i.name} {' × '.join(map(str, i.shape))}") for i in facts.inputs]
    for target in facts.targets:
        classes = f" ({', '.join(target.classes[:12])})" if target.classes else ""
        if rebuilds(target):
            rows.append(("Task", f"rebuilds its input, {' × '.join(map(str, target.shape))}"))
            continue
        rows.append(("Target", f"{target.name}, {target.task}{classes}"))
    if report.project.recipe:
        rows.append(("Cleaning", ", ".join(s.kind.replace("_", " ") for s in report.project.recipe if s.enabled)))
    return _table(rows)


def _model(report: Report) -> str:
    train, record = report.project.train, report.record
    settings = ", ".join(f"{k.replace('_', ' ')} {_setting(v)}" for k, v in train.optimizer_params.items())
    rows = [
        ("Parameters", f"{record.parameters:,}"),
        *_losses(report),
        ("Optimizer", train.optimizer + (f" ({settings})" if settings else "")),
        ("Batch size", str(train.batch_size)),
    ]
    graph = report.project.graph
    for node in graph.nodes:
        whole = owner(graph, node)
        said = node.kind + (f" {dict(node.params)}" if node.params else "")
        rows.append((node.name, said if whole is node else f"{node.kind}: the layer of {whole.name} once more"))
    return _table(rows)


def _losses(report: Report) -> list[tuple[str, str]]:
    if not report.facts.more:
        return [("Loss", report.record.loss)]
    return [(f"Loss of {e.target.name}", e.loss.replace("_", " ")) for e in ends(report.project, report.facts)]


def _setting(value: Json) -> str:
    """A number as it is; a schedule by its name and numbers."""
    if not isinstance(value, Mapping):
        return str(value)
    inner = ", ".join(f"{k.replace('_', ' ')} {_setting(v)}" for k, v in (value.get("params") or {}).items())
    return f"{value.get('kind', '')}({inner})"


def _table(rows: Sequence[tuple[str, str]]) -> str:
    return "<table>" + "".join(f"<tr><td>{_text(a)}</td><td>{_text(b)}</td></tr>" for a, b in rows) + "</table>"
