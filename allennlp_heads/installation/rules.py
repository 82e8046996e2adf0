"""
Which combinations cannot work, and what to do. The rules about torchvision, transformers and
huggingface_hub were found by installing the versions that they name beside the tested torch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from .stack import Finding, Stack, build, normalise, release, satisfies, split_requirement

TESTED_PYTHON = (3, 11)
OLDEST_PYTHON = (3, 10)

WITHOUT_DEPENDENCIES = ("allennlp", "fairscale", "torchvision")
"""What pip cannot resolve beside today's torch, so that no requirement names it."""


def check(stack: Stack) -> list[Finding]:
    """
    Applies every rule.

    # Parameters

    stack : `Stack`
        An installation, real (see `this_stack`) or made up.

    # Returns

    `list[Finding]`
        Empty where nothing is to be said. The installation can work unless one is a `"problem"`.
    """
    findings = list(check_python(stack))
    if any(finding.level == "problem" for finding in findings):
        return findings  # another Python means another environment, so the rest is of no use
    for rule in RULES:
        blamed = {finding.package for finding in findings if finding.level == "problem"}
        findings += [finding for finding in rule(stack) if finding.package not in blamed]
    return findings


def check_python(stack: Stack, pinned: bool = False) -> Iterator[Finding]:
    """
    A Python too old for any torch that would do; with `pinned`, also one for which the tested
    versions have no builds, so that `make venv` would fail half-way.
    """
    running = "Python " + ".".join(map(str, stack.python))
    number, tested = tuple(stack.python[:2]), ".".join(map(str, TESTED_PYTHON))
    remedy = f"make the environment with Python {tested}: make venv PYTHON=python{tested}"
    if number < OLDEST_PYTHON:
        message = f"{running} is too old: torch, numpy and scipy of today have no builds for it."
        yield Finding("problem", "python", message, remedy)
    elif number != TESTED_PYTHON and pinned:
        lacking = "torchvision" if number > TESTED_PYTHON else "numpy and scipy"
        message = f"{running}: there are no builds of the tested {lacking} for it."
        yield Finding("problem", "python", message, remedy)
    elif number != TESTED_PYTHON:
        yield Finding("note", "python", f"{running}: everything was tested on {tested} only.")


def check_allennlp(stack: Stack) -> Iterator[Finding]:
    """AllenNLP and the two packages that go in with it, without dependencies."""
    missing = [name for name in WITHOUT_DEPENDENCIES if stack.version(name) is None]
    if "torchvision" in missing:
        missing.remove("torchvision")
        message = "torchvision is missing; AllenNLP imports it at its start."
        yield Finding("problem", "torchvision", message, _torchvision_remedy(stack))
    for name in missing:
        message = f"{name} is missing; pip cannot resolve AllenNLP's pins, so nothing asks for it."
        remedy = f"pip install --no-deps {stack.pins(name)}"
        yield Finding("problem", name, message, remedy)
    version = stack.version("allennlp")
    if version and release(version) != (2, 10, 1):
        message = f"AllenNLP {version}: only its last release, 2.10.1, will do."
        remedy = f"pip install --no-deps {stack.pins('allennlp')}"
        yield Finding("problem", "allennlp", message, remedy)


def check_torchvision(stack: Stack) -> Iterator[Finding]:
    """AllenNLP imports torchvision at its start, and most pairs with torch fail right there."""
    torch, vision = stack.version("torch"), stack.version("torchvision")
    if not torch or not vision:
        return
    pair, number = f"torchvision {vision} beside torch {torch}", _matching_torchvision(torch)
    matches = release(vision)[:2] == number
    if matches and _builds_match(torch, vision):
        return
    if release(vision) < (0, 17):
        # Up to 0.16 a failure to load the compiled operators is only a warning.
        message = f"{pair}: imports without its image operators, which text does not need."
        yield Finding("note", "torchvision", message)
        return
    if matches:
        reason = "is another build (a CPU torch needs a torchvision built as +cpu)"
    elif number:
        reason = f"does not match (that torch goes with torchvision {number[0]}.{number[1]})"
    else:
        reason = "does not match"
    message = f"{pair} {reason}; import: operator torchvision::nms does not exist."
    yield Finding("problem", "torchvision", message, _torchvision_remedy(stack))


def _matching_torchvision(torch: str) -> tuple[int, int] | None:
    """torch 2.x was released with torchvision 0.(x + 15); what goes with others is not known."""
    major, minor = (*release(torch), 0, 0)[:2]
    return (0, minor + 15) if major == 2 else None


def _builds_match(torch: str, vision: str) -> bool:
    # The package registry's torchvision names no build. On Linux it is the CUDA one, whose
    # operators do not load beside a CPU torch.
    return build(torch) != "cpu" or build(vision) == "cpu"


def _torchvision_remedy(stack: Stack) -> str:
    if tuple(stack.python[:2]) <= TESTED_PYTHON:
        return f"pip install --no-deps {stack.pins('torchvision')}"
    # The tested torchvision has no build for newer Pythons, so the pair has to match there.
    matching = _matching_torchvision(stack.version("torch") or stack.tested["torch"][0])
    wanted = f"torchvision=={matching[0]}.{matching[1]}.*" if matching else "torchvision"
    return f"pip install --no-deps '{wanted}' from where torch came from, or use Python 3.11"


def check_transformers(stack: Stack) -> Iterator[Finding]:
    """What AllenNLP still finds in transformers, and the hub client that both can use."""
    remedy = f"pip install {stack.pins('transformers', 'tokenizers', 'huggingface_hub')}"
    transformers, hub = stack.version("transformers"), stack.version("huggingface_hub")
    if transformers and release(transformers) >= (4, 50):
        message = f"transformers {transformers}: AllenNLP does not import (AdamW left with 4.50)."
        yield Finding("problem", "transformers", message, remedy)
    elif transformers and release(transformers) >= (4, 44):
        message = (
            f"transformers {transformers}: AllenNLP's own pretrained_transformer tokenizers and "
            "indexers fail from 4.44 on; transformer_pieces and transformer_words work."
        )
        yield Finding("warning", "transformers", message, remedy)
    if hub and release(hub) >= (1,):
        message = (
            f"huggingface_hub {hub}: transformers 4 and AllenNLP import only with one below 1."
        )
        yield Finding("problem", "huggingface_hub", message, remedy)


def check_requirements(stack: Stack) -> Iterator[Finding]:
    """Everything else that `setup.py` asks for: there, and within its bounds."""
    if not stack.requirements:
        message = "allennlp_heads itself is not installed, so what it requires is not known."
        yield Finding("note", "allennlp_heads", message, "pip install -e .")
    for requirement in stack.requirements:
        name, bounds = split_requirement(requirement)
        version = stack.version(name)
        if version is None or not satisfies(version, bounds):
            state = "is missing" if version is None else f"{version} is not {bounds}"
            remedy = f"pip install '{name}{bounds}'"
            yield Finding("problem", name, f"{name} {state}; allennlp_heads requires it.", remedy)


def check_tested(stack: Stack) -> Iterator[Finding]:
    """Versions other than the tested ones: no failure, but what to look at first."""
    others = [
        f"{name} {stack.versions[normalise(name)]} (tested: {' or '.join(tested)})"
        for name, tested in stack.tested.items()
        if name in stack.versions and stack.versions[name].partition("+")[0] not in tested
    ]
    if others:
        yield Finding("note", "versions", f"other versions than tested: {', '.join(others)}.")


RULES: Sequence[Callable[[Stack], Iterable[Finding]]] = (
    check_allennlp,
    check_torchvision,
    check_transformers,
    check_requirements,
    check_tested,
)
"""In order of reporting. A package that one rule called a problem is left out by later ones."""
