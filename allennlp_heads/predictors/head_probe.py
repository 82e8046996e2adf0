"""Predictor that shows what single attention heads do with a sentence."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Optional

import torch
from allennlp.common import JsonDict
from allennlp.common.checks import ConfigurationError
from allennlp.common.util import sanitize
from allennlp.data import Batch, DatasetReader, Field, Instance, Token
from allennlp.data.dataset_readers import MultiTaskDatasetReader
from allennlp.data.fields import MetadataField, TextField
from allennlp.models import Model
from allennlp.nn.util import move_to_device
from allennlp.predictors import Predictor

from allennlp_heads.analysis.probing.examples import Item
from allennlp_heads.collect import encoder_of, word_heads
from allennlp_heads.collect.probing.items import text_of, words_of
from allennlp_heads.collect.probing.options import CENTROID_KINDS
from allennlp_heads.collect.probing.passes import word_tokens
from allennlp_heads.data.token_indexers import TransformerPiecesIndexer
from allennlp_heads.predictors.chosen_heads import ChosenHeads, chosen_by_hand, chosen_by_probe
from allennlp_heads.predictors.head_predictor import reader_of
from allennlp_heads.predictors.inputs import WordSplitter, checked_object, short
from allennlp_heads.predictors.numbered_lines import NumberedLines
from allennlp_heads.predictors.probed_model import probed_model
from allennlp_heads.predictors.shown_head import HeadPlace, Sentence, nearest_labels, pointing
from allennlp_heads.reports.files import atomic_write, read_report
from allennlp_heads.reports.probing.files import SCHEMA, VERSION, probe_file, read_probe

_SPAN_KINDS = ("span_ner", "constituency")
_SPANS = "spans to label"


@Predictor.register("head_probe")
class HeadProbePredictor(NumberedLines):
    """
    Shows what the heads that a probe has chosen, or any others, do with a sentence: where the
    attention of each word is highest (heads chosen by the probes `dependency` and `srl`, and heads
    named by hand), or which label is nearest to what the head computes for a word or span (chosen
    by `tagger`, `span_ner` and `constituency`).

    Works with every model that has a `gated_transformer`, whatever its tasks. Input is
    `{"sentence": "raw text"}` or `{"words": [...]}`, in models and probes of several tasks with
    `"task"`; for `span_ner` and `constituency` also `"spans": [[start, end], ...]`. With
    `--use-dataset-reader`, labelled sentences, whose gold then stands beside. Positions of words
    count from 0, ends are inclusive, and `"root"` is ROOT, the special token in front.

    The output has `task`, the probe's `kind`, `probed` (see below), `words` and `heads`: for each
    head `layer` and `head`, counted from 0, the `labels` it was chosen for, and either

    - `points_at`: `{"position", "word", "to", "text", "weight"}` for each word, and with gold, of
      its labels only, `gold`: `{"label", "head", "start", "end", "correct"}`; or
    - `nearest`: `{"start", "end", "text", "label", "similarity"}` for each word or span, and with
      gold `gold` and `correct`.

    A probe has something to say of the model that was probed alone. `probed` says of which that
    was: its `encoder` and `trained_tasks`, and as `same_weights` `true` where the digests of
    both encoders are equal, `"unknown"` where the report has none: then a warning is logged, too.

    Registered as a `Predictor` with name `"head_probe"`.

    # Parameters

    model : `Model`
    dataset_reader : `DatasetReader`
        The task's reader, or the reader of all tasks; with the token indexer `transformer_words`.
    probe : `str`, optional (default = `None`)
        A `probe.json` or its folder, as the callback `head_probe` and `allennlp heads probe` write
        it.
    heads : `List[List[int]]`, optional (default = `None`)
        Instead of `probe`: pairs of layer and head, counted from 0 as in the pretrained encoder.
    task : `str`, optional (default = `None`)
        Of inputs that name none. By default the only one.
    pictures : `str`, optional (default = `None`)
        A folder for SVG pictures, one for each sentence and head, such as
        `0001.dep.layer3_head9.svg`, in which all is counted from 1; the output names them under
        `picture`.
    language : `str`, optional (default = `"en"`)
        spaCy's code of the language of raw sentences.
    frozen : `bool`, optional (default = `True`)
        Whether the model is put into evaluation mode.
    unknown : `Any`
        Anything else is refused with the names that there are.

    Raises `ConfigurationError` unless either `probe` or `heads` is given and fits the model, for
    inputs without words or of an unknown task, for readers that split text into pieces and not into
    words, and where an encoder returns no attention weights.
    """

    def __init__(
        self,
        model: Model,
        dataset_reader: DatasetReader,
        probe: Optional[str] = None,
        heads: Optional[list[list[int]]] = None,
        task: Optional[str] = None,
        pictures: Optional[str] = None,
        language: str = "en",
        frozen: bool = True,
        **unknown: Any,
    ) -> None:
        super().__init__(model, dataset_reader, frozen=frozen)
        _check_arguments(unknown, probe=probe, task=task, pictures=pictures, language=language)
        if (probe is None) == (heads is None):
            raise ConfigurationError(
                "the predictor 'head_probe' shows either the heads that a probe has chosen or "
                'those that you name: give --predictor-args \'{"probe": "<folder of probe.json>"}\''
                " or '{\"heads\": [[<layer>, <head>], ...]}'"
            )
        self._encoder = encoder_of(model)
        self._probed: JsonDict = {}
        self._chosen = self._by_task(probe, heads)
        only = next(iter(self._chosen)) if len(self._chosen) == 1 else None
        self._default = only if task is None else self._checked(task)
        self._pictures = None if pictures is None else Path(pictures)
        self._splitter = WordSplitter(language)
        self._count = 0

    def predict_instance(self, instance: Instance) -> JsonDict:
        """Show one instance, from JSON or from a reader."""
        return self.predict_batch_instance([instance])[0]

    def predict_batch_instance(self, instances: list[Instance]) -> list[JsonDict]:
        """Show instances of any tasks; those of one task together. Outputs in their order."""
        places: dict[Optional[str], list[int]] = defaultdict(list)
        for place, instance in enumerate(instances):
            places[self._task_of(instance)].append(place)
        outputs: dict[int, JsonDict] = {}
        for task, own in places.items():
            for place, sentence in zip(own, self._sentences(task, [instances[i] for i in own])):
                number = self._count + place + 1
                outputs[place] = sanitize(self._output(task, sentence, number))
        self._count += len(instances)
        return [outputs[place] for place in range(len(instances))]

    def _json_to_instance(self, json_dict: JsonDict) -> Instance:
        inputs = checked_object(json_dict)
        task = self._checked(inputs.get("task", self._default))
        words = self._splitter.words_of(inputs)
        fields: dict[str, Field] = {"tokens": TextField([Token(word) for word in words])}
        if task is not None:
            fields["task"] = MetadataField(task)
        kind = self._chosen[task].kind
        if kind in _SPAN_KINDS:
            fields[_SPANS] = MetadataField(_checked_spans(inputs.get("spans"), len(words), kind))
        elif "spans" in inputs:
            raise ConfigurationError(
                f"'spans' is in the input {short(inputs)}, but only probes of the kinds "
                f"{' and '.join(_SPAN_KINDS)} label spans: leave it out"
            )
        return Instance(fields)

    def _output(self, task: Optional[str], sentence: Sentence, number: int) -> JsonDict:
        chosen = self._chosen[task]
        show = nearest_labels if chosen.kind in CENTROID_KINDS else pointing
        heads = []
        for (layer, head), labels in chosen.labels.items():
            column = self._encoder.kept_heads[layer].index(head)
            shown = show(chosen, sentence, HeadPlace(layer, head, column))
            about: JsonDict = {"layer": layer, "head": head, "labels": list(labels), **shown.output}
            if self._pictures is not None:
                place = f"layer{layer + 1}_head{head + 1}"
                name = ".".join([f"{number:04d}", *([task] if task else []), place])
                title = f"{task or 'attention'}: layer {layer + 1}, head {head + 1}"
                title += f", chosen for {', '.join(labels)}" if labels else ""
                path = self._pictures / f"{name}.svg"
                with atomic_write(path) as file:
                    file.write(shown.picture([title, shown.legend]).encode())
                about["picture"] = str(path)
            heads.append(about)
        known = {"task": task, "kind": chosen.kind}
        named = {key: value for key, value in known.items() if value is not None}
        return {**named, **self._probed, "words": sentence.words, "heads": heads}

    def _sentences(self, task: Optional[str], instances: list[Instance]) -> list[Sentence]:
        """What the encoder's heads compute for sentences of one task."""
        chosen = self._chosen[task]
        contexts = chosen.kind in CENTROID_KINDS
        with torch.no_grad():
            found = word_heads(
                self._encoder, self._tokens(task, instances), contexts, not contexts, task
            )
        return [
            Sentence(words_of(one), *_items(chosen, one), found, row)
            for row, one in enumerate(instances)
        ]

    def _tokens(self, task: Optional[str], instances: list[Instance]) -> dict[str, torch.Tensor]:
        reader = self._dataset_reader
        if isinstance(reader, MultiTaskDatasetReader) and task is not None:
            reader = reader_of(reader, task)
        for instance in instances:
            reader.apply_token_indexers(instance)
            indexers = text_of(instance).token_indexers.values()
            if any(isinstance(indexer, TransformerPiecesIndexer) for indexer in indexers):
                raise ConfigurationError(
                    f"the reader of {f'the task {task!r}' if task else 'this model'} splits text "
                    "into pieces ('transformer_pieces'), but 'head_probe' takes words only: use it "
                    "with a task whose reader has the indexer 'transformer_words'"
                )
        batch = Batch([Instance({"tokens": text_of(instance)}) for instance in instances])
        batch.index_instances(self._model.vocab)
        device = next(self._encoder.parameters()).device
        return word_tokens(move_to_device(batch.as_tensor_dict()["tokens"], device))

    def _by_task(
        self, probe: Optional[str], heads: Optional[list[list[int]]]
    ) -> dict[Optional[str], ChosenHeads]:
        """`None`: the only task of a model whose tasks have no names."""
        if probe is not None:
            path = probe_file(probe)
            if not path.exists():
                folder = path.parent if path.suffix == ".json" else path
                raise ConfigurationError(
                    f"'probe': there is no {path}: write it with 'allennlp heads probe <archive of "
                    f"this model> -o {folder}'"
                )
            found: dict[Optional[str], ChosenHeads] = {
                task: chosen_by_probe(self._encoder, result, task)
                for task, result in read_probe(probe).items()
            }
            report = read_report(path, SCHEMA, VERSION)
            self._probed = {"probed": probed_model(report, self._model, path)}
            return found
        chosen, reader = chosen_by_hand(self._encoder, heads), self._dataset_reader
        if isinstance(reader, MultiTaskDatasetReader):
            return {task: chosen for task in reader.readers}
        return {None: chosen}

    def _task_of(self, instance: Instance) -> Optional[str]:
        field = instance.fields.get("task")
        return self._checked(field.metadata if isinstance(field, MetadataField) else self._default)

    def _checked(self, task: Any) -> Optional[str]:
        if not isinstance(task, (str, type(None))) or task not in self._chosen:
            names = [name for name in self._chosen if name is not None]
            problem = "names no task" if task is None else f"is of the task {task!r}"
            raise ConfigurationError(
                f"an input of the predictor 'head_probe' {problem}, and there are heads to show "
                + (f"for {names}: give one of these as 'task'" if names else "for no named task")
            )
        return task


def _check_arguments(unknown: Mapping[str, Any], **strings: Optional[str]) -> None:
    if unknown:
        known = ["probe", "heads", "task", "pictures", "language", "frozen"]
        raise ConfigurationError(
            f"--predictor-args: 'head_probe' knows no {sorted(unknown)}: choose from {known}"
        )
    for name, value in strings.items():
        if not isinstance(value, (str, type(None))):
            raise ConfigurationError(f"--predictor-args: '{name}' is {value!r}: give a string")


def _items(chosen: ChosenHeads, instance: Instance) -> tuple[Optional[Sequence[Item]], bool]:
    """What to look at in an instance, and whether that is gold."""
    asked = instance.fields.get(_SPANS)
    if isinstance(asked, MetadataField):
        return [Item("", start + 1, start + 1, end + 1) for start, end in asked.metadata], False
    gold = chosen.items(instance)
    return gold, gold is not None


def _checked_spans(spans: Any, length: int, kind: Optional[str]) -> list[tuple[int, int]]:
    try:
        checked = [(start, end) for start, end in spans]
        inside = all(
            type(start) is type(end) is int and 0 <= start <= end < length for start, end in checked
        )
    except (TypeError, ValueError):
        inside = False
    if not inside:
        raise ConfigurationError(
            f"'spans' of the input is {short(spans)}: heads probed for '{kind}' label spans, so "
            f"give a list of [start, end], words counted from 0 to {length - 1}, ends inclusive"
        )
    return checked
