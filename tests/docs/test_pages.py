"""Code on the pages runs, prints what stands below it, and links lead somewhere.

What a page shows in ```{plot} blocks is run by `make docs`, which stops at a warning.
"""

from __future__ import annotations

import doctest
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import matplotlib as mpl
import pytest

from tests.docs.steps import blocks

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
MADE = "_build", "gallery", "generated", "examples"
PAGES = sorted(
    page
    for page in DOCS.rglob("*.md")
    if not set(page.relative_to(DOCS).parts) & set(MADE)
    and "how-to-add" not in page.parts
)
NAMES = [page.relative_to(DOCS).as_posix().removesuffix(".md") for page in PAGES]
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_code_on_a_page_runs_and_prints_what_it_shows(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    mpl.use("Agg")
    names: dict[str, object] = {"__name__": page.stem}
    for code in blocks(page.read_text("utf-8"), "python"):
        if not code.lstrip().startswith(">>>"):
            exec(compile(code, page.name, "exec"), names)
            continue
        shown = doctest.DocTestParser().get_doctest(code, names, page.name, None, 0)
        told: list[str] = []
        runner = doctest.DocTestRunner(optionflags=FLAGS)
        runner.run(shown, out=told.append, clear_globs=False)
        names = shown.globs
        assert not runner.failures, "".join(told)


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_commands_on_a_page_run(page: Path, tmp_path: Path) -> None:
    for block in blocks(page.read_text("utf-8"), "console"):
        for line in re.findall(r"^\$ (.*)$", block, re.MULTILINE):
            program, *arguments = shlex.split(line, comments=True)
            # What installs, or needs the repository, is run where it is tested.
            if program == "seqest":
                done = subprocess.run(
                    [sys.executable, "-m", "seqest", *arguments],
                    cwd=tmp_path,
                    env={**os.environ, "PYTHONUTF8": "1"},
                    capture_output=True,
                    encoding="utf-8",
                    timeout=500,
                    check=False,
                )
                assert done.returncode == 0, f"{line}\n{done.stderr}"
            else:
                assert program in {"cd", "make", "pip", "python"}, line


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_block_of_code_is_one_that_is_run(page: Path) -> None:
    opened = re.findall(r"^```(.*)$", page.read_text("utf-8"), re.MULTILINE)
    assert not any(opened[1::2]), "a block is not closed"
    run, shown = {"python", "console", "{plot}"}, {"text"}
    directives = {word for word in opened[::2] if word.startswith("{")}
    assert set(opened[::2]) - directives <= run | shown


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text("utf-8")):
        if "://" not in target and not target.startswith("../gallery/"):
            assert (page.parent / target).exists(), target


def test_every_page_is_named_in_the_index_for_language_models() -> None:
    text = (DOCS / "llms.txt").read_text("utf-8")
    for name in NAMES:
        if name not in {"index"}:
            assert f"{name}.html" in text, name


def test_every_public_name_is_in_the_reference() -> None:
    import seqest
    from seqest import (
        cells,
        datasets,
        forecasting,
        metrics,
        optim,
        plotting,
        readouts,
        recurrence,
        report,
        reservoirs,
    )

    packages = (cells, datasets, forecasting, metrics, optim, plotting, readouts)
    packages += (recurrence, report, reservoirs, reservoirs.topologies, seqest)
    text = (DOCS / "api" / "index.md").read_text("utf-8")
    for package in packages:
        for name in set(package.__all__) - {"__version__", "datasets", "metrics"}:
            assert re.search(rf"\b{name}\b", text), f"{package.__name__}.{name}"
