"""The part of `docs/results.md` about transfer between tasks and what predicts it."""

from __future__ import annotations

from allennlp_heads.analysis.transfer.renamings import MOST
from docs.runs.tables import in_words
from docs.transfer import study, tables, verdicts
from docs.transfer.comparisons import TESTED, Results
from docs.transfer.plan import MARGINS, MEASURES, SETTINGS, TASK, task_title, title_of
from docs.transfer.shared_texts import LEAST_WORDS, LIMIT
from docs.transfer.study import published_sizes

_READING = """The study (Vu et al. 2020, *Exploring and Predicting Transferability across NLP
Tasks*) fine-tunes BERT on one of 33 tasks, then on another, and asks which embedding of tasks tells
beforehand which source is best. Here {tasks} tasks of {classes} classes are sources and targets of
one another, both LIMITED: {sentences} training examples, drawn anew for each of {restarts}
restarts, and {dev} development examples, the same for all, on which nothing is chosen. Every
fine-tuning has a new head and sees its examples {epochs} times, in batches of {batch}; {cells} of
{every} of them are done. {shared}
**Scores cannot be compared with the study's as such**: the data is cut, the encoder is smaller, the
training short. An accuracy on {dev} examples has a standard error of up to {error:.1f} points for
the choice of examples. Two sources of one target are scored on the same ones: their difference has
an error of {independent:.1f} points if they were independent, and less the more they agree. To this
comes what differs between restarts, see below. So "the best source" is partly chance.

*TextEmb* is the mean of the pretrained encoder's last layer over the texts; *TaskEmb* the Fisher
information of each example for what layers and heads compute; *importance* and *gate Fisher* are
one number a head: the mean size and the mean square of the gradient of its gate. All are of the
first restart's source models and training examples. A source is ranked by its cosine to the target;
several components are fused by reciprocal ranks (k = 60), kinds (as in Text+Task) once more.
*Random* takes all orders alike: its values are exact. *Data size (of the cut files)* ranks by the
training examples in the files that were cut for this experiment, which says little of how large a
task's data is; *data size (as published)* by the whole sets of the study (its DATASIZE), for the
{published} of {tasks} tasks here that are cut from these, the others last; neither by the
{sentences} used. *Curve gradient* by how steep the second half
of the source's own learning curve is: that of the target is the same for all of its sources.

NDCG has the target's points (0 to 100) as relevance and counts the whole ranking; *rank of the
best* is the place given to the truly best source, 1 at best. Intervals of 95 % are of the bootstrap
over targets ({draws:,} draws), the measured matrix as given. p against random rankings is
one-sided: how often the same scores rank as well when the tasks' names in them are exchanged at
random ({renamings:,} times, or in all ways where there are fewer), so that sources which help every
target alike count as one finding. p between methods is two-sided, of the exact signed-rank test
over targets. p (Holm) is corrected for all tests that answer the same question, of both measures
together: those against random rankings, those of the embeddings of heads against TaskEmb, and those
of the other methods against TaskEmb. *Better* and *worse* are said at the level {level}; *as well*
where the interval leaves out a loss beyond a margin that was set before the experiment: {ndcg:g} in
NDCG, {rank:g} place of the best source, but never more than half of what TaskEmb is ahead of random
rankings, here {margins}."""

_RESTARTS = """A ranking evaluated on one restart at a time, mean over restarts. *{other}*: the
ranking by what they measured, which has noise of its own: how much of the scores comes back."""

_CHOICES = """What the source that a method ranks first does to the target (the first in the table's
order where several are equal; *truly best* is the mean over them), beside the study's TaskEmb in
FULL -> LIMITED, read off its Figure 2 to about 0.3 points:"""

_FACTORS = """Least squares of the gain over all cells, every target with an intercept of its own;
in brackets 95 % intervals of the bootstrap over targets. The similarity of a kind is the mean
cosine of its components; the size is that of the file as it was cut for this experiment, not of the
published data:"""


def section(results: Results, pictures: str) -> list[str]:
    """
    The lines of the section.

    # Parameters

    results : `Results`
    pictures : `str`
        Link to the folder of the pictures.
    """
    lines = ["## Which task helps which, and what tells beforehand", "", *_reading(results), ""]
    lines += ["### What can be said", "", *verdicts.answer(results)]
    lines += [*verdicts.about_chance(results), *verdicts.about_others(results)]
    lines += [*verdicts.about_transfer(results), ""]
    lines += [*_measured(results, pictures), *_rankings(results, pictures)]
    lines += [*_choices(results, pictures), *_similarities(results, pictures)]
    return [*lines, *_factors(results), *_origin(results)]


def _reading(results: Results) -> list[str]:
    record, matrix = results.record, results.matrix
    budget, tasks = record["budget"], len(matrix.tasks)
    every = matrix.direct.size + tasks * (tasks - 1) * record["restarts"]
    error = 50 / max(record["dev_examples"].values()) ** 0.5
    dev = max(record["dev_examples"].values())
    return _READING.format(
        tasks=tasks,
        classes=len(set(results.classes)),
        sentences=budget["sentences"],
        restarts=record["restarts"],
        dev=dev,
        epochs=budget["epochs"],
        batch=budget["batch_size"],
        every=every,
        cells=every - len(results.measured.missing),
        shared=_shared(results),
        published=len(published_sizes().keys() & set(matrix.tasks)),
        error=error,
        independent=2**0.5 * error,
        draws=results.draws,
        renamings=min(results.draws, MOST),
        level=verdicts.LEVEL,
        ndcg=MARGINS["ndcg"],
        rank=MARGINS["best_rank"],
        margins=_margins(results),
    ).splitlines()


def _shared(results: Results) -> str:
    counted = "Counted by sentences of at least"
    text = f"{counted} {LEAST_WORDS} words, no target's scored data has more than {100 * LIMIT:g} %"
    text += " of examples with a text of a source's training data"
    if not results.shared:
        return f"{text}."
    cells = ", ".join(
        f"{task_title(source)} to {task_title(target)} ({100 * share:.1f} %)"
        for source, target, share in results.shared
    )
    return f"{text}, but for these pairs, which are left out of everything below: {cells}."


def _margins(results: Results) -> str:
    if TASK not in results.evaluations:
        return "none, since there is no TaskEmb"
    found = {name: results.margin(name) for name in TESTED}
    return " and ".join(f"{margin:.3g} in {MEASURES[name]}" for name, margin in found.items())


def _measured(results: Results, pictures: str) -> list[str]:
    lines = ["### The measured transfer", "", *tables.targets_table(results), ""]
    lines += ["Mean gain over targets (columns) by the best source of a class (rows), in brackets"]
    lines += ["how many targets gain by it; the best of several is high by chance alone:", ""]
    theirs = ", ".join(f"{name} {100 * gain:.1f} %" for name, gain in study.WITHIN_CLASS.items())
    lines += [*tables.classes_table(results), ""]
    lines += [
        f"The study's, FULL -> LIMITED within a class, as far as its Figure 2 shows: {theirs}."
    ]
    lines += ["", f"![gain of every target by every source]({pictures}/gains.png)", ""]
    if restarts := tables.restarts_table(results):
        text = _RESTARTS.format(other=tables.OTHER_RESTARTS)
        lines += [*text.splitlines(), "", *restarts, ""]
    return lines


def _rankings(results: Results, pictures: str) -> list[str]:
    lines = ["### Rankings of all sources", ""]
    lines += [*tables.methods_table(results, results.evaluations), ""]
    lines += tables.unscored_line(results)
    if results.within:
        within = tables.methods_table(results, results.within, with_tests=False)
        lines += ["Among sources of the target's own class:", "", *within, ""]
    for rows, title in (
        (results.about_heads, "A number for each head against TaskEmb:"),
        (results.about_others, "Other methods against TaskEmb:"),
    ):
        if rows:
            lines += [title, "", *tables.against_table(rows), ""]
    if results.layers is not None:
        lines += [f"![NDCG of every layer's components]({pictures}/layers.png)", ""]
    return lines


def _choices(results: Results, pictures: str) -> list[str]:
    lines = ["### What the first choice is worth", "", *_CHOICES.splitlines(), ""]
    lines += [*tables.choices_table(results), ""]
    if results.leading is not None:
        name = title_of(results.leading)
        lines += [f"![targets, sources and the choice of {name}]({pictures}/violin.png)", ""]
        lines += [f"![ranks given by {name} against true ranks]({pictures}/ranks.png)", ""]
    return lines


def _similarities(results: Results, pictures: str) -> list[str]:
    lines: list[str] = []
    for kind in results.kinds:
        lines += [f"![similarity by {kind}]({pictures}/similarity.{kind}.png)", ""]
    if results.leading is not None:
        lines += [f"![tasks joined with the most similar ones]({pictures}/graph.png)", ""]
    return ["### Which tasks are alike", "", *lines] if lines else []


def _factors(results: Results) -> list[str]:
    matrix = results.matrix
    relative = results.factors(matrix.gains)
    points = results.factors(matrix.performance - matrix.baseline)
    if relative is None or points is None:
        return []
    lines = ["### What goes with the gain", "", *_FACTORS.splitlines(), ""]
    return [*lines, *tables.factors_table(relative, points), ""]


def _origin(results: Results) -> list[str]:
    record = results.record
    spent = ", ".join(f"{stage} {minutes:.1f}" for stage, minutes in record["minutes"].items())
    made = record["updates"]
    updates = ", ".join(f"{task_title(t)} {made[t]}" for t in results.matrix.tasks if t in made)
    lines = [
        f"- encoder: {record['encoder']}",
        f"- hardware: {record['hardware']}; minutes of one process: {spent}",
        f"- budget: {in_words(record['budget'])}; updates: {updates}",
        f"- versions: {in_words(record['versions'])}",
    ]
    for setting in SETTINGS:
        found = results.embeddings.get(setting)
        if found is None:
            lines.append(f"- not embedded: `{setting}`")
            continue
        sizes = [size / 1000 for size in found["bytes"].values()]
        components = found["components"].values()
        lines.append(
            f"- embeddings `{setting}`: {len(components)} components of "
            f"{sum(one['size'] for one in components):,} numbers, "
            f"{max(sizes, default=0):,.0f} kB a task; options {in_words(found['options'])}"
        )
        for task, reasons in found["left_out"].items():
            why = "; ".join(f"{name}: {reason}" for name, reason in reasons.items())
            lines.append(f"- left out of {task_title(task)} in `{setting}`: {why}")
    return [*lines, "", "```bash", record["command"], "```", ""]
