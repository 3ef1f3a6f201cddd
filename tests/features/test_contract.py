"""Laws of every sequence estimator, held to the short-term memories."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from tests.contracts import test_estimators_contract as contract
from tests.contracts.tables.estimators import SequenceEstimator
from tests.contracts.tables.features import TABLE

every_memory = pytest.mark.parametrize("case", TABLE.values(), ids=TABLE)

# Those of drawn weights and of threads have nothing to hold here.
LAWS = [
    contract.test_a_clone_is_unfitted_and_learns_the_same_bits,
    contract.test_a_second_fit_leaves_nothing_of_the_first,
    contract.test_parameters_are_set_through_a_pipeline,
    contract.test_a_pickle_answers_the_same_bits,
    contract.test_answering_changes_nothing_at_all,
    contract.test_learning_leaves_data_and_parameters_as_they_were,
]


def failures(estimator: Any) -> dict[str, str]:
    for case in TABLE.values():
        if repr(case.make()) == repr(estimator):
            return dict(case.failures)
    raise LookupError(f"{estimator} is in no table")


@parametrize_with_checks(
    [case.make() for case in TABLE.values()],
    expected_failed_checks=failures,
    xfail_strict=True,
)
def test_scikit_learn_is_content(estimator: Any, check: Any) -> None:
    check(estimator)


@every_memory
@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_the_law_of_sequence_estimators_holds(
    case: SequenceEstimator, law: Any
) -> None:
    law(case)


@every_memory
@pytest.mark.parametrize("form", contract.FORMS)
def test_the_future_of_the_inputs_changes_no_past_answer(
    case: SequenceEstimator, form: str
) -> None:
    contract.test_the_future_of_the_inputs_changes_no_past_answer(case, form)


@every_memory
@pytest.mark.parametrize("layout", contract.memory_layouts())
def test_rows_may_lie_in_memory_as_they_like(
    case: SequenceEstimator, layout: str
) -> None:
    contract.test_rows_may_lie_in_memory_as_they_like(case, layout)


@every_memory
def test_precision_is_that_of_the_rows(case: SequenceEstimator) -> None:
    X, _ = contract.rows()
    single = X.astype(np.float32)
    for seen in (X, single):
        memory = case.make().fit(seen)
        H, state = memory.transform(single, return_state=True)
        assert H.dtype == np.float32
        assert {value.dtype.name for value in state.values.values()} == {"float32"}
        assert memory.transform(X).dtype == np.float64
        # Averages of values up to 1, of seven digits.
        np.testing.assert_allclose(H, memory.transform(X), atol=1e-5)
