"""The house keeps its shape: each rule holds for the package, and can fail."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import FunctionType, ModuleType

import pytest

from tests.house import docstrings, imports, names, walls
from tests.house.source import Source, package_sources

Rule = Callable[[Sequence[Source]], Iterator[str]]

RULES: list[Rule] = [
    imports.imports_point_down,
    imports.libraries_stay_in_their_rooms,
    names.modules_are_named_after_an_idea,
    names.no_except_is_bare,
    names.only_the_command_line_prints,
    names.private_names_are_our_own,
    names.public_modules_list_their_names,
    walls.docstrings_fill_half_a_file_at_most,
    walls.functions_stay_within_the_wall,
    walls.modules_stay_within_the_wall,
    walls.the_median_function_is_short,
    walls.the_median_module_is_short,
]

# Modules of concrete parts, and the contract tables: each part must pass one's laws.
TABLES = {
    "seqest.reservoirs.topologies": ("topologies",),
    "seqest.readouts": ("readouts",),
    "seqest.metrics": ("metrics", "correlations"),
    "seqest.datasets": ("datasets",),
    "seqest.estimators": ("estimators",),
    "seqest.optim": ("optim",),
    "seqest.cells": ("cells",),
    "seqest.features": ("features",),
    "seqest.plotting": ("displays",),
}

FUNCTION = "def f():\n{}"
WORDY = '"""A' + "\n" * 31 + '"""' + "\nx = 1" * 30
BREAKS: list[tuple[Rule, str, str]] = [
    (imports.imports_point_down, "metrics", "import seqest.estimators"),
    (imports.imports_point_down, "metrics", "from seqest import estimators"),
    (imports.imports_point_down, "metrics", "from seqest import ESNRegressor"),
    (imports.imports_point_down, "metrics", "from seqest.datasets import narma"),
    (imports.imports_point_down, "cells/lstm", "from ..optim import adam"),
    (imports.imports_point_down, "cells/lstm", FUNCTION.format(" import seqest.cli")),
    (imports.imports_point_down, "_compile", "from seqest._validation import shown"),
    (imports.imports_point_down, "attic", ""),
    (imports.libraries_stay_in_their_rooms, "_compile", "import sklearn.base"),
    (imports.libraries_stay_in_their_rooms, "estimators/esn", "import pandas as pd"),
    (imports.libraries_stay_in_their_rooms, "readouts/ridge", "from numba import njit"),
    (imports.libraries_stay_in_their_rooms, "metrics", "import torch"),
    (imports.libraries_stay_in_their_rooms, "datasets/co2", "import statsmodels.api"),
    (names.modules_are_named_after_an_idea, "reservoirs/utils", ""),
    (names.modules_are_named_after_an_idea, "_helpers/ring", ""),
    (names.no_except_is_bare, "metrics", "try:\n f()\nexcept:\n pass"),
    (names.only_the_command_line_prints, "metrics", FUNCTION.format(" print(1)")),
    (names.private_names_are_our_own, "metrics", "from scipy._lib import x"),
    (names.private_names_are_our_own, "metrics", "from sklearn.utils import _tags"),
    (names.private_names_are_our_own, "metrics", "import numpy as np\nnp.x._y(3)"),
    (names.private_names_are_our_own, "metrics", "frame._mgr = 3"),
    (names.private_names_are_our_own, "metrics", "getattr(frame, '_mgr')"),
    (names.public_modules_list_their_names, "metrics", "nrmse = 3"),
    (names.public_modules_list_their_names, "metrics", "__all__ = [nrmse]"),
    (names.public_modules_list_their_names, "cells/__init__", "__all__ = list(x)"),
    (walls.docstrings_fill_half_a_file_at_most, "metrics", WORDY),
    (walls.functions_stay_within_the_wall, "metrics", FUNCTION.format(" g()\n" * 51)),
    (walls.the_median_function_is_short, "metrics", FUNCTION.format(" g()\n" * 10)),
    (walls.modules_stay_within_the_wall, "metrics", "x = 1\n" * 501),
    (walls.the_median_module_is_short, "metrics", "x = 1\n" * 151),
]
KEEPS: list[tuple[Rule, str, str]] = [
    (imports.imports_point_down, "cli", "from seqest import ESNRegressor"),
    (imports.imports_point_down, "estimators/esn", "from .._sequences import series"),
    (imports.imports_point_down, "cells/lstm", "from seqest.cells.gru import step"),
    (
        imports.libraries_stay_in_their_rooms,
        "_compile/kernels",
        "from sklearn.exceptions import ConvergenceWarning",
    ),
    (
        imports.libraries_stay_in_their_rooms,
        "plotting/forecast",
        "if TYPE_CHECKING:\n from matplotlib.axes import Axes",
    ),
    (
        imports.libraries_stay_in_their_rooms,
        "datasets/co2",
        FUNCTION.format(" import statsmodels.api"),
    ),
    (names.only_the_command_line_prints, "cli", "print(1)"),
    (names.private_names_are_our_own, "metrics", "class A:\n _x = 1\na._x"),
    (names.private_names_are_our_own, "metrics", "self._x = 1\nself._x.__name__"),
    (names.public_modules_list_their_names, "_sequences/index", ""),
    (walls.docstrings_fill_half_a_file_at_most, "metrics", '"""A\n\nb\n"""\nx = 1\n'),
    (walls.docstrings_fill_half_a_file_at_most, "cells/__init__", '"""Cells."""'),
    (
        walls.functions_stay_within_the_wall,
        "metrics",
        FUNCTION.format(' """A.' + "\n" * 60 + ' """\n g()'),
    ),
]


def name_of(value: object) -> str | None:
    return getattr(value, "__name__", None)


@pytest.fixture(scope="module")
def package() -> list[Source]:
    return package_sources()


@pytest.mark.parametrize("rule", RULES, ids=name_of)
def test_the_package_keeps_the_rule(rule: Rule, package: list[Source]) -> None:
    breaches = "\n".join(rule(package))
    assert not breaches, breaches


@pytest.mark.parametrize(("rule", "module", "code"), BREAKS, ids=name_of)
def test_the_rule_sees_a_breach(rule: Rule, module: str, code: str) -> None:
    breaches = list(rule([Source(f"seqest/{module}.py", code)]))
    assert len(breaches) == 1


@pytest.mark.parametrize(("rule", "module", "code"), KEEPS, ids=name_of)
def test_the_rule_lets_good_code_be(rule: Rule, module: str, code: str) -> None:
    assert list(rule([Source(f"seqest/{module}.py", code)])) == []


def test_every_rule_is_shown_to_fail() -> None:
    assert {rule for rule, _, _ in BREAKS} == set(RULES)


def parts_without_a_row(module: ModuleType, table: Mapping[str, object]) -> set[str]:
    """Return the concrete parts of `module` that `table` lacks.

    They are functions, classes, and what is made of these classes.
    """
    public = {name: getattr(module, name) for name in module.__all__}
    classes = filter(inspect.isclass, public.values())
    kinds = (FunctionType, type, *classes)
    return {
        name
        for name, part in public.items()
        if isinstance(part, kinds)
        and not inspect.isabstract(part)
        and name not in table
    }


@pytest.mark.parametrize(("module", "roles"), TABLES.items())
def test_every_concrete_part_is_held_to_the_contracts(
    module: str, roles: tuple[str, ...]
) -> None:
    table: dict[str, object] = {}
    for role in roles:
        table |= importlib.import_module(f"tests.contracts.tables.{role}").TABLE
    assert parts_without_a_row(importlib.import_module(module), table) == set()


def test_a_part_without_a_row_is_seen() -> None:
    module = ModuleType("topologies")
    module.__dict__.update(ring=lambda: 0, ROWS=3, __all__=["ring", "ROWS"])
    assert parts_without_a_row(module, {}) == {"ring"}
    assert parts_without_a_row(module, {"ring": 0}) == set()
    module.__dict__.update(Cell=Source, LSTM=Source("", ""), __all__=["Cell", "LSTM"])
    assert parts_without_a_row(module, {"Cell": 0}) == {"LSTM"}


def test_a_docstring_without_sections_is_seen() -> None:
    assert docstrings.findings("bisect.insort", docstrings.checks())
