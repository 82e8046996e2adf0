"""
The rules about versions, on made-up installations; the command `check` in processes of its own,
where it must import nothing that may be broken.
"""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from allennlp_heads.installation import Stack, check, check_python, main, pinned_versions, report
from allennlp_heads.installation.stack import (
    normalise,
    own_requirements,
    satisfies,
    split_requirement,
)

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "allennlp_heads"
REQUIREMENTS = ("torch>=2.6", "transformers<4.50,>=4.43", "huggingface_hub<1", "conllu>=4.5")


def stack(
    changes: Mapping[str, str | None] | None = None, python: tuple[int, ...] = (3, 11, 7)
) -> Stack:
    """The tested installation with some versions changed, or taken away (`None`)."""
    tested = pinned_versions()
    versions: dict[str, str] = {name: pins[0] for name, pins in tested.items()}
    versions["torch"] += "+cpu"
    for name, version in (changes or {}).items():
        versions.pop(normalise(name), None)
        if version is not None:
            versions[normalise(name)] = version
    return Stack(versions, python, REQUIREMENTS, tested)


def levels(findings: list[report.Finding]) -> dict[str, str]:
    """Level of each finding by package."""
    return {finding.package: finding.level for finding in findings}


def test_tested_stacks_are_fine() -> None:
    # All there is to say of the main stack is that its torchvision lacks image operators.
    assert levels(check(stack())) == {"torchvision": "note"}
    newer = {name: pins[-1] for name, pins in pinned_versions().items() if len(pins) > 1}
    assert levels(check(stack(newer))) == {"torchvision": "note", "transformers": "warning"}


@pytest.mark.parametrize(
    ("changes", "package", "remedy"),
    [
        ({"allennlp": None}, "allennlp", "--no-deps allennlp==2.10.1"),
        ({"allennlp": "2.9.3"}, "allennlp", "--no-deps allennlp==2.10.1"),
        ({"fairscale": None}, "fairscale", "--no-deps fairscale=="),
        ({"torchvision": None}, "torchvision", "--no-deps torchvision==0.16.2"),
        ({"torchvision": "0.27.0"}, "torchvision", "--no-deps torchvision==0.16.2"),
        ({"torchvision": "0.17.0+cpu"}, "torchvision", "--no-deps torchvision==0.16.2"),
        # The right number, but the registry's CUDA build beside a CPU torch.
        ({"torchvision": "0.28.0"}, "torchvision", "--no-deps torchvision==0.16.2"),
        ({"torch": "2.12.0", "torchvision": "0.28.0"}, "torchvision", "--no-deps"),
        ({"torch": "3.0.0", "torchvision": "0.40.0"}, "torchvision", "--no-deps"),
        ({"torch": "2.5.1"}, "torch", "'torch>=2.6'"),
        ({"torch": None}, "torch", "'torch>=2.6'"),
        ({"transformers": "4.50.0"}, "transformers", "transformers==4.43.4"),
        ({"transformers": "5.1"}, "transformers", "tokenizers==0.19.1"),
        ({"transformers": "4.20.1"}, "transformers", "'transformers<4.50,>=4.43'"),
        ({"huggingface_hub": "1.0.0"}, "huggingface_hub", "huggingface_hub==0."),
        ({"conllu": None}, "conllu", "'conllu>=4.5'"),
    ],
)
def test_cannot_work(changes: dict[str, str | None], package: str, remedy: str) -> None:
    problems = [finding for finding in check(stack(changes)) if finding.level == "problem"]
    assert [problem.package for problem in problems] == [package]
    version = changes.get(package)
    assert (version or "missing") in problems[0].message
    assert remedy in problems[0].remedy


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"torchvision": "0.28.0+cpu"}, {"versions": "note"}),
        ({"torch": "2.13.0", "torchvision": "0.28.0"}, {"versions": "note"}),
        ({"torch": "2.13.0+cu130"}, {"torchvision": "note"}),
        ({"transformers": "4.44.0"}, {"transformers": "warning"}),
        ({"numpy": "2.4.5"}, {"versions": "note"}),
    ],
)
def test_works_all_the_same(changes: dict[str, str | None], expected: dict[str, str]) -> None:
    found = levels(check(stack(changes)))
    assert expected.items() <= found.items()
    assert "problem" not in found.values()


def test_pythons() -> None:
    assert levels(check(stack({"transformers": "4.50"}, (3, 9, 18)))) == {"python": "problem"}
    assert levels(check(stack(python=(3, 10, 1))))["python"] == "note"
    # Newer than any build of the tested torchvision: torch's own partner has to go in.
    missing = check(stack({"torch": "2.12.1", "torchvision": None}, (3, 13, 0)))
    remedies = [finding.remedy for finding in missing if finding.package == "torchvision"]
    assert "'torchvision==0.27.*'" in remedies[0]
    for python, problems in (((3, 10, 1), 1), ((3, 11, 0), 0), ((3, 12, 0), 1)):
        assert len(list(check_python(stack(python=python), pinned=True))) == problems


def test_a_checkout_knows_what_it_requires(tmp_path: Path) -> None:
    """Metadata of an editable installation is as old as that; without a checkout it must do."""
    setup = tmp_path / "setup.py"
    setup.write_text('REQUIRED = ["new>=1", "torch"]\nDEV = ["other"]\nraise SystemExit\n')
    assert own_requirements(setup) == ["new>=1", "torch"]
    assert "adjustText>=1.4" in own_requirements()
    lacking = stack({"adjustText": None})._replace(requirements=own_requirements())
    (found,) = [one for one in check(lacking) if one.level == "problem"]
    assert found.package == "adjustText" and "pip install 'adjustText>=1.4'" == found.remedy
    assert own_requirements(tmp_path / "none") != ["new>=1", "torch"]


def test_not_installed_is_a_note() -> None:
    found = check(stack()._replace(requirements=()))
    assert levels(found)["allennlp_heads"] == "note"


releases = st.lists(st.integers(0, 30), min_size=1, max_size=3).map(
    lambda numbers: ".".join(map(str, numbers))
)


@given(releases, st.lists(st.tuples(st.sampled_from([">=", "<=", "==", "!=", ">", "<"]), releases)))
def test_bounds_agree_with_packaging(version: str, bounds: list[tuple[str, str]]) -> None:
    text = ",".join(sign + bound for sign, bound in bounds)
    assert satisfies(version + "+cpu", text) == satisfies(version, text)
    assert satisfies(version, text) == SpecifierSet(text).contains(version)


@pytest.mark.parametrize(
    "requirement",
    ["conllu", "numpy>=1.26", "a_b (<2,>=1.0) ; python_version > '3'", "coverage[toml]>=7"],
)
def test_requirements_agree_with_packaging(requirement: str) -> None:
    name, bounds = split_requirement(requirement)
    parsed = Requirement(requirement)
    assert (name, SpecifierSet(bounds)) == (parsed.name, parsed.specifier)


def test_every_requirement_has_pinned_versions() -> None:
    tested = pinned_versions()
    tree = ast.parse((ROOT / "setup.py").read_text(encoding="utf-8"))
    lists = [node.value for node in tree.body if isinstance(node, ast.Assign)]
    requirements = [Requirement(line) for node in lists for line in ast.literal_eval(node)]
    assert len(requirements) > 25
    for requirement in requirements:
        pins = tested[normalise(requirement.name)]
        assert all(requirement.specifier.contains(pin) for pin in pins), requirement


@pytest.mark.parametrize(
    "path", [*(PACKAGE / "installation").glob("*.py"), ROOT / "allennlp_heads_cli.py"], ids=str
)
def test_runs_on_old_pythons_and_bare_ones(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 8))
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.level == 0:
            names.append(str(node.module))
        assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names


@pytest.mark.parametrize(("version", "status"), [("4.43.4", 0), ("4.50.0", 1)])
def test_exit_status_and_json(
    version: str,
    status: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(report, "this_stack", lambda: stack({"transformers": version}))
    assert main(["--json"]) == status
    written = json.loads(capsys.readouterr().out)
    assert (written["schema"], written["schema_version"]) == ("installation", 1)
    assert written["ok"] is (status == 0)
    assert written["versions"]["transformers"] == version
    assert written["python"] == "3.11.7"
    assert all({"level", "package", "message", "remedy"} == set(f) for f in written["findings"])

    assert main([]) == status
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == f"These versions {'cannot' if status else 'can'} work together."
    assert any(line.split() == ["transformers", version] for line in lines)
    assert any(line.startswith("    do: pip install") for line in lines) is bool(status)


def test_python_only(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(report, "this_stack", lambda: stack({"torch": None}, (3, 12, 1)))
    assert main(["--python-only"]) == 1
    out = capsys.readouterr().out
    assert out.startswith("problem: Python 3.12.1") and "PYTHON=python3.11" in out
    monkeypatch.setattr(report, "this_stack", lambda: stack({"torch": None}))
    assert main(["--python-only"]) == 0
    assert capsys.readouterr().out == ""


def script(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs `folder`'s copy of the console script with `folder` first on the path."""
    return subprocess.run(
        [sys.executable, str(folder / "allennlp_heads_cli.py"), *arguments],
        env={**os.environ, "PYTHONPATH": str(folder)},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture
def broken_copy(tmp_path: Path) -> Path:
    """The script beside a package that does not import, as when torch or AllenNLP fails."""
    shutil.copy(ROOT / "allennlp_heads_cli.py", tmp_path)
    shutil.copytree(PACKAGE / "installation", tmp_path / "allennlp_heads" / "installation")
    shutil.copy(PACKAGE / "constraints.txt", tmp_path / "allennlp_heads")
    init = tmp_path / "allennlp_heads" / "__init__.py"
    init.write_text("raise RuntimeError('operator torchvision::nms does not exist')\n")
    return tmp_path


def pretend_installed(folder: Path, name: str, version: str) -> None:
    """Lays metadata, and nothing else, where it is found before the real distribution's."""
    metadata = folder / f"{name}-{version}.dist-info" / "METADATA"
    metadata.parent.mkdir()
    metadata.write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")


def test_check_works_where_the_package_does_not_import(broken_copy: Path) -> None:
    pretend_installed(broken_copy, "torchvision", "0.27.0")
    run = script(broken_copy, "check", "--json")
    assert (run.returncode, run.stderr) == (1, "")
    problems = [f for f in json.loads(run.stdout)["findings"] if f["level"] == "problem"]
    assert [problem["package"] for problem in problems] == ["torchvision"]


def test_other_commands_explain_a_failed_import(broken_copy: Path) -> None:
    # Where versions are not to blame, the error itself is what helps.
    run = script(broken_copy, "train", "x.jsonnet")
    assert run.returncode == 1 and "Traceback" in run.stderr
    pretend_installed(broken_copy, "torchvision", "0.27.0")
    run = script(broken_copy, "train", "x.jsonnet")
    assert run.returncode == 1 and "Traceback" not in run.stderr
    assert "do: pip install --no-deps torchvision==0.16.2" in run.stderr
    assert "RuntimeError: operator torchvision::nms" in run.stderr.splitlines()[-1]


def test_check_imports_nothing_that_may_be_broken() -> None:
    program = (
        "import sys, allennlp_heads_cli; sys.argv[1:] = ['check']; allennlp_heads_cli.main();"
        "sys.exit(' '.join({'torch', 'allennlp', 'allennlp_heads', 'transformers', 'numpy'}"
        " & set(sys.modules)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert run.stderr.strip() == "" and "torch" in run.stdout
