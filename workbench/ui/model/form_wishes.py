"""What the form and the list of problems ask for, joined with the verbs that do it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.core.edits_weights import forget_weights, freeze

if TYPE_CHECKING:
    from workbench.ui.model.page import ModelPage


def join_form(page: ModelPage) -> None:
    """Once, when the page is made."""
    verbs, grouping = page.verbs, page.grouping
    form, problems = page.side.inspector, page.side.problems
    form.param_edited.connect(verbs.set_param)
    form.renamed.connect(lambda ident, name: verbs.rename(ident, name) or form.restore_name())
    form.output_bound.connect(verbs.bind_output)
    form.output_edited.connect(verbs.set_output)
    form.start.freeze_wanted.connect(lambda ids, frozen: verbs.do(freeze(ids, frozen), "Freeze" if frozen else "Thaw"))
    form.start.forget_wanted.connect(lambda ids: verbs.do(forget_weights(ids), "Forget the start weights"))
    card = form.group
    card.renamed.connect(lambda ident, name: grouping.rename(ident, name) or card.restore_name())
    card.fold_wanted.connect(grouping.fold)
    card.ungroup_wanted.connect(grouping.ungroup)
    card.repeat_wanted.connect(grouping.repeat)
    card.keep_wanted.connect(grouping.keep)
    card.coloured.connect(grouping.colour)
    card.layer_wanted.connect(page.go_to)
    form.words.written.connect(lambda ident, text: page.noting.write(ident, text, typing=True))
    form.words.coloured.connect(page.noting.colour)
    form.words.refused.connect(verbs.refused)
    problems.node_wanted.connect(page.go_to)
    problems.repair_wanted.connect(verbs.accept)
    problems.hush_wanted.connect(verbs.hush)
    problems.all_wanted.connect(verbs.hear_all)
