"""Bad input is refused in one sentence that a forecaster can act on."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression, Ridge

from seqest import ESNRegressor, Reservoir
from seqest.readouts import RecursiveLeastSquares
from tests.reference import echo_state as plain

N_ROWS = 60


def inputs():
    return np.random.default_rng(0).uniform(-1, 1, (N_ROWS, 2))


def targets():
    return np.roll(inputs()[:, 0], 1)


def with_value(array, place, value):
    array = array.astype(object) if isinstance(value, str) else array.copy()
    array[place] = value
    return array


def frame(order=slice(None), **columns):
    index = pd.date_range("2024-01-01", periods=N_ROWS)
    return (
        pd.DataFrame(inputs(), index, ["inflow", "rain"]).assign(**columns).iloc[order]
    )


NUMBERED = with_value(inputs(), (17, 1), np.nan)
LAGGED = pd.Series(targets(), frame().index + pd.Timedelta(days=1))

DATA = {
    "NaN in X": (NUMBERED, targets(), r"X\[17, 1\] is NaN.*impute it"),
    "inf in X": (with_value(inputs(), (3, 0), -np.inf), targets(), r"X\[3, 0\] is inf"),
    "inf and -inf in X": (
        with_value(with_value(inputs(), (3, 0), np.inf), (4, 0), -np.inf),
        targets(),
        r"X\[3, 0\] is inf",
    ),
    "NaN in a frame": (frame(rain=NUMBERED[:, 1]), targets(), r"X\[17, 1\] is NaN"),
    "NaN in a list": ([inputs(), NUMBERED], [targets()] * 2, r"X\[1\]\[17, 1\] is NaN"),
    "NaN in 3-D": (
        np.stack([inputs(), NUMBERED]),
        np.ones((2, N_ROWS, 1)),
        r"X\[1, 17, 1\] is NaN",
    ),
    "text in X": (
        with_value(inputs(), (5, 1), "wet"),
        targets(),
        r"X\[5, 1\] is 'wet', which is not a number",
    ),
    "a column of text": (frame(sky="clear"), targets(), r"X\[0, 2\] is 'clear'"),
    "decimal commas": (frame(rain="1,5"), targets(), r"X\[0, 1\] is '1,5'"),
    "a column of dates": (
        frame(day=frame().index),
        targets(),
        r"X's column 'day' holds times.*X\.set_index\('day'\)",
    ),
    "dates alone": (
        frame().index.to_numpy()[:, None],
        targets(),
        r"X holds times \(datetime64.*index of a DataFrame",
    ),
    "no rows": (
        inputs()[:0],
        targets()[:0],
        r"0 sample\(s\).*minimum of 1 is required",
    ),
    "an empty list": ([], [], "X is empty"),
    "no columns": (inputs()[:, :0], targets(), r"0 feature\(s\)"),
    "one row": (inputs()[:1], targets()[:1], "1 sample in a series.*Give at least 2"),
    "series of one row": ([inputs()[:1]] * 3, [[1.0]] * 3, "1 sample in a series"),
    "a flat X": (targets(), targets(), "Expected 2D array"),
    "y of another length": (inputs(), targets()[:-1], "y has 59 rows but X has 60"),
    "y of another index": (
        frame(),
        LAGGED,
        r"row 0 is 2024-01-02 00:00:00 in y and 2024-01-01 .*y\.loc\[X\.index\]",
    ),
    "y of another index that reads alike": (
        pd.DataFrame(inputs()),
        pd.Series(targets(), map(str, range(N_ROWS))),
        "row 0 is '0' in y and 0 in X",
    ),
    "a series of y of another index": (
        [frame(), frame()],
        [pd.Series(targets(), frame().index), LAGGED],
        r"y\[1\] has another index than X\[1\]",
    ),
    "no y": (inputs(), None, "requires y to be passed"),
    "inf in y": (inputs(), with_value(targets(), 4, np.inf), "y contains infinity"),
    "y all NaN": (inputs(), np.full(N_ROWS, np.nan), "y has NaN in every row"),
    "NaN in every row of y": (
        inputs(),
        np.where(np.eye(N_ROWS, 2)[np.arange(N_ROWS) % 2] > 0, np.nan, 1.0),
        "y has NaN in every row; at least one row needs all",
    ),
    "text in y": (inputs(), ["a"] * N_ROWS, r"y\[0\] is 'a', which is not a number"),
    "dates in y": (inputs(), frame().index, r"y holds times"),
    "rows shuffled": (
        frame(np.random.default_rng(0).permutation(N_ROWS)),
        targets(),
        "does not increase.*shuffled or repeated.*shuffle=False",
    ),
    "rows repeated": (frame([0, 0, 1]), targets()[:3], "shuffled or repeated"),
}


@pytest.mark.parametrize(("X", "y", "message"), DATA.values(), ids=DATA)
def test_data_that_cannot_be_learnt_from_is_refused(X, y, message):
    with pytest.raises(ValueError, match=f"(?s){message}") as caught:
        ESNRegressor(10).fit(X, y)
    assert len(str(caught.value)) < 300 or "Expected 2D" in message


GROUPS = {
    "of another length": (["a"] * 59, "groups have 59 rows but X has 60"),
    "a missing id": (["a", None] * 30, "series of row 1 is missing"),
    "a NaN id": (np.r_[np.nan, np.ones(59)], "series of row 0 is missing"),
    "one name": ("a", r"ESNRegressor\(groups='a'\): must be one id per row"),
}


@pytest.mark.parametrize(("groups", "message"), GROUPS.values(), ids=GROUPS)
def test_groups_that_do_not_name_every_row_are_refused(groups, message):
    with pytest.raises(ValueError, match=message):
        ESNRegressor(10).fit(inputs(), targets(), groups=groups)
    model = ESNRegressor(10).fit(inputs(), targets(), groups=["a", "b"] * 30)
    with pytest.raises(ValueError, match=message):
        model.predict(inputs(), groups)


def test_groups_beside_other_names_of_the_series_are_refused():
    index = pd.MultiIndex.from_product([["a", "b"], range(30)])
    model = ESNRegressor(10)
    with pytest.raises(ValueError, match="names its series in its MultiIndex"):
        model.fit(frame().set_axis(index), targets(), groups=["a"] * N_ROWS)
    for names in (["a"], ["a", "a"]):
        with pytest.raises(ValueError, match="groups name 1 series but X holds 2"):
            ESNRegressor(10).fit([inputs()] * 2, [targets()] * 2, groups=names)


SQUARE = np.eye(10)
PARAMETERS = [
    ({"n_units": 0}, ValueError, r"n_units=0\): must be an integer of at least 1"),
    ({"n_units": 2.5}, TypeError, r"n_units=2.5\): must be an integer"),
    ({"n_units": (5, 0)}, ValueError, r"n_units=0\): must be an integer of at least 1"),
    ({"n_units": ()}, ValueError, r"n_units=\(\)\): must be not empty"),
    ({"topology": "star"}, ValueError, r"topology='star'\): must be one of 'block'"),
    (
        {"topology": np.ones((10, 9))},
        ValueError,
        r"topology=.*\(10, 9\)>\): must be of shape \(10, 10\)",
    ),
    (
        {"topology": SQUARE[:5, :5]},
        ValueError,
        r"topology=.*\(5, 5\)>\): must be of shape \(10, 10\)",
    ),
    (
        {"topology": SQUARE * 1j},
        TypeError,
        r"topology=.*\): must be a matrix of real numbers",
    ),
    (
        {"topology": SQUARE * np.nan},
        ValueError,
        r"topology=.*\): must be free of NaN and inf",
    ),
    ({"density": 0}, ValueError, r"density=0\): must be in \(0, 1\]"),
    ({"density": 1.1}, ValueError, r"density=1.1\): must be in \(0, 1\]"),
    ({"spectral_radius": 0}, ValueError, r"spectral_radius=0\): must be in \(0, inf\)"),
    ({"spectral_radius": -0.9}, ValueError, r"spectral_radius=-0.9\): must be in"),
    ({"spectral_radius": np.nan}, ValueError, r"spectral_radius=nan\): must be in"),
    ({"leak_rate": 1.4}, ValueError, r"leak_rate=1.4\): must be in \(0, 1\]"),
    ({"leak_rate": 0}, ValueError, r"leak_rate=0\): must be in \(0, 1\]"),
    ({"leak_rate": "slow"}, TypeError, r"leak_rate='slow'\): must be a number in"),
    ({"input_scaling": -1}, ValueError, r"input_scaling=-1\): must be in \[0, inf\)"),
    (
        {"input_scaling": [1, 2, 3]},
        ValueError,
        r"input_scaling=.*\): must be a number or of shape \(2,\)",
    ),
    ({"input_weights": "odd"}, ValueError, r"input_weights='odd'\): must be one of"),
    (
        {"input_weights": np.ones((10, 3))},
        ValueError,
        r"input_weights=.*\): must be of shape \(10, 2\)",
    ),
    ({"bias_scaling": -1}, ValueError, r"bias_scaling=-1\): must be in \[0, inf\)"),
    ({"activation": "sine"}, ValueError, r"activation='sine'\): must be one of"),
    (
        {"initial_state": "warm"},
        ValueError,
        r"initial_state='warm'\): must be one of 'auto', 'last', 'zero'",
    ),
]
ESN_PARAMETERS = [
    ({"feedback_scaling": -1}, ValueError, r"feedback_scaling=-1\): must be in \[0,"),
    ({"noise": -0.1}, ValueError, r"noise=-0.1\): must be in \[0, inf\)"),
    (
        {"washout": -1},
        ValueError,
        r"washout=-1\): must be an integer of at least 0\. Give a number of rows, or",
    ),
    ({"washout": 1.5}, TypeError, r"washout=1.5\): must be an integer of at least 0"),
    ({"washout": "long"}, TypeError, r"washout='long'\): must be an integer"),
    (
        {"washout": 60},
        ValueError,
        "X has 60 rows but washout=60 discards them all; lower washout",
    ),
    ({"include_input": "yes"}, TypeError, r"include_input='yes'\): must be True or F"),
    (
        {"readout_features": "cubic"},
        ValueError,
        r"readout_features='cubic'\): must be one of 'half_squared', 'linear'",
    ),
    ({"alpha": -1}, ValueError, r"alpha=-1\): must be in \[0, inf\)"),
    ({"alpha": [1.0, -1.0]}, ValueError, r"alpha=-1.0\): must be in \[0, inf\)"),
    ({"alpha": []}, ValueError, r"alpha=\[\]\): must be a list of at least one"),
    (
        {"alpha": np.ones(3)},
        ValueError,
        r"alpha=.*\): must be of shape \(1,\), one penalty per output",
    ),
    ({"alpha": "small"}, TypeError, r"alpha='small'\): must be a number in"),
    (
        {"readout": "ridge"},
        TypeError,
        r"readout='ridge'\): must be None or a scikit-learn regressor",
    ),
]


@pytest.mark.parametrize(("options", "kind", "message"), PARAMETERS + ESN_PARAMETERS)
def test_a_parameter_out_of_its_range_is_named_with_its_value_and_rule(
    options, kind, message
):
    prefix = "" if message.startswith("X has") else r"^ESNRegressor\("
    with pytest.raises(kind, match=prefix + message):
        ESNRegressor(**{"n_units": 10, **options}).fit(inputs(), targets())


@pytest.mark.parametrize(("options", "kind", "message"), PARAMETERS)
def test_a_reservoir_names_itself_in_the_same_errors(options, kind, message):
    with pytest.raises(kind, match=r"^Reservoir\(" + message):
        Reservoir(**{"n_units": 10, **options}).fit(inputs())


@pytest.mark.parametrize("call", ["predict", "forecast", "predict_open_loop", "score"])
def test_nothing_can_be_asked_before_fit(call):
    arguments = {"predict": (inputs(),), "forecast": (3,)}
    with pytest.raises(NotFittedError, match="not fitted yet"):
        getattr(ESNRegressor(10), call)(*arguments.get(call, (inputs(), targets())))
    with pytest.raises(NotFittedError, match="not fitted yet"):
        Reservoir(10).transform(inputs())


def test_rows_of_other_features_cannot_be_predicted():
    model = ESNRegressor(10).fit(frame(), targets())
    with pytest.raises(ValueError, match=r"(?s)feature names.*unseen.*- snow"):
        model.predict(frame().rename(columns={"rain": "snow"}))
    model.fit(inputs(), targets())
    with pytest.raises(ValueError, match="1 features, but ESNRegressor is expecting 2"):
        model.predict(inputs()[:, :1])
    with pytest.raises(ValueError, match="1 features, but ESNRegressor is expecting 2"):
        model.partial_fit(inputs()[:, :1], targets())


def test_a_forecast_needs_outputs_that_are_the_next_inputs():
    x = np.sin(0.3 * np.arange(N_ROWS))
    model = ESNRegressor(10).fit(x[:-1, None], x[1:])
    model.forecast(3)
    for y in (x[:-1], np.column_stack([x[1:], x[1:]])):
        with pytest.raises(
            ValueError, match=r"X\[1:\] == y\[:-1\] in fit.*series\[:-1\]"
        ):
            ESNRegressor(10).fit(x[:-1, None], y).forecast(3)
    # A target that is missing does not hinder it.
    ESNRegressor(10).fit(x[:-1, None], with_value(x[1:], [4, 9], np.nan)).forecast(3)
    with pytest.raises(ValueError, match=r"forecast\(n_steps=0\): must be an integer"):
        model.forecast(0)
    with pytest.raises(TypeError, match=r"forecast\(n_steps=1.5\): must be an integer"):
        model.forecast(1.5)
    with pytest.raises(
        ValueError, match=r"forecast\(initial_state='now'\): must be one"
    ):
        model.forecast(3, initial_state="now")
    with pytest.raises(
        ValueError, match=r"\(initial_state='now'\): must be 'auto', 'z"
    ):
        model.predict(x[:, None], initial_state="now")


class Breaks(Ridge):
    """A readout that fails when all the rest is done."""

    def __init__(self, error=RuntimeError):
        super().__init__()
        self.error = error

    def fit(self, X, y):
        raise self.error("the readout broke")


class BreaksOnLargeTargets(RecursiveLeastSquares):
    """An online readout that learns a while and then fails."""

    def partial_fit(self, X, y, sample_weight=None):
        super().partial_fit(X, y, sample_weight)
        if np.max(y) > 5:
            raise RuntimeError("the readout broke")
        return self


FAILURES = {
    "NaN in X": ({}, {"X": NUMBERED}, ValueError),
    "inf in y": ({}, {"y": with_value(targets(), 4, np.inf)}, ValueError),
    "y too short": ({}, {"y": targets()[1:]}, ValueError),
    "groups too short": ({}, {"groups": ["a"]}, ValueError),
    "weights of zero": ({}, {"sample_weight": np.zeros(N_ROWS)}, ValueError),
    "a parameter out of range": ({"leak_rate": 2.0}, {}, ValueError),
    "another width and a bad parameter": (
        {"n_units": 7, "topology": "star"},
        {"X": inputs()[:, :1]},
        ValueError,
    ),
    "a penalty out of range": ({"alpha": -1.0}, {}, ValueError),
    "states that diverge": (
        {"activation": "identity", "spectral_radius": 1e9},
        {},
        FloatingPointError,
    ),
    "a readout that breaks": ({"readout": Breaks()}, {}, RuntimeError),
    "an interruption": ({"readout": Breaks(KeyboardInterrupt)}, {}, KeyboardInterrupt),
}


@pytest.mark.parametrize(("options", "data", "error"), FAILURES.values(), ids=FAILURES)
def test_after_a_failed_fit_what_was_fitted_before_still_predicts(options, data, error):
    model = ESNRegressor(10, feedback_scaling=0.2, random_state=0)
    model.fit(inputs(), targets())
    fitted = {name: value for name, value in vars(model).items() if name.endswith("_")}
    before = pickle.dumps(fitted), model.predict(inputs()[::-1])
    model.set_params(**options)
    with pytest.raises(error):
        model.fit(**{"X": inputs(), "y": targets(), **data})
    fitted = {name: value for name, value in vars(model).items() if name.endswith("_")}
    assert pickle.dumps(fitted) == before[0]
    np.testing.assert_array_equal(model.predict(inputs()[::-1]), before[1])


def test_after_a_failed_first_fit_nothing_is_fitted():
    model = ESNRegressor(10, readout=Breaks())
    with pytest.raises(RuntimeError):
        model.fit(inputs(), targets())
    assert not [name for name in vars(model) if name.endswith("_")]


@pytest.mark.parametrize("readout", [None, BreaksOnLargeTargets()])
def test_after_a_failed_partial_fit_learning_goes_on_as_if_it_had_not_been(readout):
    X, y = inputs(), targets()
    model = ESNRegressor(10, readout=readout, washout=0, random_state=0)
    expected = clone(model).partial_fit(X[:30], y[:30]).partial_fit(X[30:], y[30:])
    model.partial_fit(X[:30], y[:30])
    broken = with_value(y[30:], 20, np.inf if readout is None else 10.0)
    with pytest.raises((ValueError, RuntimeError)):
        model.partial_fit(X[30:], broken)
    model.partial_fit(X[30:], y[30:])
    np.testing.assert_array_equal(model.coef_, expected.coef_)
    np.testing.assert_array_equal(model.predict(X[::-1]), expected.predict(X[::-1]))


class Fixed(LinearRegression):
    """A linear readout of given weights, which runs compiled."""

    def __init__(self, weight):
        super().__init__()
        self.weight = weight

    def fit(self, X, y):
        self.coef_ = np.full(X.shape[1], float(self.weight))
        self.intercept_ = 0.0
        return self


class FixedStepByStep(Fixed):
    """The same, not known to be linear, so that it is asked at every step."""

    def predict(self, X):
        with np.errstate(over="ignore", invalid="ignore"):
            return X @ self.coef_


def free_running(readout, **options):
    """Return a model with strong feedback and its free run by the equations."""
    options = {"spectral_radius": 0.5, "feedback_scaling": 1.0, **options}
    model = ESNRegressor(10, readout=readout, random_state=0, **options)
    model.fit(inputs(), targets())
    start = plain.states(model.reservoir_, inputs(), targets()[:, None])[-1]
    weights = np.full((1, 12), float(readout.weight)), np.zeros(1)
    later = np.tile(inputs(), (10, 1))
    with np.errstate(all="ignore"):
        free = plain.free_run(model.reservoir_, *weights, start, targets()[-1:], later)
    return model, later, free[:, 0]


@pytest.mark.parametrize("readout", [Fixed(5), FixedStepByStep(5)], ids=repr)
@pytest.mark.parametrize("activation", ["identity", "relu"])
def test_a_free_run_to_infinity_raises_with_the_step(activation, readout):
    model, later, free = free_running(readout, activation=activation)
    step = int(np.argmin(np.isfinite(free)))
    assert step > 10
    with pytest.raises(
        FloatingPointError, match=f"not finite at step {step}. Raise al"
    ):
        model.predict(later, initial_state="last")


@pytest.mark.parametrize("readout", [Fixed(1000), FixedStepByStep(1000)], ids=repr)
def test_a_free_run_that_leaves_the_range_of_the_targets_warns_with_the_step(readout):
    model, later, free = free_running(readout)
    width = np.ptp(targets())
    outside = (free < targets().min() - 10 * width) | (
        free > targets().max() + 10 * width
    )
    step = int(np.argmax(outside))
    message = f"left the range of the training targets by 10 times .* at step {step}. R"
    with pytest.warns(RuntimeWarning, match=message):
        predicted = model.predict(later[: step + 9], initial_state="last")
    assert np.isfinite(predicted).all()


def test_the_series_that_diverged_is_named():
    X, y = inputs(), targets()
    model = ESNRegressor(
        10,
        readout=Fixed(5),
        activation="identity",
        feedback_scaling=1.0,
        random_state=0,
    ).fit(X, y, groups=["north", "south"] * 30)
    X, names = np.tile(X, (10, 1)), np.repeat(["north", "south"], 300)
    with pytest.raises(FloatingPointError, match="free run of series 'north' diverged"):
        model.predict(X, names, initial_state="last")


@pytest.mark.parametrize("activation", ["identity", "relu"])
def test_states_that_grow_without_bound_are_refused(activation):
    options = {"activation": activation, "spectral_radius": 1e9, "random_state": 0}
    message = f"grew without bound .*activation='{activation}'.*spectral_radius"
    with pytest.raises(FloatingPointError, match="ESNRegressor: .*" + message):
        ESNRegressor(10, **options).fit(inputs(), targets())
    with pytest.raises(FloatingPointError, match="Reservoir: .*" + message):
        Reservoir(10, **options).fit_transform(inputs())
    with pytest.raises(FloatingPointError, match="Reservoir: .*" + message):
        Reservoir(10, **options).fit(inputs())
