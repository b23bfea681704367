"""The array against NumPy's product, its count of cycles against the formula."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from introdl.hardware.systolic_array import (
    predicted_cycles,
    quantize,
    systolic_cycles,
    systolic_matmul,
)


def odd_input(rng):
    A, W = rng.normal(size=(7, 3)), rng.normal(size=(3, 2))
    return {
        "systolic_cycles": {"A": A, "W": rng.normal(size=(3, 3))},
        "systolic_matmul": {"A": A, "W": W, "S": 2},
        "quantize": {"X": A},
    }


sides = st.integers(1, 9)


@settings(max_examples=60, deadline=None)
@given(st.data(), sides, sides, sides, st.integers(1, 6))
def test_any_shape_is_multiplied_exactly_in_the_predicted_cycles(drawn, M, K, N, S):
    numbers = st.integers(-1000, 1000)
    A = drawn.draw(arrays.arrays(np.int64, (M, K), elements=numbers))
    W = drawn.draw(arrays.arrays(np.int64, (K, N), elements=numbers))
    product = systolic_matmul(A, W, S)
    assert (product.result == A @ W).all()
    assert product.cycles == predicted_cycles(M, K, N, S)
    tiles = -(-K // S) * -(-N // S)
    assert product.reads == tiles * (S * S + M * S)
    assert np.isclose(product.utilisation, M * K * N / (tiles * S * S * (M + 3 * S - 1)))


@pytest.mark.agreement
def test_floats_agree_with_pytorch(rng, agreement):
    A, W = rng.normal(size=(23, 17)) * 1e4, rng.normal(size=(17, 11)) + 1e4
    agreement(
        systolic_matmul(A, W, 5).result / 1e8,
        lambda: (torch.from_numpy(A) @ torch.from_numpy(W)).numpy() / 1e8,
        what="a product on an array of side 5",
        against="PyTorch, float64",
        atol=1e-12,
    )


@pytest.mark.agreement
def test_eight_bit_products_are_exact(rng, agreement):
    A, W = (rng.integers(-127, 128, shape, dtype=np.int8) for shape in ((9, 300), (300, 7)))
    agreement(
        systolic_matmul(A.astype(np.int32), W.astype(np.int32), 64).result,
        lambda: np.einsum("mk,kn->mn", A.astype(object), W.astype(object)).astype(float),
        what="8-bit products summed in whole numbers",
        against="Python's unbounded integers",
        atol=0,
    )


def test_an_input_meets_its_sum_when_the_mathematics_says(rng):
    M, S = 5, 4
    A, W = rng.uniform(1, 2, size=(M, S)), rng.uniform(1, 2, size=(S, S))
    cycles = list(systolic_cycles(A, W))[S:]
    for t, cycle in enumerate(cycles):
        for k, j in np.ndindex(S, S):
            m = t - k - j
            if 0 <= m < M:
                assert cycle.inputs[k, j] == A[m, k]
                assert np.isclose(cycle.sums[k, j], A[m, : k + 1] @ W[: k + 1, j])
            else:
                assert cycle.inputs[k, j] == 0
    # The cells' work, counted: what utilisation divides by all their cycles.
    assert sum(np.count_nonzero(cycle.inputs) for cycle in cycles) == M * S * S


def test_a_result_leaves_when_the_mathematics_says(rng):
    M, S = 5, 4
    A, W = rng.normal(size=(M, S)), rng.normal(size=(S, S))
    left = {
        (int(m), int(j)): t
        for t, cycle in enumerate(systolic_cycles(A, W), start=-S)
        for m, j in cycle.done
    }
    assert left == {(m, j): m + S + j for m in range(M) for j in range(S)}


def test_weights_are_in_place_before_an_input_enters(rng):
    A, W = rng.normal(size=(3, 4)), rng.normal(size=(4, 4))
    states = list(systolic_cycles(A, W))
    assert all(not state.inputs.any() for state in states[:4])
    assert all(state.done.shape == (0, 2) and state.values.shape == (0,) for state in states[:4])
    assert all((state.weights == W).all() for state in states[3:])
    assert not (states[2].weights == W).all()


@pytest.mark.parametrize(
    ("A", "W", "S", "message"),
    [
        ((2, 3), (4, 5), 2, r"W has shape \(4, 5\), expected \(K, N\) with K = 3"),
        ((3,), (3, 2), 2, r"A has shape \(3,\), expected \(M, K\)"),
        ((0, 3), (3, 2), 2, r"A is empty, shape \(0, 3\)"),
        ((2, 3), (3, 2), 0, "S must be at least 1, got 0"),
    ],
)
def test_what_cannot_be_multiplied_is_refused(A, W, S, message):
    with pytest.raises(ValueError, match=message):
        systolic_matmul(np.ones(A), np.ones(W), S)


@pytest.mark.parametrize("shapes", [((2, 3), (3, 2)), ((2, 3), (2, 2)), ((3,), (3, 3))])
def test_a_tile_of_another_size_is_refused(shapes):
    A, W = map(np.ones, shapes)
    with pytest.raises(ValueError, match=r"(A|W) has shape .* expected \((M|S), S\)"):
        next(systolic_cycles(A, W))


@settings(max_examples=60, deadline=None)
@given(
    arrays.arrays(
        np.float64, (4, 5), elements=st.floats(-1e30, 1e30, allow_subnormal=False)
    ).filter(lambda X: np.abs(X).max() > 1e-30)
)
def test_rounding_errs_by_half_a_step_at_most(X):
    integers, scale = quantize(X)
    assert integers.dtype == np.int8
    assert np.abs(integers.astype(int)).max() == 127
    assert np.abs(X - scale * integers).max() <= scale / 2 * (1 + 1e-9)


@pytest.mark.parametrize(
    ("value", "message"),
    [(0.0, "expected a positive one"), (np.nan, "not finite"), (np.inf, "not finite")],
)
def test_what_cannot_be_quantised_is_refused(value, message):
    with pytest.raises(ValueError, match=message):
        quantize(np.full((2, 2), value))


@pytest.mark.browser
def test_the_cycles_on_the_page_are_pythons(js, rng):
    for M, S in [(1, 1), (4, 3), (2, 5)]:
        A, W = rng.integers(-9, 10, (M, S)), rng.integers(-9, 10, (S, S))
        shown = js("docs/hardware/systolic_array.js", "cycles", A.tolist(), W.tolist())
        ours = [{k: v.tolist() for k, v in c._asdict().items()} for c in systolic_cycles(A, W)]
        assert shown == ours


@pytest.mark.browser
def test_the_share_on_the_page_is_pythons(js, rng):
    for M, S in [(1, 3), (4, 3), (8, 2)]:
        A, W = rng.integers(1, 10, (M, S)), rng.integers(1, 10, (S, S))
        run = list(systolic_cycles(A, W))
        products = np.array([np.count_nonzero(c.weights * c.inputs) for c in run])
        for n in range(len(run) + 1):
            assert js("docs/hardware/systolic_array.js", "used", n, M, S) == products[:n].sum()
        assert products.sum() / (S * S * len(run)) == systolic_matmul(A, W, S).utilisation
