"""The verbs of this project, which are imported when they are wanted."""

SHIPPED = {
    "check": "Check whether the installed versions can work together.",
    "compare": "Compare the scores of runs, task by task, with tests and budgets.",
    "dissociate": "Score every task without the heads most important to each task.",
    "embed": "Embed tasks as vectors, to rank which task helps which.",
    "fewshot": "Compare trained models by what they learn from a few examples of a new task.",
    "grid": "Train many runs, as many at a time as fit, and go on after a stop or a kill.",
    "importance": "Compute how much each attention head matters to each task.",
    "overlap": "Compare the heads that the gates of several runs open.",
    "probe": "Find the head that does each label of a task best, without training anything.",
    "probe-compare": "Compare the probes of several runs, label by label.",
    "prune": "Remove the heads that gates have closed, and write the smaller model.",
    "rank": "Rank source tasks for each target task, and evaluate or use the ranking.",
    "report": "Write one page with everything that runs and their analyses hold.",
    "search": "Find good hyper-parameters of a configuration by trying, with Optuna.",
    "similarity": "Correlate the dissociation of tasks with a similarity of the tasks.",
    "submission": "Predict GLUE's test files or SQuAD's questions and write what benchmarks take.",
    "transfer": "Measure how much fine-tuning on one task first helps another, for all pairs.",
    "validate": "Summarise a configuration and find its mistakes before training.",
}
"""
What each verb does, in a sentence for `allennlp heads --help`. The verb `probe-compare` is
registered by the module `probe_compare` beside this one, and so on.
"""
