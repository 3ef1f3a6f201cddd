"""Laws of every readout, whatever it keeps of the rows."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.base import RegressorMixin, clone
from sklearn.utils.estimator_checks import parametrize_with_checks

from seqest.readouts import lms, rls
from tests.contracts.tables.readouts import TABLE, Piece, Readout

Array = NDArray[np.float64]

every_readout = pytest.mark.parametrize("readout", TABLE.values(), ids=TABLE)
ONLINE = {
    name: case
    for name, case in TABLE.items()
    if isinstance(case.make(1, 1), RegressorMixin)
}
every_online_readout = pytest.mark.parametrize("readout", ONLINE.values(), ids=ONLINE)


def rows(n_rows: int = 60) -> Piece:
    """Return features, two targets, and weights of 0, 1 and 2."""
    rng = np.random.default_rng(7)
    F = rng.standard_normal((n_rows, 4)) + 1
    Y = F @ rng.standard_normal((4, 2)) + rng.standard_normal((n_rows, 2))
    return F, Y, rng.integers(0, 3, n_rows).astype(float)


def cut(piece: Piece, *where: int) -> list[Piece]:
    return list(zip(*(np.split(part, where) for part in piece), strict=True))


def assert_same(ours: Any, theirs: Any) -> None:
    # Rounding times the condition of these equations, which is below 1e3.
    np.testing.assert_allclose(ours, theirs, rtol=1e-11, atol=1e-11)


@every_readout
@given(
    where=st.lists(st.integers(1, 59), min_size=1, max_size=5, unique=True).map(sorted)
)
def test_pieces_teach_what_the_whole_does(readout: Readout, where: list[int]) -> None:
    pieces = readout.taught(cut(rows(), *where))
    assert_same(readout.result(pieces), readout.result(readout.taught([rows()])))


@every_readout
def test_a_row_of_weight_zero_is_as_if_it_were_not_there(readout: Readout) -> None:
    F, Y, weight = rows()
    without = F[weight > 0], Y[weight > 0], weight[weight > 0]
    F[weight == 0] *= 100
    ours, theirs = readout.taught([(F, Y, weight)]), readout.taught([without])
    assert_same(readout.result(ours), readout.result(theirs))


@every_readout
def test_a_weight_of_two_is_the_row_twice_where_it_should_be(readout: Readout) -> None:
    F, Y, weight = rows()
    times = weight.astype(int)
    repeated = F.repeat(times, axis=0), Y.repeat(times, axis=0), np.ones(times.sum())
    ours = readout.result(readout.taught([rows()]))
    theirs = readout.result(readout.taught([repeated]))
    if readout.weights_are_repeats:
        assert_same(ours, theirs)
    else:
        assert abs(ours - theirs).max() > 1e-3


@every_readout
def test_order_counts_only_where_it_should(readout: Readout) -> None:
    F, Y, weight = rows()
    ours = readout.result(readout.taught([(F, Y, weight)]))
    theirs = readout.result(readout.taught([(F[::-1], Y[::-1], weight[::-1])]))
    if readout.remembers_order:
        assert abs(ours - theirs).max() > 1e-3
    else:
        assert_same(ours, theirs)


@every_readout
def test_float32_rows_count_as_the_numbers_they_hold(readout: Readout) -> None:
    F, Y, weight = (part.astype(np.float32) for part in rows())
    exact = tuple(part.astype(float) for part in (F, Y, weight))
    ours = readout.result(readout.taught([(F, Y, weight)]))
    assert ours.dtype == np.float64
    assert_same(ours, readout.result(readout.taught([exact])))


@every_readout
def test_rows_may_lie_in_memory_as_they_like_and_stay_as_they_are(
    readout: Readout,
) -> None:
    whole = rows()
    F, Y, weight = (np.asfortranarray(part) for part in rows())
    wide = np.zeros((120, 8))
    wide[::2, ::2] = F
    for part in (F, Y, weight, wide):
        part.flags.writeable = False
    for features in (F, wide[::2, ::2]):
        ours = readout.taught([(features, Y, weight)])
        assert_same(readout.result(ours), readout.result(readout.taught([whole])))
        np.testing.assert_array_equal(features, whole[0])


@every_readout
def test_a_pickled_readout_learns_on(readout: Readout) -> None:
    first, second = cut(rows(), 30)
    loaded = pickle.loads(pickle.dumps(readout.taught([first])))
    readout.learn(loaded, *second)
    expected = readout.result(readout.taught([first, second]))
    assert readout.result(loaded).tolist() == expected.tolist()


def failures(estimator: Any) -> dict[str, str]:
    for case in ONLINE.values():
        example = case.make(1, 1)
        if repr(example) == repr(estimator):
            return dict(case.failures)
    raise LookupError(f"{estimator} is in no table")


@parametrize_with_checks(
    [clone(case.make(1, 1)) for case in ONLINE.values()],
    legacy=True,
    expected_failed_checks=failures,
    xfail_strict=True,
)
def test_scikit_learn_is_content(estimator: Any, check: Any) -> None:
    check(estimator)


@every_online_readout
def test_steps_teach_what_rows_do_and_predict_before(readout: Readout) -> None:
    F, Y, weight = rows()
    stepping = readout.make(4, 2)
    before = [
        (stepping.predict(f[np.newaxis])[0], stepping.step(f, y, omega))
        for f, y, omega in zip(F, Y, weight, strict=True)
    ]
    for predicted, stepped in before:
        assert_same(stepped, predicted)
    assert_same(readout.result(stepping), readout.result(readout.taught([rows()])))


@every_online_readout
def test_one_output_may_be_flat(readout: Readout) -> None:
    F, Y, weight = rows()
    flat = clone(readout.make(4, 1)).fit(F, Y[:, 0], weight)
    column = clone(flat).fit(F, Y[:, :1], weight)
    assert flat.predict(F).shape == (60,)
    assert isinstance(flat.intercept_, float)
    assert flat.coef_.shape == (4,)
    assert column.predict(F).shape == (60, 1)
    assert column.intercept_.shape == (1,)
    assert column.coef_.shape == (1, 4)
    assert_same(flat.coef_, column.coef_[0])


@every_online_readout
def test_predictions_keep_the_precision_of_their_rows(readout: Readout) -> None:
    F, _, _ = rows()
    taught = readout.taught([rows()])
    single = taught.predict(F.astype(np.float32))
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, taught.predict(F), rtol=1e-4, atol=1e-5)


@every_online_readout
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda F, Y, w: (F, Y[:, 0], w), r"\(y=.*of shape \('n_rows', 2\) as before"),
        (lambda F, Y, w: (F[:, :3], Y, w), "has 3 features, but .* expecting 4"),
        (lambda F, Y, w: (F * np.nan, Y, w), "contains NaN"),
        (
            lambda F, Y, w: (F, Y, w - 1),
            r"sample_weight.*at least 0, but row \d+ has -1",
        ),
        (
            lambda F, Y, w: (F, Y, w[1:]),
            r"must be of shape \(60,\), one weight per row",
        ),
    ],
)
def test_a_refused_piece_leaves_the_readout_as_it_was(
    readout: Readout, change: Any, message: str
) -> None:
    taught = readout.taught([rows()])
    before = readout.result(taught)
    with pytest.raises(ValueError, match=message):
        taught.partial_fit(*change(*rows()))
    assert readout.result(taught).tolist() == before.tolist()


@pytest.mark.parametrize("module", [rls, lms], ids=["rls", "lms"])
def test_rows_of_any_form_are_learnt_by_one_compiled_kernel(module: Any) -> None:
    F, Y, weight = rows()
    for readout in ONLINE.values():
        taught = readout.taught([(F.astype(np.float32), np.asfortranarray(Y), weight)])
        taught.step(F[0].copy(), Y[0].copy())
        clone(taught).fit(F.tolist(), Y[:, 0].astype(int))
    assert len(module.learn_rows.signatures) == 1
