import operator
from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from introdl.history.mcculloch_pitts import (
    GATES,
    XOR,
    add,
    compile_table,
    fires,
    fires_1943,
    full_adder,
    gate,
    run,
    truth_rows,
)


def odd_input(rng):
    X, bits = truth_rows(3)[:7], [rng.permutation([0, 1, 0, 1, 1, 0, 1]) for _ in range(3)]
    inhibitory = np.array([True, False, False])
    return {
        "fires": {"X": X, "weights": rng.normal(size=3), "threshold": 0.5},
        "fires_1943": {
            "X": X,
            "synapses": np.array([1, 2, 3]),
            "inhibitory": inhibitory,
            "threshold": 2,
        },
        "gate": {"name": "AND", "inputs": bits[:2]},
        "run": {"layers": [(rng.normal(size=(3, 2)), np.zeros(2))], "X": X},
        "compile_table": {"outputs": np.array([0, 1, 1, 0])},
        "full_adder": dict(zip(("a", "b", "carry"), bits, strict=True)),
        "add": {"a": X, "b": X[::-1]},
    }


#: What a mutant may change without a trace; `make mutants LESSON=history/mcculloch_pitts` reads it.
SAME = {
    '"OR": (np.array([1, 2]), 0.5),': "still OR, with one weight larger than it must be",
    "(np.array([[2, -1], [1, -1]]), np.array([0.5, -1.5])),": "still OR and NAND",
}


def torch_run(layers, X):
    """The same network as linear layers of PyTorch and a step."""
    X = torch.tensor(X, dtype=torch.float64)
    for W, thresholds in layers:
        W, bias = torch.tensor(W, dtype=torch.float64), -torch.tensor(thresholds)
        X = torch.heaviside(
            torch.nn.functional.linear(X, W.T, bias), torch.ones((), dtype=torch.float64)
        )
    return X.numpy()


@pytest.mark.parametrize("n", [0, 1, 2, 5])
def test_truth_rows_count_up(n):
    expected = np.array(list(product([0, 1], repeat=n)), dtype=int).reshape(2**n, n)
    np.testing.assert_array_equal(truth_rows(n), expected)


# One unit


@pytest.mark.parametrize(
    ("name", "logic"),
    [
        ("AND", operator.and_),
        ("OR", operator.or_),
        ("NAND", lambda p, q: 1 - (p & q)),
        ("NOT", lambda p: 1 - p),
    ],
)
def test_each_gate_has_the_table_of_its_logic(name, logic):
    inputs = truth_rows(len(GATES[name][0])).T
    np.testing.assert_array_equal(gate(name, *inputs), logic(*inputs))


def test_an_unknown_gate_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match=r"no gate 'XOR'; there are AND, OR, NAND, NOT"):
        gate("XOR", np.zeros(1), np.ones(1))


@pytest.mark.agreement
def test_a_unit_agrees_with_a_linear_layer_and_a_step(rng, agreement):
    X = rng.integers(0, 2, size=(500, 12))
    weights, threshold = rng.normal(size=12), rng.normal()
    agreement(
        fires(X, weights, threshold),
        lambda: torch_run([(weights[:, None], np.array([threshold]))], X)[:, 0],
        what="outputs of a threshold unit with 12 random weights",
        against="PyTorch linear and heaviside, float64",
        atol=0.0,
    )


def test_a_unit_fires_when_the_sum_equals_the_threshold():
    assert fires(np.array([[1, 1]]), np.array([1, 1]), 2).tolist() == [1]
    assert fires(np.array([[1, 1]]), np.array([1, 1]), np.nextafter(2.0, 3)).tolist() == [0]


@pytest.mark.parametrize("scale", [1e-150, 1e150])
def test_the_scale_of_weights_and_threshold_does_not_matter(scale):
    X = truth_rows(2)
    for weights, threshold in (GATES[name] for name in ("AND", "OR", "NAND")):
        np.testing.assert_array_equal(
            fires(X, scale * weights, scale * threshold), fires(X, weights, threshold)
        )


def test_gates_keep_their_table_when_weights_are_a_little_wrong(rng):
    X = truth_rows(2)
    for weights, threshold in (GATES[name] for name in ("AND", "OR", "NAND")):
        for _ in range(20):
            wrong = weights + rng.uniform(-0.24, 0.24, size=2)
            np.testing.assert_array_equal(fires(X, wrong, threshold), fires(X, weights, threshold))


def test_a_unit_refuses_what_it_cannot_use():
    with pytest.raises(ValueError, match=r"weights has shape \(3,\), expected \(D,\) with D = 2"):
        fires(truth_rows(2), np.ones(3), 1)
    with pytest.raises(ValueError, match=r"X has shape \(2,\), expected \(N, D\)"):
        fires(np.array([0, 1]), np.ones(2), 1)
    with pytest.raises(ValueError, match=r"X must be of 0 and 1, got \[0\.5 1\. \]"):
        fires(np.array([[0.5, 1.0]]), np.ones(2), 1)


# The rules of 1943

UNITS_1943 = st.integers(1, 5).flatmap(
    lambda n: st.tuples(
        st.lists(st.integers(0, 3), min_size=n, max_size=n).map(np.array),
        st.lists(st.booleans(), min_size=n, max_size=n).map(np.array),
        st.integers(1, 6),
    )
)


@settings(max_examples=60, deadline=None)
@given(unit=UNITS_1943)
def test_absolute_inhibition_is_a_veto(unit):
    synapses, inhibitory, threshold = unit
    X = truth_rows(len(synapses))
    for row, output in zip(X, fires_1943(X, synapses, inhibitory, threshold), strict=True):
        active = [(s, i) for s, i, on in zip(synapses, inhibitory, row, strict=True) if on and s]
        excitation = sum(s for s, i in active if not i)
        assert output == (excitation >= threshold and not any(i for _, i in active))


@settings(max_examples=60, deadline=None)
@given(unit=UNITS_1943)
def test_a_large_negative_weight_does_what_a_veto_does(unit):
    synapses, inhibitory, threshold = unit
    X = truth_rows(len(synapses))
    veto = -(synapses[~inhibitory].sum() + 1) * (synapses > 0)
    signed = np.where(inhibitory, veto, synapses)
    np.testing.assert_array_equal(
        fires_1943(X, synapses, inhibitory, threshold), fires(X, signed, threshold)
    )


@settings(max_examples=30, deadline=None)
@given(unit=UNITS_1943)
def test_a_silent_net_stays_silent(unit):
    synapses, inhibitory, threshold = unit
    silence = np.zeros((1, len(synapses)), dtype=int)
    assert fires_1943(silence, synapses, inhibitory, threshold).tolist() == [0]


def test_two_layers_by_the_rules_of_1943_compute_xor():
    X, one = truth_rows(2), np.array([1, 1])
    only = [fires_1943(X, one, np.array(inhibitory), 1) for inhibitory in ([0, 1], [1, 0])]
    either = fires_1943(np.stack(only, axis=1), one, np.array([False, False]), 1)
    assert either.tolist() == [0, 1, 1, 0]


def test_with_an_input_that_is_always_on_two_layers_of_1943_compute_nand():
    X = truth_rows(2)
    on = np.hstack([X, np.ones((4, 1), dtype=int)])
    negations = [
        fires_1943(on, np.array(synapses), np.array([True, True, False]), 1)
        for synapses in ([1, 0, 1], [0, 1, 1])
    ]
    nand = fires_1943(np.stack(negations, axis=1), np.array([1, 1]), np.array([False, False]), 1)
    assert nand.tolist() == [1, 1, 1, 0]


def test_the_rules_of_1943_are_enforced():
    X, one = truth_rows(2), np.array([1, 1])
    with pytest.raises(ValueError, match="expected threshold >= 1 and synapses >= 0, got 0"):
        fires_1943(X, one, one == 0, 0)
    with pytest.raises(ValueError, match=r"synapses >= 0, got 1, \[ 1 -1\]"):
        fires_1943(X, np.array([1, -1]), one == 0, 1)
    with pytest.raises(
        ValueError, match=r"inhibitory has shape \(1,\), expected \(D,\) with D = 2"
    ):
        fires_1943(X, one, np.array([True]), 1)
    with pytest.raises(ValueError, match=r"X has shape \(2,\), expected \(N, D\)"):
        fires_1943(X[0], one, one == 0, 1)


# Networks


def test_xor_on_all_four_rows():
    np.testing.assert_array_equal(run(XOR, truth_rows(2))[:, 0], [0, 1, 1, 0])


def test_a_unit_in_a_layer_fires_when_its_sum_equals_the_threshold():
    net = [(np.array([[1, 1], [1, 1]]), np.array([1, 2]))]
    np.testing.assert_array_equal(run(net, truth_rows(2)), [[0, 0], [1, 0], [1, 0], [1, 1]])


def test_no_single_unit_of_small_weights_computes_xor():
    X = truth_rows(2)
    for weights in product(np.arange(-3, 3.5, 0.5), repeat=2):
        for threshold in np.arange(-6.25, 6.5, 0.5):
            assert fires(X, np.array(weights), threshold).tolist() != [0, 1, 1, 0]


@settings(max_examples=60, deadline=None)
@given(
    table=st.integers(0, 6).flatmap(lambda n: st.lists(st.booleans(), min_size=2**n, max_size=2**n))
)
def test_any_truth_table_compiles_to_two_layers(table):
    outputs = np.array(table, dtype=int)
    n = len(outputs).bit_length() - 1
    net = compile_table(outputs)
    assert [W.shape for W, _ in net] == [(n, outputs.sum()), (outputs.sum(), 1)]
    np.testing.assert_array_equal(run(net, truth_rows(n))[:, 0], outputs)


@pytest.mark.agreement
def test_a_compiled_network_agrees_with_pytorch(rng, agreement):
    outputs = rng.integers(0, 2, size=256)
    net, X = compile_table(outputs), truth_rows(8)
    agreement(
        run(net, X)[:, 0],
        # Looked up: bit 1 of a row stands for 128.
        lambda: [outputs[int("".join(map(str, row)), 2)] for row in X],
        what="two-layer network compiled from a random table of 8 inputs",
        against="the table itself, looked up",
        atol=0.0,
    )
    agreement(
        run(net, X),
        lambda: torch_run(net, X),
        what="outputs of a two-layer network on all 8-bit inputs",
        against="PyTorch linear and heaviside, float64",
        atol=0.0,
    )


@pytest.mark.parametrize("outputs", [[0, 1, 1], [], [[0, 1]], [0, 2, 1, 0]])
def test_what_is_no_table_of_zeros_and_ones_is_refused(outputs):
    with pytest.raises(ValueError, match=r"outputs(:| has| must be)"):
        compile_table(np.array(outputs))


def test_layers_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"layer 1 gets 3 inputs: .* got \(2, 2\) and \(2,\)"):
        run(XOR, truth_rows(3))
    with pytest.raises(ValueError, match=r"layer 1 gets 2 inputs: .* got \(2, 2\) and \(1,\)"):
        run([(XOR[0][0], np.array([0.5]))], truth_rows(2))


# Arithmetic


def test_the_full_adder_adds_three_bits():
    bits = truth_rows(3)
    total, carry = full_adder(*bits.T)
    np.testing.assert_array_equal(total + 2 * carry, bits.sum(axis=1))


@pytest.mark.agreement
def test_adding_with_nand_gates_agrees_with_python(rng, agreement):
    bits = rng.integers(0, 2, size=(2, 300, 40))
    powers = 2 ** np.arange(40, -1, -1)
    agreement(
        add(*bits) @ powers,
        lambda: bits[0] @ powers[1:] + bits[1] @ powers[1:],
        what="sums of 40-bit numbers made of NAND gates",
        against="NumPy integer addition",
        atol=0.0,
    )


# The figure on the page

SCRIPT = "docs/history/mcculloch_pitts.js"


@pytest.mark.browser
def test_the_figures_unit_and_net_are_pythons(js, rng):
    X = truth_rows(2)
    for _ in range(10):
        a, b, out = units = rng.integers(-8, 9, size=(3, 3)) / 2
        alone = fires(X, a[:2], a[2])
        assert js(SCRIPT, "table", [a.tolist()]) == alone.tolist()
        net = [(np.stack([a[:2], b[:2]], axis=1), np.array([a[2], b[2]])), (out[:2, None], out[2:])]
        assert js(SCRIPT, "table", units.tolist()) == run(net, X)[:, 0].tolist()


@pytest.mark.browser
def test_the_figure_shows_a_way_to_each_table_within_reach(js):
    for number, outputs in enumerate(truth_rows(4).tolist()):
        alone, net = (js(SCRIPT, "wayTo", number, many) for many in (False, True))
        assert js(SCRIPT, "table", net) == outputs
        if outputs in ([0, 1, 1, 0], [1, 0, 0, 1]):
            assert alone is None
        else:
            assert js(SCRIPT, "table", alone) == outputs


@pytest.mark.browser
@pytest.mark.parametrize("unit", [[0, 0, 0], [0, 0, 0.5], [1, -1, 0.5]])
def test_the_figure_shades_each_part_of_the_square_once(js, unit):
    square = [[-0.5, -0.5], [1.5, -0.5], [1.5, 1.5], [-0.5, 1.5]]

    def area(polygon):
        x, y = np.array(polygon).reshape(-1, 2).T
        return abs(x @ np.roll(y, 1) - y @ np.roll(x, 1)) / 2

    on, off = (area(js(SCRIPT, "part", square, unit, side)) for side in (1, -1))
    assert on + off == pytest.approx(4)
    if not any(unit[:2]):
        assert on == 4 * (unit[2] <= 0)
