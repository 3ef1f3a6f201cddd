"""A file that is not what `save` wrote is refused in one sentence, and runs nothing."""

from __future__ import annotations

import io
import json
import pickle
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import LinearRegression

import seqest
from seqest import ESNRegressor, TDNNRegressor
from seqest._compile import kernel
from seqest.cells import GRU
from seqest.persistence._names import is_harmless
from tests.persistence.archives import members, node, packed, rewritten
from tests.persistence.models import TREES, fitted, rows

Node = dict[str, Any]
HERE = "tests.persistence.test_refusals"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Save a small model."""
    path = tmp_path / "model.skops"
    seqest.save(ESNRegressor(9, random_state=0).fit(*rows()), path)
    return path


@pytest.fixture
def marked(tmp_path: Path) -> Path:
    """Return a file that is made by code that runs."""
    return tmp_path / "ran"


def refused(path: Path, *words: str, **options: Any) -> None:
    with pytest.raises(ValueError, match="model") as caught:
        seqest.load(path, **options)
    text = str(caught.value)
    assert text.startswith(str(path))
    assert text.endswith(".")
    for word in words:
        assert word in text


def command(marked: Path) -> Node:
    """Return the arguments of a call that makes a file, as skops keeps them."""
    text = node("JsonNode", "builtins.str", content=json.dumps(f"touch {marked}"))
    return node("TupleNode", "builtins.tuple", content=[text])


def attacks(marked: Path) -> dict[str, Node]:
    """Return nodes that ask skops to call, import or look up what is not data."""
    arguments = command(marked)
    empty = node("DictNode", "builtins.dict", content={}, key_types=_types())
    system = node("FunctionNode", "os.system")
    part = {
        "func": system,
        "args": arguments,
        "kwds": empty,
        "namespace": empty,
    }
    method = {"func": "touch", "obj": node("ObjectNode", "pathlib.Path")}
    return {
        "os.system": node("ConstructorFromReduceNode", "os.system", content=arguments),
        "builtins.eval": node(
            "ConstructorFromReduceNode", "builtins.eval", content=arguments
        ),
        "functools.partial": node("PartialNode", "functools.partial", content=part),
        "subprocess.Popen": node("ListNode", "subprocess.Popen", content=[]),
        "posix.system": node(
            "DictNode", "posix.system", content={}, key_types=_types()
        ),
        "pathlib.Path": node("MethodNode", "pathlib.Path", content=method),
        "operator.methodcaller": node(
            "OperatorFuncNode", "operator.methodcaller", attrs=arguments
        ),
        "seqest.estimators._echo.np": node("ObjectNode", "seqest.estimators._echo.np"),
        "seqest._compile.kernels.sys": node(
            "ObjectNode", "seqest._compile.kernels.sys"
        ),
        "seqest._files.replace_file": node(
            "ConstructorFromReduceNode",
            "seqest._files.replace_file",
            content=arguments,
        ),
        "seqest.forecasting.backtest.backtest": node(
            "ConstructorFromReduceNode",
            "seqest.forecasting.backtest.backtest",
            content=arguments,
        ),
    }


def _types() -> Node:
    return node("ListNode", "builtins.list", content=[])


@pytest.mark.parametrize("name", attacks(Path()))
def test_what_a_schema_asks_to_be_run_is_named_and_refused(
    name: str, path: Path, marked: Path
) -> None:
    attack = attacks(marked)[name]

    def change(schema: Node) -> Node:
        schema["content"]["content"]["leak_rate"] = attack
        return schema

    refused(rewritten(path, "schema.json", change), "types that seqest", name)
    assert not marked.exists()


@pytest.mark.parametrize("name", attacks(Path()))
def test_it_is_refused_at_the_root_too(name: str, path: Path, marked: Path) -> None:
    def change(schema: Node) -> Node:
        kept = {key: schema[key] for key in ("protocol", "_skops_version")}
        return attacks(marked)[name] | kept

    refused(rewritten(path, "schema.json", change), name)
    assert not marked.exists()


class Runs:
    """Makes a file when it is unpickled."""

    def __init__(self, marked: Path) -> None:
        self.marked = marked

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.marked,)


def test_a_pickle_is_not_unpickled(path: Path, marked: Path) -> None:
    path.write_bytes(pickle.dumps(Runs(marked)))
    refused(path, "no whole file of seqest.save")
    pickle.loads(path.read_bytes())
    assert marked.exists()  # it would have run


def test_an_array_of_pickles_is_not_unpickled(path: Path, marked: Path) -> None:
    parts = members(path)
    array = np.empty(1, object)
    array[0] = Runs(marked)
    np.save(path.with_suffix(".npy"), array, allow_pickle=True)
    name = next(name for name in parts if name.endswith(".npy"))
    parts[name] = path.with_suffix(".npy").read_bytes()
    path.write_bytes(packed(parts))
    refused(path)
    assert not marked.exists()


def named(module: str, *place: Any) -> Node:
    """Return what stands for the place of a kernel, function or class."""
    items = [node("JsonNode", "builtins.str", content=json.dumps(own)) for own in place]
    texts = [node("FunctionNode", "builtins.str")] * 2
    types = [own | {"__loader__": "TypeNode"} for own in texts]

    def words(content: Node) -> Node:
        keys = node("ListNode", "builtins.list", content=types)
        return node("DictNode", "builtins.dict", content=content, key_types=keys)

    text = node("JsonNode", "builtins.str", content=json.dumps(module))
    listed = node("ListNode", "builtins.list", content=items)
    kind = node("JsonNode", "builtins.str", content='"name"')
    parts = words({"module": text, "path": listed})
    return node(
        "ObjectNode",
        "seqest.persistence._packing.Packed",
        content=words({"kind": kind, "parts": parts}),
    )


PLACES = [
    ("os", "system"),
    ("builtins", "eval"),
    ("seqest._files", "os"),
    ("seqest._files", "replace_file"),
    ("seqest.estimators._echo", "np"),
    ("seqest.estimators._echo", "__builtins__", "eval"),
    ("seqest.cells.simple", "__builtins__", "eval"),
    ("seqest.cells.simple", "KERNELS", "nothing"),
    ("seqest.cells.simple", "Any"),
    ("seqest.cells.nothing", "x"),
    ("seqest.cli", "main"),
]


@pytest.mark.parametrize("place", PLACES, ids=".".join)
def test_a_place_that_holds_no_part_of_ours_is_refused(
    place: tuple[str, ...], path: Path
) -> None:
    def change(schema: Node) -> Node:
        schema["content"]["content"]["topology"] = named(*place)
        return schema

    refused(rewritten(path, "schema.json", change))


def test_a_place_of_ours_is_found(path: Path) -> None:
    def change(schema: Node) -> Node:
        schema["content"]["content"]["topology"] = named(
            "seqest.reservoirs.topologies.ring", "ring"
        )
        return schema

    again = seqest.load(rewritten(path, "schema.json", change))
    assert again.topology is seqest.reservoirs.topologies.ring


@pytest.mark.parametrize(
    "name",
    [
        "seqest.estimators._echo.Any",
        "seqest.estimators._echo.BaseEstimator",
        "seqest._compile.kernels.warnings",
        "seqest._compile.threads.Pool",
        "seqest.cells.nothing.X",
        "seqest.cells.simple.simple",
        "seqest.estimators.ESNRegressor",  # its name is that of its module
        "seqest.estimators.esn.ESNRegressor.fit",
        "seqest.estimators.__class__",
        "seqest..cells.cell.Cell",
        "seqestimators.esn.ESNRegressor",
        "seqest.forecasting.forecaster.Panel",
        "",
    ],
)
def test_only_exact_names_of_records_are_harmless(name: str) -> None:
    assert not is_harmless(name)


@pytest.mark.parametrize(
    "name", ["seqest.cells.cell.Cell", "seqest.estimators.esn.ESNRegressor"]
)
def test_names_of_records_are_harmless(name: str) -> None:
    assert is_harmless(name)


def test_a_file_cut_short_is_refused(path: Path) -> None:
    data = path.read_bytes()
    for length in (0, 1, 4, 30, 100, *range(200, len(data), 997), len(data) - 1):
        path.write_bytes(data[:length])
        refused(path, "Save the model again")


def test_a_flipped_byte_is_refused_or_means_nothing(path: Path) -> None:
    X, _ = rows()
    data, expected = path.read_bytes(), seqest.load(path).predict(X)
    rng, n_refused = np.random.default_rng(0), 0
    tail = np.arange(len(data) - 700, len(data))  # the directory, with offsets
    for place in (*rng.integers(0, len(data), 150), *rng.choice(tail, 150)):
        changed = bytearray(data)
        changed[place] ^= 1 << int(rng.integers(8))
        path.write_bytes(changed)
        try:
            answers = seqest.load(path).predict(X)
        except ValueError as error:
            assert str(error).startswith(str(path))  # noqa: PT017
            n_refused += 1
        else:
            np.testing.assert_array_equal(answers, expected)
    assert n_refused > 150


def test_indices_that_reach_outside_are_refused(path: Path) -> None:
    parts = members(path)
    name = next(name for name in parts if name.endswith(".npz"))
    with np.load(io.BytesIO(parts[name])) as stored:
        arrays = dict(stored)
    arrays["indices"] = arrays["indices"] + 10**6
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    parts[name] = buffer.getvalue()
    path.write_bytes(packed(parts))
    refused(path)


def test_what_is_no_estimator_is_refused(path: Path) -> None:
    def change(schema: Node) -> Node:
        kept = {key: schema[key] for key in ("protocol", "_skops_version")}
        return schema["content"]["content"]["leak_rate"] | kept

    refused(rewritten(path, "schema.json", change), "it holds a float")


def test_a_file_of_skops_alone_is_refused(path: Path) -> None:
    skops = pytest.importorskip("skops.io")
    skops.dump(LinearRegression(), path)
    refused(path, "no whole file of seqest.save")


def test_another_version_warns_in_words(path: Path) -> None:
    X, _ = rows()
    expected = seqest.load(path).predict(X)
    rewritten(path, "seqest.json", lambda about: about | {"seqest": "99.1"})
    with pytest.warns(UserWarning, match=r"model.skops was saved by seqest 99\.1 and"):
        again = seqest.load(path)
    np.testing.assert_array_equal(again.predict(X), expected)


def test_a_form_of_later_versions_is_refused(path: Path) -> None:
    rewritten(path, "seqest.json", lambda about: {"form": 2, "seqest": "99.1"})
    refused(path, "saved by seqest 99.1", f"seqest {version('seqest')}", "Upgrade")


def test_a_class_that_later_versions_have_is_refused_with_the_version(
    path: Path,
) -> None:
    def change(schema: Node) -> Node:
        return schema | {"__class__": "NextRegressor"}

    rewritten(path, "schema.json", change)
    rewritten(path, "seqest.json", lambda about: about | {"seqest": "99.1"})
    with pytest.warns(UserWarning, match="99"):
        refused(path, "seqest.estimators.esn.NextRegressor")


class Mean(RegressorMixin, BaseEstimator):
    """Predicts the mean."""

    def __init__(self, function: Any = np.mean) -> None:
        self.function = function

    def fit(self, X: Any, y: Any) -> Any:
        self.mean_ = {None: self.function(y)}
        return self

    def predict(self, X: Any) -> NDArray[np.float64]:
        return np.full(len(X), self.mean_[None])


def middle(values: Any) -> Any:
    return np.median(values)


def doubled(x: Any) -> Any:
    return 2 * x


@kernel
def of_ours(x: Any) -> Any:
    return x + 1


@kernel
def of_theirs(x: Any) -> Any:
    return x - 1


def test_a_users_own_types_are_named_and_may_be_trusted(tmp_path: Path) -> None:
    X, y = rows()
    path = tmp_path / "model.skops"
    model = TDNNRegressor(delays=2, regressor=Mean(middle)).fit(X, y)
    seqest.save(model, path)
    refused(path, f"{HERE}.Mean", f"{HERE}.middle", "trusted=[")
    refused(path, f"{HERE}.middle", trusted=[Mean])
    for trusted in ([Mean, middle], [f"{HERE}.Mean", f"{HERE}.middle"]):
        again = seqest.load(path, trusted=trusted)
        np.testing.assert_array_equal(again.predict(X), model.predict(X))


def test_users_own_kernels_must_be_trusted(tmp_path: Path) -> None:
    path = tmp_path / "model.skops"
    cell = replace(GRU, forward=(of_ours,), backward=(of_theirs,))
    seqest.save(ESNRegressor(readout=cell), path)
    names = [f"{HERE}.of_ours", f"{HERE}.of_theirs"]
    refused(path, *names, "trusted=[")
    refused(path, names[1], trusted=names[:1])
    assert seqest.load(path, trusted=names).readout.forward == (of_ours,)


def test_a_kernel_without_a_name_is_not_saved(tmp_path: Path) -> None:
    hidden = kernel(doubled)
    with pytest.raises(TypeError, match="a function that no module holds by its name"):
        seqest.save(ESNRegressor(readout=hidden), tmp_path / "model")


def test_trees_whose_indices_are_not_checked_must_be_trusted(tmp_path: Path) -> None:
    path = tmp_path / "model.skops"
    seqest.save(fitted("Forecaster, trees"), path)
    refused(path, TREES)


@pytest.mark.parametrize("trusted", [True, "os.system", [3], 7])
def test_trusted_is_a_list_of_types(trusted: Any, path: Path) -> None:
    with pytest.raises(TypeError, match=r"seqest\.load\(trusted="):
        seqest.load(path, trusted=trusted)
