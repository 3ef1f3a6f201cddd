"""The steps of the how-to-add pages work as they stand, in a copy of the repository."""

from __future__ import annotations

import hashlib
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.steps import Steps, blocks, joined

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "docs" / "how-to-add"
NAMES = sorted(page.stem for page in PAGES.glob("*.md") if page.stem != "index")
COPIED = "seqest", "tests", "pyproject.toml", "docs/api/index.md"


class Repository:
    """A copy of the repository, with compiled code of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.kernels = folder / "copy", folder / "kernels"
        self.taken: list[Steps] = []
        for name in COPIED:
            here, there = ROOT / name, self.folder / name
            there.parent.mkdir(parents=True, exist_ok=True)
            if here.is_dir():
                leave = shutil.ignore_patterns("__pycache__", "*.nb[ic]")
                shutil.copytree(here, there, ignore=leave)
            else:
                shutil.copy2(here, there)
        self._take_kernels_along()

    def _take_kernels_along(self) -> None:
        """Have the copy find what is compiled already, which Numba keeps by folder."""
        compiled = Path(os.environ["NUMBA_CACHE_DIR"])
        for folder in filter(Path.is_dir, (ROOT / "seqest").rglob("*")):
            ours, theirs = (
                f"{place.name}_{hashlib.sha1(str(place).encode()).hexdigest()}"
                for place in (folder, self.folder / folder.relative_to(ROOT))
            )
            if (compiled / ours).exists():
                # What is being written is left where it is.
                leave = shutil.ignore_patterns("*.tmp.*")
                shutil.copytree(compiled / ours, self.kernels / theirs, ignore=leave)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run Python in the copy, which is what it imports."""
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env={
                **os.environ,
                "NUMBA_CACHE_DIR": str(self.kernels),
                "OPENBLAS_NUM_THREADS": "1",
                "PYTEST_ADDOPTS": "-q -p no:cacheprovider --color=no",
                "PYTEST_XDIST_WORKER": "gw0",  # the caches are those that are set here
                "PYTHONPATH": str(self.folder),
                "PYTHONUTF8": "1",
            },
            capture_output=True,
            encoding="utf-8",
            timeout=500,
            check=False,
        )

    def follow(self, *names: str) -> None:
        """Take the steps of pages, then let ruff put names in order."""
        for name in names:
            steps = Steps((PAGES / f"{name}.md").read_text("utf-8"))
            steps.take(self.folder)
            self.taken.append(steps)
        made = [str(path) for steps in self.taken for path in steps.made]
        changed = [str(path) for steps in self.taken for path in steps.changed]
        for arguments in (
            ("check", *made),
            ("format", "--check", *made),
            ("format", *changed),
            ("check", "--fix", *changed),
            ("format", "--check", *changed),
        ):
            succeeded(self.run("-m", "ruff", *arguments))


def succeeded(done: subprocess.CompletedProcess[str]) -> str:
    told = done.stdout + done.stderr
    assert done.returncode == 0, told
    return told


def n_passed(done: subprocess.CompletedProcess[str]) -> int:
    found = re.search(r"(\d+) passed", succeeded(done))
    return int(found[1]) if found else 0


def command_of(steps: Steps) -> list[str]:
    """Return what a page has one run in the end, behind `python`."""
    (block,) = blocks(steps.page, "console")
    prompt, program, *arguments = shlex.split(block)
    assert (prompt, program) == ("$", "python")
    return arguments


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_in_the_index_and_holds_nothing_that_is_not_tried(name: str) -> None:
    text = (PAGES / f"{name}.md").read_text("utf-8")
    assert set(re.findall(r"^```(\S+)$", text, re.M)) <= {"python", "text", "console"}
    index = (PAGES / "index.md").read_text("utf-8")
    assert f"]({name}.md)" in index
    assert f"\n{name}\n" in index
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", text + index):
        assert (PAGES / target).exists(), target


@pytest.mark.parametrize("name", NAMES)
def test_a_part_is_added_as_its_page_says(name: str, tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    repository.follow(name)
    (steps,) = repository.taken
    assert not any(
        (ROOT / p.relative_to(repository.folder)).exists() for p in steps.made
    )
    assert n_passed(repository.run(*command_of(steps))) > 0


@pytest.fixture(scope="module")
def with_all(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """Return a copy with the parts of all pages."""
    repository = Repository(tmp_path_factory.mktemp("with_all"))
    repository.follow(*NAMES)
    return repository


def test_the_house_stands_with_the_parts_of_all_pages(with_all: Repository) -> None:
    reference = "tests/docs/test_pages.py::test_every_public_name_is_in_the_reference"
    assert n_passed(with_all.run("-m", "pytest", "tests/test_house.py", reference)) > 1


def test_examples_of_all_pages_and_parts_print_what_they_show(
    with_all: Repository,
) -> None:
    made = [str(path) for steps in with_all.taken for path in steps.made]
    imported = with_all.folder / "seqest" / "__init__.py"
    examples = [f">>> import seqest\n>>> seqest.__file__\n{str(imported)!r}\n"]
    examples += [steps.shown for steps in with_all.taken]
    (with_all.folder / "page.txt").write_text("\n".join(examples), "utf-8")
    command = "-m", "pytest", "--doctest-glob=page.txt", "page.txt", *made
    # A cell and a regime have none.
    assert n_passed(with_all.run(*command)) == 1 + len(made) - 2


@pytest.mark.parametrize("linter", ["mypy", "tests.house.docstrings"])
def test_linters_are_content_with_the_parts_of_all_pages(
    with_all: Repository, linter: str
) -> None:
    succeeded(with_all.run("-m", linter))


def test_a_part_with_a_wrong_derivative_is_seen(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    repository.follow("cell")
    (steps,) = repository.taken
    (cell,) = steps.made
    right, wrong = "(like(new, 1) - new * new)", "(like(new, 1) + new * new)"
    assert right in cell.read_text("utf-8")
    cell.write_text(cell.read_text("utf-8").replace(right, wrong), "utf-8")
    done = repository.run(*command_of(steps), "-x")
    assert done.returncode == 1
    assert "1 failed" in done.stdout
    assert "test_derivatives_are_those_of_central_differences" in done.stdout


def test_lines_join_a_file_in_their_places() -> None:
    module = """\
from a import b

NAMES: list[str] = ["é", "b"]
ROWS = dict(
    {
        "b": (b, [1]),
    }
)
"""
    block = """\
from a import c


def row():
    return c


NAMES = [..., "c", "d"]
ROWS["c"] = row
"""
    expected = """\
from a import b
from a import c

def row():
    return c


NAMES: list[str] = ["é", "b", "c", "d"]
ROWS = dict(
    {
        "b": (b, [1]), "c": row,
    }
)
"""
    assert joined(module, block) == expected
