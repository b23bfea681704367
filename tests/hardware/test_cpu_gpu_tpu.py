"""Rooflines against closed forms, operations against float64, the clock against a sleep."""

import time

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.flop_counter import FlopCounterMode

from introdl.hardware.cpu_gpu_tpu import operations
from introdl.hardware.cpu_gpu_tpu.roofline import CHIPS, attainable, limit, ridge
from introdl.hardware.cpu_gpu_tpu.timing import Timing, time_call


def odd_input(rng):
    return {"attainable": {"intensity": 1 + rng.random(7), "peak": 2.0, "bandwidth": 1.0}}


CPU = torch.device("cpu")
positive = st.floats(1e-3, 1e15)


@given(positive, positive, positive)
def test_the_roof_is_the_time_of_the_slower_of_two(intensity, peak, bandwidth):
    flops, moved = intensity, 1.0
    seconds = max(flops / peak, moved / bandwidth)
    assert attainable(intensity, peak, bandwidth) == pytest.approx(flops / seconds, rel=1e-9)
    assert attainable(ridge(peak, bandwidth), peak, bandwidth) == pytest.approx(peak, rel=1e-9)
    at_peak = intensity * bandwidth >= peak
    if not np.isclose(intensity * bandwidth, peak):
        assert limit(intensity, peak, bandwidth) == ("arithmetic" if at_peak else "memory")


@pytest.mark.parametrize("numbers", [(0, 1, 1), (1, -1, 1), (1, 1, 0), (np.array([1, 0]), 1, 1)])
def test_what_is_not_positive_has_no_roof(numbers):
    with pytest.raises(ValueError, match="expected positive numbers"):
        attainable(*numbers)


#: Units, operations of each in a cycle, cycles a second; a fused multiply-add is two operations.
UNITS = (
    (18, 2 * 8 * 2, 2.3e9),  # cores with two vector units for eight numbers
    (13 * 192, 2, 560e6),
    (256 * 256, 2, 700e6),
    (8 * 128 * 128, 2, 1.05e9),
    (132 * 128, 2, 1.98e9),
    (132 * 4, 2 * 256, 1.83e9),  # tensor cores
    (132 * 4, 2 * 512, 1.83e9),
)


@pytest.mark.parametrize(
    ("chip", "units"),
    list(zip(CHIPS, UNITS, strict=True)),
    ids=[f"{chip.name}, {chip.arithmetic}" for chip in CHIPS],
)
def test_a_published_peak_is_what_its_units_do_in_a_second(chip, units):
    assert chip.peak == pytest.approx(np.prod(units), rel=0.02)


def test_the_clock_measures_each_call():
    calls = []
    timing = time_call(lambda: calls.append(time.sleep(0.002)), CPU, warmup=3, samples=7)
    assert (timing.warmup, len(timing.samples), len(calls)) == (3, 7, 10)
    assert min(timing.samples) >= 0.002
    assert timing.median < 0.1


def test_a_limit_leaves_five_samples_and_two_calls_of_warm_up():
    timing = time_call(lambda: time.sleep(0.001), CPU, limit=0)
    assert (timing.warmup, len(timing.samples)) == (2, 5)


def test_a_gpus_own_clock_leaves_out_the_start_of_a_call(monkeypatch):
    done = []

    class Event:
        def __init__(self, enable_timing):
            assert enable_timing

        def record(self):
            done.append("event")

        def elapsed_time(self, end):
            return 0.5  # milliseconds

    monkeypatch.setattr(torch.cuda, "Event", Event)
    monkeypatch.setattr(torch.cuda, "synchronize", lambda device: done.append("wait"))
    timing = time_call(
        lambda: done.append("call"),
        torch.device("cuda"),
        warmup=2,
        samples=1,
        before=lambda: done.append("flush"),
        events=True,
    )
    assert timing.samples == [0.0005]
    # The GPU is still busy with the flush when the call reaches it.
    assert done == ["call", "wait", "call", "wait", "flush", "event", "call", "event", "wait"]


def test_what_comes_before_a_sample_is_not_timed():
    timing = time_call(lambda: None, CPU, samples=5, before=lambda: time.sleep(0.01))
    assert timing.median < 0.005


def test_median_and_spread_are_numpys(rng):
    samples = rng.random(31).tolist()
    timing = Timing(samples, 0)
    assert timing.median == np.median(samples)
    assert timing.iqr == pytest.approx(np.subtract(*np.percentile(samples, [75, 25])), rel=1e-12)


SMALL = [
    operations.matmul(24, CPU),
    operations.dense(6, CPU),
    operations.attention(16, CPU, fused=False),
    operations.attention(16, CPU, fused=True),
]


@pytest.mark.parametrize("operation", SMALL, ids=lambda operation: operation.name)
def test_operations_are_right_and_count_what_pytorch_counts(operation):
    assert operation.error() <= operation.tolerance
    if operation.name != "fused attention":  # the counter does not know the CPU's kernel
        with FlopCounterMode(display=False) as counter:
            operation.call()
        assert counter.get_total_flops() == operation.flops


def floats(*shape):
    return torch.zeros(shape).nbytes


@pytest.mark.parametrize(
    ("make", "moved", "flops"),
    [
        (lambda: operations.matmul(24, CPU), 3 * floats(24, 24), 2 * 24**3),
        (lambda: operations.matmul(24, CPU, torch.bfloat16), 3 * floats(24, 24) / 2, 2 * 24**3),
        (lambda: operations.triad(CPU, 5000), 3 * floats(5000), 2 * 5000),
        (
            lambda: operations.dense(6, CPU),
            floats(6, 4096) + floats(4096, 4096) + floats(6, 4096),
            2 * 6 * 4096 * 4096,
        ),
        (
            # q, k, v and the result; the scores and their softmax, each written and read.
            lambda: operations.attention(16, CPU, fused=False),
            4 * floats(8, 16, 64) + 4 * floats(8, 16, 16),
            2 * (2 * 8 * 16 * 16 * 64),
        ),
        (
            lambda: operations.attention(16, CPU, fused=True),
            4 * floats(8, 16, 64),
            2 * (2 * 8 * 16 * 16 * 64),
        ),
        (lambda: operations.transfer(CPU, pinned=False), floats(1000), 0),
        (lambda: operations.launch(CPU, wait=True), floats(1) + floats(1), 1),
    ],
)
def test_each_operation_moves_its_inputs_and_its_output_once(make, moved, flops, monkeypatch):
    monkeypatch.setattr(operations, "TRIAD", 1000)
    operation = make()
    assert (operation.bytes, operation.flops) == (moved, flops)
    assert operation.error() <= operation.tolerance


@pytest.mark.agreement
def test_attention_is_pytorchs(rng, agreement):
    q, k, v = (torch.from_numpy(rng.normal(size=(2, 9, 5))) for _ in range(3))
    agreement(
        operations.naive_attention(q, k, v).numpy(),
        lambda: torch.nn.functional.scaled_dot_product_attention(q, k, v).numpy(),
        what="attention, step by step",
        against="PyTorch's fused attention, float64",
        atol=1e-12,
    )


def test_a_wrong_or_failing_operation_is_recorded_and_the_rest_goes_on(monkeypatch):
    def gone():
        raise RuntimeError("the device is gone\nand more")

    right = operations.matmul(8, CPU)
    wrong = operations.Operation("wrong", {}, 1, 1, right.call, lambda: float("nan"))
    lost = operations.Operation("lost", {}, 1, 1, gone, lambda: 0.0)
    made = [lambda o=o: o for o in (wrong, lost, right)] + [gone]
    monkeypatch.setattr(operations, "operations", lambda device: iter(made))
    failed = [entry["failed"] for entry in operations.measure(CPU, limit=0)]
    assert failed == [
        "ArithmeticError: differs from float64 by nan",
        "RuntimeError: the device is gone",
        None,
        "RuntimeError: the device is gone",
    ]


def test_every_operation_of_a_cpu_is_made(monkeypatch):
    monkeypatch.setattr(operations, "TRIAD", 1000)
    names = [make().name for make in operations.operations(CPU)]
    assert names.count("matmul") == 5
    assert names.count("dense") == 5
    assert names.count("naive attention") == names.count("fused attention") == 3
    assert names.count("triad") == 1


# The figure on the page

SCRIPT = "docs/hardware/cpu_gpu_tpu.js"


@pytest.mark.browser
def test_the_figures_work_and_times_are_pythons(js):
    cpu = torch.device("cpu")
    for kind, n, operation in [
        ("dense", 4, operations.dense(4, cpu)),
        ("matmul", 64, operations.matmul(64, cpu)),
    ]:
        work = js(SCRIPT, "work", kind, n, 4)
        assert (work["flops"], work["bytes"]) == (operation.flops, operation.bytes)
    for kind in ("add", "dense", "matmul"):
        work = js(SCRIPT, "work", kind, 300, 4)
        took = js(SCRIPT, "seconds", work, 5e12, 3e11)
        best = work["flops"] / attainable(work["flops"] / work["bytes"], 5e12, 3e11)
        assert max(took.values()) == pytest.approx(best, rel=1e-12)
    for size in (1, 2, 4):
        assert js(SCRIPT, "work", "add", 1000, size) == {"flops": 1000, "bytes": 3000 * size}


@pytest.mark.browser
@pytest.mark.parametrize(
    ("value", "text"),
    [(6e-7, "600 ns"), (0.01, "10 ms"), (1e-3, "1 ms"), (5.04e-9, "5.04 ns"), (2.5, "2.5 s")],
)
def test_the_figure_writes_times_with_three_digits(js, value, text):
    assert js(SCRIPT, "short", value, "s") == text.replace(" ", "\u00a0")
