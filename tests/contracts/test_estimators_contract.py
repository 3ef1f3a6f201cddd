"""Laws of every sequence estimator, whatever it learns."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from typing import Any

import joblib
import numba
import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from seqest import ESNRegressor, Reservoir
from seqest.reservoirs.kernels import compiled
from tests.contracts.tables.estimators import TABLE, SequenceEstimator

Array = NDArray[np.float64]

every_estimator = pytest.mark.parametrize("case", TABLE.values(), ids=TABLE)
FORWARDS = {name: case for name, case in TABLE.items() if case.carries}
every_causal_estimator = pytest.mark.parametrize(
    "case", FORWARDS.values(), ids=FORWARDS
)
N_ROWS = 120
# Networks that learn by gradients are stopped early, for the sake of time.
pytestmark = pytest.mark.filterwarnings(
    "ignore:.*max_iter:sklearn.exceptions.ConvergenceWarning"
)


def rows() -> tuple[Array, Array]:
    """Return two inputs and a target that remembers one of them."""
    X = np.random.default_rng(0).uniform(-1, 1, (N_ROWS, 2))
    return X, np.roll(X[:, 0], 1) + X[:, 1] ** 2


def fitted(case: SequenceEstimator, **options: Any) -> Any:
    return case.make(random_state=0, **options).fit(*rows())


def failures(estimator: Any) -> dict[str, str]:
    for case in TABLE.values():
        if repr(case.make()) == repr(estimator):
            return dict(case.failures)
    raise LookupError(f"{estimator} is in no table")


def floats_of(state: Any) -> list[Array]:
    """Return the values that a state carries, without its counts and seeds."""
    values = [] if state is None else state.values.values()
    return [value for value in values if value.dtype.kind == "f"]


@parametrize_with_checks(
    [case.make() for case in TABLE.values()],
    expected_failed_checks=failures,
    xfail_strict=True,
)
def test_scikit_learn_is_content(estimator: Any, check: Any) -> None:
    check(estimator)


@every_estimator
def test_a_clone_is_unfitted_and_learns_the_same_bits(case: SequenceEstimator) -> None:
    first = fitted(case)
    again = clone(first)
    assert not [name for name in vars(again) if name.endswith("_")]
    X, y = rows()
    ours = case.answer(again.fit(X, y), X)
    np.testing.assert_array_equal(ours, case.answer(first, X))
    np.testing.assert_array_equal(ours, case.answer(first.fit(X, y), X))


@every_estimator
def test_a_second_fit_leaves_nothing_of_the_first(case: SequenceEstimator) -> None:
    X, y = rows()
    model = case.make(random_state=0)
    model.fit(pd.DataFrame(X[:90], columns=["a", "b"]), 100 * y[:90])
    model.fit(X, y)
    left, fresh = vars(model), vars(fitted(case))
    assert left.keys() == fresh.keys()
    for name in left:
        assert pickle.dumps(left[name]) == pickle.dumps(fresh[name]), name


@every_estimator
def test_another_seed_is_another_network(case: SequenceEstimator) -> None:
    X, y = rows()
    other = case.make(random_state=1).fit(X, y)
    assert np.abs(case.answer(other, X) - case.answer(fitted(case), X)).max() > 1e-3


@every_estimator
def test_parameters_are_set_through_a_pipeline(case: SequenceEstimator) -> None:
    X, y = rows()
    pipeline = make_pipeline(StandardScaler(), case.make(random_state=0))
    name = pipeline.steps[-1][0]
    pipeline.set_params(**{f"{name}__{k}": value for k, value in case.settings.items()})
    ours = case.answer(pipeline.fit(X, y), X)
    scaled = StandardScaler().fit_transform(X)
    directly = case.make(random_state=0, **case.settings).fit(scaled, y)
    np.testing.assert_array_equal(ours, case.answer(directly, scaled))
    before = case.answer(case.make(random_state=0).fit(scaled, y), scaled)
    assert before.shape != ours.shape or np.abs(before - ours).max() > 1e-3


@every_estimator
def test_a_pickle_answers_the_same_bits(case: SequenceEstimator) -> None:
    X, _ = rows()
    model = fitted(case)
    again = pickle.loads(pickle.dumps(model))
    later = X[::-1]
    np.testing.assert_array_equal(case.answer(again, later), case.answer(model, later))


@every_estimator
def test_answering_changes_nothing_at_all(case: SequenceEstimator) -> None:
    X, y = rows()
    model = fitted(case)
    before = pickle.dumps(model)
    given = X.copy()
    first = case.answer(model, X)
    _, state = case.answer_and_state(model, X)
    case.answer(model, [X[:9], X[9:50], X[50:]])
    case.answer(model, X[60:], initial_state=state)
    if case.along == "predict":
        model.score(X, y)
        model.predict_open_loop(X, y)
    np.testing.assert_array_equal(case.answer(model, X), first)
    np.testing.assert_array_equal(X, given)
    assert pickle.dumps(model) == before


@every_estimator
def test_learning_leaves_data_and_parameters_as_they_were(
    case: SequenceEstimator,
) -> None:
    X, y = rows()
    model = case.make()
    before = repr(model.get_params())
    model.fit(X, y)
    assert repr(model.get_params()) == before
    for ours, theirs in zip((X, y), rows(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


FORMS = {
    "one series": (lambda X: X, lambda H: H),
    "three dimensions": (lambda X: X.reshape(4, 30, -1), np.concatenate),
    "a list": (lambda X: np.split(X, [30, 60, 90]), np.concatenate),
}


@every_causal_estimator
@pytest.mark.parametrize("form", FORMS)
def test_the_future_of_the_inputs_changes_no_past_answer(
    case: SequenceEstimator, form: str
) -> None:
    X, _ = rows()
    wrap, unwrap = FORMS[form]
    model = fitted(case)
    for first in (1, 13, 29):
        changed = X.copy()
        late = np.arange(N_ROWS) % (N_ROWS if form == "one series" else 30) >= first
        changed[late] = -5 * changed[late] + 1
        # Without an index the first rows say where to start: here they are told.
        ours, theirs = (
            unwrap(case.answer(model, wrap(part), initial_state="zero"))
            for part in (X, changed)
        )
        np.testing.assert_array_equal(ours[~late], theirs[~late])
        assert np.abs(ours[late] - theirs[late]).min(axis=0).max() > 1e-9


@every_estimator
def test_precision_is_that_of_the_rows(case: SequenceEstimator) -> None:
    X, y = rows()
    single = case.make(random_state=0).fit(X.astype(np.float32), y)
    assert case.answer(single, X.astype(np.float32)).dtype == np.float32
    assert case.answer(single, X).dtype == np.float64
    _, state = case.answer_and_state(single, X.astype(np.float32))
    kinds = {v.dtype for v in floats_of(state)}
    assert kinds <= {np.dtype(np.float32)}
    double = fitted(case)
    # Seven digits, and the ridge equations magnify what is lost by their condition,
    # training by its steps.
    np.testing.assert_allclose(
        case.answer(single, X.astype(np.float32)), case.answer(double, X), atol=5e-3
    )


@pytest.fixture
def threads() -> Iterator[Any]:
    """Set numbers of threads, and the one there was in the end."""
    if numba.config.NUMBA_NUM_THREADS < 2:
        pytest.skip("one core")
    before = numba.get_num_threads()
    yield numba.set_num_threads
    numba.set_num_threads(before)


@every_estimator
@pytest.mark.parametrize("n_series", [1, 2, 5, 150])
def test_states_are_the_same_bits_on_any_number_of_threads(
    case: SequenceEstimator, n_series: int, threads: Any
) -> None:
    rng = np.random.default_rng(0)
    X = [rng.uniform(-1, 1, (900 // n_series + k % 3, 2)) for k in range(n_series)]
    model = fitted(case)
    answers = []
    for n_threads in (1, 2):
        threads(n_threads)
        H, state = case.answer_and_state(model, X)
        answers.append(H if state is None else [*H, *floats_of(state)])
    for ours, theirs in zip(*answers, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def memory_layouts() -> dict[str, Any]:
    """Return the same rows as they may lie in memory."""
    X, _ = rows()
    read_only = X.copy()
    read_only.flags.writeable = False
    return {
        "C": X,
        "Fortran": np.asfortranarray(X),
        "read-only": read_only,
        "strided": np.repeat(X, 2, axis=0)[::2],
        "reversed": X[::-1].copy()[::-1],
        "columns of a wider array": np.hstack([X, X])[:, 1:3][:, ::-1],
        "frame": pd.DataFrame(X, columns=["a", "b"]),
        "big-endian": X.astype(">f8"),
        "from a buffer": np.frombuffer(X.tobytes()).reshape(X.shape),
    }


@pytest.mark.parametrize("layout", memory_layouts())
@every_estimator
def test_rows_may_lie_in_memory_as_they_like(
    case: SequenceEstimator, layout: str
) -> None:
    X, y = rows()
    given = memory_layouts()[layout]
    model = case.make(random_state=0).fit(given, y)
    np.testing.assert_array_equal(
        case.answer(model, given), case.answer(fitted(case), X)
    )


def arrays_of(numba_types: Any) -> Iterator[Any]:
    """Yield the types of arrays in (tuples of) argument types."""
    for given in numba_types:
        if isinstance(given, numba.types.Array):
            yield given
        yield from arrays_of(
            given if isinstance(given, tuple) else getattr(given, "types", ())
        )


@pytest.mark.parametrize("topology", ["random", "orthogonal", "ring"])
def test_each_kernel_is_compiled_once_for_a_precision(topology: str) -> None:
    _, y = rows()
    options = {"topology": topology, "random_state": 0}
    for given in memory_layouts().values():
        for X in (given, given.astype(np.float32)):
            for feedback in (0.0, 0.3):
                model = ESNRegressor(60, feedback_scaling=feedback, **options)
                model.fit(X, y).predict(X)
            parts = [X[:9], X[9:40], X[40:]]
            Reservoir(60, **options).fit(parts).transform(parts)
    structures = {"random": "sparse", "orthogonal": "dense", "ring": "shift"}
    loops = compiled(structures[topology], "tanh")
    for loop in (loops.series, loops.lanes, loops.free):
        # The first argument holds the weights: one type for a precision, and for a
        # number of layers, which other tests vary.
        assert loop.signatures
        assert len({str(s[0]) for s in loop.signatures}) == len(loop.signatures)
        for array in arrays_of(loop.signatures):
            assert array.layout == "C"
            assert array.mutable


def test_a_model_mapped_from_disk_compiles_nothing_new(tmp_path: Any) -> None:
    X, y = rows()
    model = ESNRegressor(20, feedback_scaling=0.3, random_state=0).fit(X, y)
    expected = model.predict(X)
    joblib.dump(model, tmp_path / "model")
    mapped = joblib.load(tmp_path / "model", mmap_mode="r")
    np.testing.assert_array_equal(mapped.predict(X), expected)
    loops = compiled("dense", "tanh")
    kernels = loops.series, loops.lanes, loops.free
    assert all(a.mutable for loop in kernels for a in arrays_of(loop.signatures))
