#!/usr/bin/env bash
# `make demo`: trains a small gated model on generated text, scores it on the test file, predicts a
# few raw sentences, writes a page about the run, and says where the archive and the page are.
set -euo pipefail
cd "$(dirname "$0")/.."

OUT=${1:-out/demo}
# Always the generated text, whatever data folder is set.
unset HEADS_DATA
export ALLENNLP_LOG_LEVEL=${ALLENNLP_LOG_LEVEL:-ERROR} TOKENIZERS_PARALLELISM=false
# Threads that wait do not spin, which costs minutes where other programs use the same cores.
export OMP_WAIT_POLICY=passive
export PYTHONWARNINGS=${PYTHONWARNINGS:-ignore}

echo "Training training_configs/demo.jsonnet into $OUT (a few minutes)"
allennlp-heads train training_configs/demo.jsonnet -s "$OUT" --force
allennlp-heads evaluate "$OUT/model.tar.gz" fixtures/ewt/test.conllu \
	--output-file "$OUT/test.json" > /dev/null
allennlp-heads predict "$OUT/model.tar.gz" fixtures/demo.jsonl \
	--output-file "$OUT/predictions.jsonl" --silent > /dev/null
allennlp-heads heads report "$OUT" -o "$OUT/report.html" --force > /dev/null
python training_configs/demo_summary.py "$OUT"
