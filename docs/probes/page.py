"""The part of `docs/results.md` about probes of single heads."""

from __future__ import annotations

from docs.probes import tables, verdicts
from docs.probes.comparisons import Results
from docs.probes.tables import RARE, UNSEEN
from docs.runs.tables import minutes, origin

_READING = """Nothing is trained here to read heads: for each label (a tag, an entity or phrase
type, a relation, a role) the head that does it best on other sentences is scored on the test
sentences. For POS, NER and CON (lowest phrases) a head says the label whose centroid is nearest to
its context, the attended values of a word or span; centroids come from the training sentences, and
the development sentences choose. For DEP and SRL a head is right where its attention is highest on
the gold word, from either of the two; training and development sentences choose.

*static* is the pretrained encoder as it came, *STL* is trained for the task alone, *MTL-5* for all
five together ({sentences} sentences of each task, {epochs} epochs, seeds {seeds}). Accuracies are
means over seeds, in brackets 95 % intervals of the bootstrap over sentences, the encoders and their
heads as given. Beside them:

- *random head* (static / STL / MTL-5): the mean over all heads;
- *best offset*: always the word at one distance, the best one for the label; *majority*: one
  distance for all labels or, where heads say labels, always the most frequent one;
- *random weights*: the encoder before any training, its best head chosen just so;
- *control* (static / STL / MTL-5): the same with random labels, one for each word form (Hewitt and
  Liang 2019); what is not above it says nothing about the label;
- *p*: static and MTL-5 against STL on the same items (approximate randomisation of sentences,
  {rounds:,} exchanges, two-sided), after Holm's correction for all tests in the table or, in the
  tables of labels, in the column.

{rare} marks labels with fewer than {few} scored items, {unseen} labels that occur in no sentence to
choose by and get the head that is best for all labels together."""

_TREES = """Words alone flatter. Scores of the best tree that one head's attention makes (head and
direction chosen as above, both from 1; in brackets the intervals of all seeds together), beside
trees that look at no word at all, in which every word depends on the one to its left, or right:"""

_BEATEN = """Frequent labels at which a baseline does at least as well as the chosen head:"""

_TRANSDUCTIVE = """The first seed took centroids, heads and scores from the same test sentences. The
same encoders probed that way: accuracy held out, and how much higher it is with the *same*
sentences for everything; in the mean over labels also for frequent and rare ones apart."""

_PAIRS = """Two tasks trained together, mean over labels:"""


def section(results: Results, images: str) -> list[str]:
    """
    The lines of the section.

    # Parameters

    results : `Results`
        At least one record of held-out probes.
    images : `str`
        Link to the folder of the pictures.

    Raises `ValueError` where systems were not scored on the same items.
    """
    lines = ["## Probes of single heads: static, STL and MTL-5", ""]
    lines += [*_reading(results), "", *tables.overall_table(results), ""]
    lines += verdicts.against_the_study(results)
    lines += [_BEATEN, "", *verdicts.beaten(results)]
    if pairs := tables.pairs_table(results):
        lines += [_PAIRS, "", *pairs, ""]
    both = {task: found for task in results.tasks if (found := results.both(task))}
    if both:
        lines += [*_TRANSDUCTIVE.splitlines(), "", *tables.transductive_table(both), ""]
        lines += [verdicts.about_transductive(both), ""]
    for task in results.tasks:
        lines += _task(results, task, images)
    return [*lines, *_runs(results), *origin(results.records.values())]


def _reading(results: Results) -> list[str]:
    budget = next(iter(results.records.values()))["budget"]
    seeds = sorted({r["seed"] for r in results.records.values() if r["seed"] is not None})
    first = next(iter(results.groups(results.tasks[0]).values()))[0]
    return _READING.format(
        sentences=budget["sentences"] or "all",
        epochs=budget["epochs"],
        seeds=", ".join(map(str, seeds)),
        rounds=results.rounds,
        rare=RARE,
        few=first.options["rare"],
        unseen=UNSEEN,
    ).splitlines()


def _task(results: Results, task: str, images: str) -> list[str]:
    groups = results.groups(task)
    lines = [f"### Probes of {task.upper()}", "", *tables.label_table(results, task), ""]
    if trees := tables.trees_table(results, task):
        lines += [*_TREES.splitlines(), "", *trees, ""]
    if len(groups) > 1 and results.compared(task) is not None:
        lines += [f"![difference to STL of every label]({images}/{task}.strip.png)", ""]
    first = next(iter(groups))
    return [*lines, f"![layer and accuracy of every label, {first}]({images}/{task}.png)", ""]


def _runs(results: Results) -> list[str]:
    every = list(results.records.values())
    lines = [f"- all {len(every)} runs: {minutes(every)}"]
    for system in dict.fromkeys(record["system"] for record in every):
        runs = [record for record in every if record["system"] == system]
        lines.append(f"- {system}: {len(runs)} run{'s' * (len(runs) > 1)}, {minutes(runs)}")
    return lines
