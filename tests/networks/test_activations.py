"""Each activation and its slope against PyTorch and its autograd."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from introdl.networks import activations as act
from introdl.networks.neuron import sigmoid

F = torch.nn.functional
PAIRS = {
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": F.relu,
    "leaky_relu": F.leaky_relu,
    "gelu": F.gelu,
}


def odd_input(rng):
    names = ["step", "tanh", "relu", "leaky_relu", "gelu", "softmax"]
    names += [f"{name}_slope" for name in [*names, "sigmoid"]]
    return {name: {"z": rng.normal(size=4)} for name in names}


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 30), scale=st.sampled_from([0.1, 1, 9]))
@pytest.mark.parametrize("name", PAIRS)
def test_values_and_slopes_equal_pytorchs(name, seed, n, scale):
    z = scale * np.random.default_rng(seed).normal(size=n)
    t = torch.tensor(z, requires_grad=True)
    value = PAIRS[name](t)
    value.sum().backward()
    ours = sigmoid(z) if name == "sigmoid" else getattr(act, name)(z)
    np.testing.assert_allclose(ours, value.detach(), rtol=0, atol=1e-10)
    np.testing.assert_allclose(getattr(act, f"{name}_slope")(z), t.grad, rtol=0, atol=1e-10)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 9), shift=st.sampled_from([0, 1000]))
def test_softmax_and_its_slopes_equal_pytorchs(seed, n, shift):
    z = np.random.default_rng(seed).normal(size=n) + shift
    t = torch.tensor(z)
    np.testing.assert_allclose(act.softmax(z), torch.softmax(t, 0), rtol=0, atol=1e-10)
    slopes = torch.autograd.functional.jacobian(lambda t: torch.softmax(t, 0), t)
    np.testing.assert_allclose(act.softmax_slope(z), slopes, rtol=0, atol=1e-10)


def test_the_step_jumps_at_zero_and_is_flat():
    z = np.array([-1e-9, 0.0, 2.0])
    assert act.step(z).tolist() == [0, 1, 1]
    assert act.step_slope(z).tolist() == [0, 0, 0]
