"""Delay lines, delay kernels and the gamma memory: what is remembered of whom."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import nbinom
from sklearn.linear_model import Ridge
from sklearn.metrics import r2_score
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit, cross_val_score
from sklearn.pipeline import make_pipeline

from seqest import DelayKernels, GammaMemory, TappedDelayLine
from seqest.features import gamma
from tests.features import plain

KERNELS = np.array([[0.5, 0.3, -0.1, 0.4], [1.0, -1.0, 0.0, 0.0], [0.0, 0, 0, 2.0]])
LAGS = ((0, 2, 5), (1, 2, 3))
# Sums of a few products, in another order.
ROUNDING = {"rtol": 1e-12, "atol": 1e-13}

MEMORIES = {
    "delay line": (
        lambda: TappedDelayLine({0: LAGS[0], 1: LAGS[1]}),
        lambda X: plain.delayed(X, LAGS),
    ),
    "delay kernels": (
        lambda: DelayKernels(KERNELS),
        lambda X: plain.convolved(X, KERNELS),
    ),
    "gamma memory": (
        lambda: GammaMemory(4, (0.3, 1.6)),
        lambda X: plain.gamma(X, 4, (0.3, 1.6)),
    ),
}
every_memory = pytest.mark.parametrize(
    ("make", "expected"), MEMORIES.values(), ids=MEMORIES
)


@pytest.fixture
def X():
    return np.random.default_rng(0).uniform(-1, 1, (60, 2))


@pytest.fixture
def frame(X):
    return pd.DataFrame(X, pd.date_range("2024", periods=60), ["inflow", "rain"])


@every_memory
def test_features_follow_the_equation(make, expected, X):
    np.testing.assert_allclose(make().fit_transform(X), expected(X), **ROUNDING)
    np.testing.assert_allclose(make().fit(X).transform(X), expected(X), **ROUNDING)


@every_memory
def test_each_series_is_remembered_as_if_it_were_alone(make, expected, X):
    parts = np.split(X, [20, 27])
    alone = [expected(part) for part in parts]
    for H, own in zip(make().fit_transform(parts), alone, strict=True):
        np.testing.assert_allclose(H, own, **ROUNDING)
    cube = make().fit_transform(X.reshape(4, 15, 2))
    for H, part in zip(cube, np.split(X, 4), strict=True):
        np.testing.assert_allclose(H, expected(part), **ROUNDING)
    # Interleaved: where each row of the series goes is drawn, their order kept.
    groups = np.repeat([0, 1, 2], [20, 7, 33])
    mixed = np.random.default_rng(1).permutation(groups)
    taken = np.empty(60, int)
    taken[np.argsort(mixed, kind="stable")] = np.arange(60)
    H = make().fit_transform(X[taken], groups=mixed)
    np.testing.assert_allclose(H, np.concatenate(alone)[taken], **ROUNDING)


@every_memory
def test_a_jump_in_one_series_never_appears_in_another(make, expected, X):
    parts = np.split(X, [20, 40])
    quiet = make().fit(parts).transform(parts)
    parts[1] = parts[1] + 1e300
    loud = make().fit(parts).transform(parts)
    np.testing.assert_array_equal(loud[0], quiet[0])
    np.testing.assert_array_equal(loud[2], quiet[2])
    assert np.abs(loud[1]).max() > 1e299


@every_memory
def test_nothing_is_remembered_over_a_hole(make, expected, frame):
    seen = frame.drop(frame.index[[30]])
    H = make().fit_transform(seen)
    np.testing.assert_allclose(H[:30], expected(frame[:30].to_numpy()), **ROUNDING)
    np.testing.assert_allclose(H[30:], expected(frame[31:].to_numpy()), **ROUNDING)


@pytest.mark.parametrize("name", MEMORIES)
@given(cuts=st.lists(st.integers(1, 59), min_size=1, max_size=4, unique=True))
@settings(deadline=None, max_examples=30)
def test_in_pieces_each_going_on_from_the_last_it_is_as_at_once(name, cuts):
    make, expected = MEMORIES[name]
    X = np.random.default_rng(0).uniform(-1, 1, (60, 2))
    memory = make().fit(X)
    state, pieces = "zero", []
    for part in np.split(X, sorted(cuts)):
        H, state = memory.transform(part, initial_state=state, return_state=True)
        pieces.append(H)
    np.testing.assert_allclose(np.concatenate(pieces), expected(X), **ROUNDING)


@every_memory
@pytest.mark.parametrize("cut", [10, 31, 59])
def test_transform_goes_on_from_the_training_rows(make, expected, cut, X, frame):
    for rows in (X, frame):
        memory = make().fit(rows[:cut])
        for rule in ("auto", "last"):
            H = memory.transform(rows[cut:], initial_state=rule)
            np.testing.assert_allclose(H, expected(X)[cut:], **ROUNDING)
        H = memory.transform(rows[cut:], initial_state="zero")
        np.testing.assert_allclose(H, expected(X[cut:]), **ROUNDING)
    after_a_gap = make().fit(frame[:30]).transform(frame[31:])
    np.testing.assert_allclose(after_a_gap, expected(X[31:]), **ROUNDING)


@every_memory
def test_each_of_several_series_goes_on_from_its_own_end(make, expected, X):
    a, b = X[:30], X[30:]
    memory = make().fit(np.concatenate([a[:12], b[:20]]), groups=[0] * 12 + [1] * 20)
    later = np.concatenate([b[20:], a[12:]])
    H, state = memory.transform(later, [1] * 10 + [0] * 18, return_state=True)
    theirs = np.concatenate([expected(b)[20:], expected(a)[12:]])
    np.testing.assert_allclose(H, theirs, **ROUNDING)
    assert state.ids == (1, 0)


@every_memory
def test_a_frame_keeps_its_index_and_names_its_features(make, expected, frame):
    memory = make().set_output(transform="pandas")
    for H in (memory.fit_transform(frame), memory.fit(frame).transform(frame)):
        pd.testing.assert_index_equal(H.index, frame.index)
        np.testing.assert_allclose(H, expected(frame.to_numpy()), **ROUNDING)
        assert H.columns.tolist() == memory.get_feature_names_out().tolist()
    index = pd.MultiIndex.from_product([frame.index[:30], ["a", "b"]]).swaplevel()
    both = make().set_output(transform="pandas").fit_transform(frame.set_index(index))
    pd.testing.assert_index_equal(both.index, index)
    alone = expected(frame.to_numpy()[1::2])
    np.testing.assert_allclose(both.loc["b"], alone, **ROUNDING)


def test_features_are_named_after_their_input_and_their_lag(X, frame):
    line = TappedDelayLine({"rain": [3, 1], "inflow": 1}).fit(frame)
    names = ["inflow_lag0", "inflow_lag1", "rain_lag1", "rain_lag3"]
    assert line.get_feature_names_out().tolist() == names
    assert line.delays_ == ((0, 1), (1, 3))
    nameless = TappedDelayLine([3]).fit(X).get_feature_names_out()
    assert nameless.tolist() == ["x0_lag3", "x1_lag3"]
    given_names = GammaMemory(1).fit(X[:, :1]).get_feature_names_out(["u"])
    assert given_names.tolist() == ["u_gamma0", "u_gamma1"]
    kernels = DelayKernels([[1], [2]]).fit(frame[["rain"]])
    assert kernels.get_feature_names_out().tolist() == ["rain_kernel0", "rain_kernel1"]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("order", [0, 1, 6])
def test_a_gamma_memory_at_mu_1_is_the_delay_line_bit_for_bit(X, dtype, order):
    rows = (1e3 * X).astype(dtype)
    parts = [rows[:20], rows[20:]]
    ours = GammaMemory(order, 1.0).fit_transform(parts)
    theirs = TappedDelayLine(order).fit_transform(parts)
    for H, expected in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(H, expected)


@pytest.mark.parametrize("mu", [0.1, 0.5, 0.9])
def test_an_impulse_leaves_a_gamma_density_of_mean_delay_k_over_mu(mu):
    order, n_rows = 3, 400
    x = np.zeros((n_rows, 1))
    x[1] = 1.0
    H = GammaMemory(order, mu).fit_transform(x)[1:]
    delay = np.arange(n_rows - 1)
    for k in range(1, order + 1):
        # The discrete gamma density: the k-th success after `delay` draws.
        density = nbinom.pmf(delay - k, k, mu)
        np.testing.assert_allclose(H[:, k], density, rtol=1e-10, atol=1e-15)
        # 400 rows leave out a tail of 0.9 ** 400 times a polynomial.
        np.testing.assert_allclose(H[:, k] @ delay, k / mu, rtol=1e-12)


@given(mu=st.floats(0.0, 2.0, exclude_min=True, exclude_max=True))
def test_a_constant_is_remembered_as_it_is(mu):
    X = np.full((50, 1), 3.0)
    # Of (1 - mu) + mu, 50 times four roundings, mu above 1 passing them on enlarged.
    H = GammaMemory(2, mu).fit_transform(X)
    np.testing.assert_allclose(H, 3.0, rtol=1e-11)
    H = DelayKernels([[0.25, 0.5, 0.25]]).fit_transform(X)
    np.testing.assert_array_equal(H, 3.0)


def test_kernels_of_a_single_one_are_the_delay_line(X):
    kernels = DelayKernels(np.eye(5)[[1, 4]]).fit_transform(X)
    np.testing.assert_array_equal(kernels, TappedDelayLine([1, 4]).fit_transform(X))


def test_a_kernel_may_be_longer_than_every_series(X):
    kernels = 0.9 ** np.arange(100).reshape(1, 100)
    H = DelayKernels(kernels).fit_transform([X[:7], X[7:]])
    for ours, rows in zip(H, [X[:7], X[7:]], strict=True):
        # Sums of 100 terms.
        np.testing.assert_allclose(ours, plain.convolved(rows, kernels), rtol=1e-11)


def test_the_loop_of_the_gamma_memory_is_compiled_once_for_a_precision(X):
    read_only = X.copy()
    read_only.flags.writeable = False
    for rows in (X, read_only, np.asfortranarray(X), X[::2], X.astype(">f8")):
        for given_rows in (rows, rows.astype(np.float32), [rows[:9], rows[9:]]):
            GammaMemory(2, (0.5, 1.0)).fit(given_rows).transform(given_rows)
    assert len(gamma.run_along.signatures) == 2


def test_cross_validation_sees_what_a_hand_written_loop_sees(X):
    y = np.roll(X[:, 0], 2) + np.roll(X[:, 1], 1)
    pipeline = make_pipeline(TappedDelayLine(2), Ridge(1e-3))
    folds = TimeSeriesSplit(4)
    scores = cross_val_score(pipeline, X, y, cv=folds, scoring="r2")
    H = plain.delayed(X, [(0, 1, 2)] * 2)
    for score, (train, test) in zip(scores, folds.split(X), strict=True):
        model = Ridge(1e-3).fit(H[train], y[train])
        # Two solutions of the same well-conditioned equations.
        expected = r2_score(y[test], model.predict(H[test]))
        np.testing.assert_allclose(score, expected, rtol=1e-9)


def test_a_search_over_delays_finds_those_of_the_target(X):
    y = np.roll(X[:, 0], 3)
    grid = {"tappeddelayline__delays": [0, [1, 2], {0: [3], 1: [0]}, 1]}
    search = GridSearchCV(
        make_pipeline(TappedDelayLine(), Ridge(1e-6)), grid, cv=TimeSeriesSplit(3)
    )
    assert search.fit(X, y).best_params_["tappeddelayline__delays"] == {0: [3], 1: [0]}


ERRORS = [
    (TappedDelayLine(-1), "TappedDelayLine(delays=-1): must be an integer of at"),
    (TappedDelayLine([]), "TappedDelayLine(delays=[]): must be a list of at least"),
    (TappedDelayLine({"u": 1}), "There is no column 'u'; there are [0, 1]."),
    (TappedDelayLine({0: 1}), "Column 1 has none; drop it to leave it out."),
    (TappedDelayLine(60), "every series, but X has n_samples=60. Lower it"),
    (
        TappedDelayLine(initial_state="rest"),
        "TappedDelayLine(initial_state='rest'): must be one of 'auto', 'last', 'zero'.",
    ),
    (
        DelayKernels([1.0, 2.0]),
        "DelayKernels(kernels=[1.0, 2.0]): must be an array of shape (n_kernels, "
        "length). A single kernel k is [k].",
    ),
    (
        DelayKernels([[1.0, np.nan]]),
        "DelayKernels(kernels=[[1.0, nan]]): must be an array of shape (n_kernels, "
        "length) of finite numbers.",
    ),
    (
        DelayKernels([["a"]]),
        "DelayKernels(kernels=[['a']]): must be an array of real numbers.",
    ),
    (
        DelayKernels([[]]),
        "DelayKernels(kernels=[[]]): must be an array of shape (n_kernels, length). A "
        "single kernel k is [k].",
    ),
    (GammaMemory(-1), "GammaMemory(order=-1): must be an integer of at least 0."),
    (GammaMemory(1, 2.0), "GammaMemory(mu=2.0): must be in (0, 2)."),
    (GammaMemory(1, 0), "GammaMemory(mu=0): must be in (0, 2)."),
    (GammaMemory(1, [0.5, 2.5]), "GammaMemory(mu[1]=2.5): must be in (0, 2)."),
    (
        GammaMemory(1, [0.5]),
        "GammaMemory(mu=[0.5]): must be a one-dimensional array of finite numbers, 2 "
        "of them.",
    ),
]


@pytest.mark.parametrize(("memory", "message"), ERRORS, ids=lambda value: str(value))
def test_a_parameter_that_breaks_its_rule_is_refused_in_words(memory, message, X):
    with pytest.raises(ValueError, match="must be") as caught:
        memory.fit(X)
    assert message in str(caught.value)
    assert not hasattr(memory, "n_features_in_")


def test_parameters_of_another_kind_are_refused_in_words(X):
    with pytest.raises(TypeError, match=r"^GammaMemory\(order=1.5\): must be an int"):
        GammaMemory(1.5).fit(X)
    with pytest.raises(TypeError, match=r"^GammaMemory\(mu=True\): must be a number"):
        GammaMemory(1, True).fit(X)
    with pytest.raises(TypeError, match=r"^TappedDelayLine\(delays=1.5\): must be an"):
        TappedDelayLine(1.5).fit(X)


def test_a_delay_longer_than_one_of_the_series_names_it_and_the_holes(X, frame):
    with pytest.raises(ValueError, match=r"every series, but series 'b' has n_samp"):
        TappedDelayLine(9).fit(X, groups=["a"] * 51 + ["b"] * 9)
    with pytest.raises(ValueError, match=r"but X\[1\] has n_samples=9\. Lower it"):
        TappedDelayLine(9).fit([X[:51], X[51:]])
    holes = frame.drop(frame.index[[30]])
    with pytest.raises(ValueError, match="X has n_samples=30 between holes"):
        TappedDelayLine(30).fit(holes)
    TappedDelayLine(29).fit(holes)


def test_a_series_too_short_for_the_delays_is_still_transformed(X):
    line = TappedDelayLine(9).fit(X)
    H = line.transform(X[:4], initial_state="zero")
    np.testing.assert_array_equal(H, plain.delayed(X[:4], [range(10)] * 2))


def test_a_failed_fit_leaves_what_was_fitted(X):
    line = TappedDelayLine(2).fit(X)
    before = line.transform(X)
    with pytest.raises(ValueError, match="delays"):
        line.set_params(delays=-1).fit(X[:, :1])
    np.testing.assert_array_equal(line.transform(X), before)


@pytest.mark.parametrize(
    ("memory", "other"),
    [
        (TappedDelayLine(2), {"delays": 5}),
        (DelayKernels([[1.0, 2.0]]), {"kernels": [[3.0]]}),
        (GammaMemory(2, 0.5), {"order": 5, "mu": 0.1}),
    ],
)
def test_a_parameter_set_after_fit_changes_nothing_before_the_next(memory, other, X):
    before = memory.fit(X).transform(X)
    memory.set_params(**other)
    np.testing.assert_array_equal(memory.transform(X), before)
    after = memory.fit(X).transform(X)
    assert not np.array_equal(after, before)


def test_after_several_series_rows_without_ids_are_refused(X):
    line = TappedDelayLine().fit(X, groups=np.tile(["a", "b"], 30))
    with pytest.raises(ValueError, match="TappedDelayLine was fitted on 2 series but"):
        line.transform(X)


def test_a_state_of_another_memory_is_refused(X):
    _, state = GammaMemory(2).fit(X).transform(X, return_state=True)
    with pytest.raises(ValueError, match="another model's; it holds State"):
        TappedDelayLine(2).fit(X).transform(X, initial_state=state)
