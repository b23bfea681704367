"""The lecture's network against PyTorch, NumPy and SciPy; records against their schema."""

import contextlib
import copy
import dataclasses
import json
import os
import pickle
import signal
import subprocess
import sys
import time
import types
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy import ndimage
from torch import nn
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from introdl.hardware.cpu_gpu_tpu.operations import measure
from introdl.hardware.gpu_timing import (
    comparing,
    images,
    measuring,
    network,
    record,
    rungs,
    training,
)
from introdl.hardware.gpu_timing.__main__ import main
from introdl.hardware.gpu_timing.apart import TaskError, apart
from introdl.hardware.gpu_timing.rungs import RUNGS, set_precision


def odd_input(rng):
    # A shift would push some pixels out of the image, and what is odd with them.
    still = types.SimpleNamespace(
        random=lambda: 0.9, uniform=lambda low, high, size: np.zeros(size)
    )
    return {"augment_one": {"image": rng.integers(0, 256, (3, 32, 32)), "rng": still}}


CPU = torch.device("cpu")


def operation(name, median, flops=1, moved=8, **config):
    """An entry of a record as `cpu_gpu_tpu.operations.measure` makes it."""
    return {
        **{"name": name, "config": config, "failed": None, "samples": [median] * 5},
        **{"median": median, "iqr": 0.0, "warmup": 10, "flops": flops, "bytes": moved},
        "check": {"error": 0.0, "tolerance": 1e-5},
    }


OPERATIONS = [
    *(
        operation("matmul", 1e-5, 2 * n**3, 12 * n * n, n=n, dtype="float32")
        for n in (64, 128, 256)
    ),
    operation("matmul", 1e-4, 2 * 8192**3, 6 * 8192**2, n=8192, dtype="bfloat16"),
    operation("transfer", 4e-3, 0, 64e6, pinned=True),
    operation("launch", 5e-6, waits=False),
]
CONFIG = measuring._outline(RUNGS[0])["config"]
ON_CPU = [rung for rung in RUNGS if "cpu" in rung.devices]
FLOAT32 = next(rung for rung in ON_CPU if rung.name == "whole_epoch")


@pytest.fixture(scope="module")
def few():
    return images.synthetic(train=96, validation=32)


@pytest.fixture(scope="module")
def measured(few):
    """The record of this machine's ladder, over two steps a sample."""
    *_, made = measuring.measure(CPU, few, steps=2)
    return made


def plain():
    """The network written another way, layer after layer, without dropout."""
    return nn.Sequential(
        *(nn.Conv2d(3, 32, 3, padding="same"), nn.ReLU(), nn.Conv2d(32, 32, 3), nn.ReLU()),
        nn.MaxPool2d(2),
        *(nn.Conv2d(32, 64, 3, padding="same"), nn.ReLU(), nn.Conv2d(64, 64, 3), nn.ReLU()),
        *(nn.MaxPool2d(2), nn.Flatten(), nn.Linear(2304, 512), nn.ReLU(), nn.Linear(512, 10)),
    )


def test_it_has_the_published_number_of_parameters_and_shapes():
    net = network.DeckNetwork()
    assert sum(p.numel() for p in net.parameters()) == 1_250_858
    assert net(torch.zeros(2, 3, 32, 32)).shape == (2, 10)
    assert [list(p.shape) for p in net.parameters()] == [
        list(p.shape) for p in plain().parameters()
    ]


def test_weights_start_glorot_uniform_and_biases_zero():
    net = network.DeckNetwork()
    for layer in net.children():
        assert (layer.bias == 0).all()
        inputs = layer.weight[0].numel()
        outputs = layer.weight.shape[0] * layer.weight[0, 0].numel()
        bound = np.sqrt(6 / (inputs + outputs))
        assert layer.weight.abs().max() <= bound
        assert layer.weight.detach().std().item() == pytest.approx(bound / np.sqrt(3), rel=0.05)


@pytest.mark.agreement
def test_three_updates_are_those_of_another_network_and_a_numpy_optimiser(rng, agreement):
    ours, theirs = network.DeckNetwork().double(), plain().double()
    theirs.load_state_dict(dict(zip(theirs.state_dict(), ours.state_dict().values(), strict=True)))
    optimizer = network.NesterovSGD(ours)
    batches = [
        (torch.from_numpy(rng.random((4, 3, 32, 32))), torch.from_numpy(rng.integers(0, 10, 4)))
        for _ in range(3)
    ]
    for x, y in batches:
        optimizer.gradient.zero_()
        F.cross_entropy(ours(x), y).backward()
        optimizer.step()

    def reference():
        w = np.concatenate([p.detach().numpy().ravel() for p in theirs.parameters()])
        v = np.zeros_like(w)
        for t, (x, y) in enumerate(batches):
            nn.utils.vector_to_parameters(torch.from_numpy(w), theirs.parameters())
            theirs.zero_grad()
            (-torch.log_softmax(theirs(x), 1)[range(4), y].mean()).backward()
            g = np.concatenate([p.grad.numpy().ravel() for p in theirs.parameters()])
            rate = 0.01 / (1 + 1e-6 * t)
            v = 0.9 * v - rate * g
            w = w + 0.9 * v - rate * g
        return w

    agreement(
        optimizer.weights.numpy(),
        reference,
        what="weights after three Nesterov updates",
        against="nn.Sequential and NumPy, float64",
        atol=1e-13,
    )


def test_dropout_zeroes_what_the_mask_says_and_scales_the_rest(rng):
    net = network.DeckNetwork().double()
    x = torch.from_numpy(rng.random((3, 3, 32, 32)))
    masks = [torch.zeros(shape, dtype=torch.float64) for shape in network.mask_shapes(3)]
    assert torch.equal(net(x, masks), net.dense2.bias.expand(3, 10))
    kept = [torch.ones_like(m) * keep for m, keep in zip(masks, network.KEEP, strict=True)]
    torch.testing.assert_close(net(x, kept), net(x), rtol=1e-12, atol=1e-12)


@pytest.mark.agreement
def test_operations_are_those_that_pytorch_counts(agreement):
    def counted():
        with FlopCounterMode(display=False) as forward:
            loss = plain()(torch.rand(1, 3, 32, 32)).sum()
        with FlopCounterMode(display=False) as backward:
            loss.backward()
        operations = forward.get_total_flops()
        return [operations, operations + backward.get_total_flops()]

    agreement(
        [network.flops_per_image(training=False), network.flops_per_image()],
        counted,
        what="operations for an image, forward and in training",
        against="PyTorch's FLOP counter",
        atol=0,
    )


def test_an_epochs_operations_and_bytes_are_counted_layer_by_layer():
    sizes = []
    net, layers = plain(), (nn.Conv2d, nn.MaxPool2d, nn.Linear)
    for layer in net:
        if isinstance(layer, layers):
            layer.register_forward_hook(lambda _, inputs, output: sizes.append(output.numel()))
    with FlopCounterMode(display=False) as forward:
        loss = net(torch.rand(1, 3, 32, 32)).sum()
    with FlopCounterMode(display=False) as backward:
        loss.backward()
    once, again = forward.get_total_flops(), backward.get_total_flops()
    assert network.flops_per_epoch() == 50_000 * (once + again) + 10_000 * once
    # Each number: written, read twice, and so its gradient; in validation written and read.
    numbers = 50_000 * 6 * sum(sizes) + 10_000 * 2 * sum(sizes)
    assert network.bytes_per_epoch() == 4 * numbers
    assert network.bytes_per_epoch(2) == 2 * numbers


@pytest.mark.agreement
def test_a_batch_is_augmented_as_scipy_shifts_each_image(rng, agreement):
    n = 12
    pixels = rng.integers(0, 256, (n, 3, 32, 32), dtype=np.uint8)
    flip, down, right = rng.random(n) < 0.5, *rng.integers(-3, 4, (2, n))

    def expected():
        return [
            ndimage.shift(image, (0, d, r), order=0, mode="nearest")[:, :, :: -1 if f else 1]
            for image, f, d, r in zip(pixels, flip, down, right, strict=True)
        ]

    ours = images.augment(*map(torch.from_numpy, (pixels, flip, down, right)))
    agreement(
        ours.numpy(), expected, what="a batch flipped and shifted", against="SciPy's shift", atol=0
    )


def test_one_image_is_augmented_as_a_batch_of_one(rng):
    image = rng.integers(0, 256, (3, 32, 32), dtype=np.uint8)
    seed = int(rng.integers(2**31))
    again = np.random.default_rng(seed)
    flip = again.random() < 0.5
    down, right = np.rint(again.uniform(-3.2, 3.2, 2)).astype(int)
    batch = images.augment(
        torch.from_numpy(image[None]), *(torch.tensor([v]) for v in (flip, int(down), int(right)))
    )
    assert (images.augment_one(image, np.random.default_rng(seed)) == batch[0].numpy()).all()


@pytest.mark.parametrize(("drawn", "flipped"), [(0.499, True), (0.501, False)])
def test_one_image_in_two_is_flipped(drawn, flipped, rng):
    image = rng.integers(0, 256, (3, 32, 32), dtype=np.uint8)
    still = types.SimpleNamespace(
        random=lambda: drawn, uniform=lambda low, high, size: np.zeros(size)
    )
    assert (images.augment_one(image, still) == (image[:, :, ::-1] if flipped else image)).all()


def test_an_image_of_another_size_is_refused(rng):
    with pytest.raises(ValueError, match=r"image has shape \(3, 30, 32\)"):
        images.augment_one(np.zeros((3, 30, 32), np.uint8), rng)


def test_shifts_stay_within_three_pixels_and_half_are_flipped():
    ramp = torch.arange(32, dtype=torch.uint8).expand(4000, 3, 32, 32)
    middle = images.random_augment(ramp)[:, 0, 16, 15:17].long()
    flipped = middle[:, 0] > middle[:, 1]
    assert 0.45 < flipped.double().mean() < 0.55
    shift = torch.where(flipped, 16 - middle[:, 0], 15 - middle[:, 0])
    assert sorted(set(shift.tolist())) == list(range(-3, 4))


@pytest.mark.parametrize("rung", ON_CPU, ids=lambda rung: rung.name)
def test_a_step_of_every_rung_is_the_networks(rung, few):
    check = training.Trainer(rung, few, CPU, seed=3).check()
    assert check.passed, check


@pytest.mark.parametrize("rung", RUNGS, ids=lambda rung: rung.name)
def test_a_step_of_every_rung_stays_on_its_device_and_asks_it_nothing(rung, few, monkeypatch):
    # A meta tensor has a shape and no values: it refuses the CPU's tensors, and to be read. That is
    # what a CUDA graph refuses, too.
    monkeypatch.setattr(training.Trainer, "_capture", lambda self: None)
    monkeypatch.setattr(torch, "autocast", lambda *a, **k: contextlib.nullcontext())
    many = images.synthetic(train=rung.batch, validation=2)
    trainer = training.Trainer(
        dataclasses.replace(rung, compiled=False), many, torch.device("meta")
    )
    pixels = torch.zeros(rung.batch, 3, 32, 32, dtype=torch.uint8)
    trainer.load(pixels, torch.zeros(rung.batch, dtype=torch.int64))
    trainer.compute()
    if rung.loading in ("batch", "epoch"):
        [batch] = trainer.batches(1)
        assert {t.device.type for t in batch} == {"meta"}
        trainer.load(*batch)
    with pytest.raises(RuntimeError, match="meta"):
        trainer.value.item()


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")  # PyTorch's own, on import
@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_a_traced_step_is_the_networks(few, precision):
    rung = dataclasses.replace(FLOAT32, precision=precision)
    trainer = training.Trainer(rung, few, CPU, seed=3)
    # What compilers read while they compile; PyTorch refuses it after a mixture of names.
    assert torch.backends.cuda.matmul.allow_tf32 is False
    assert torch.get_float32_matmul_precision() == "highest"
    trainer.forward = torch.compile(trainer.network, backend="aot_eager", fullgraph=True)
    check = trainer.check()
    torch.compiler.reset()
    assert check.passed, check


def test_no_rung_compiles_in_tensorfloat_32():
    assert {rung.precision for rung in RUNGS if rung.compiled} == {"fp32", "bf16"}


@pytest.mark.parametrize("seed", range(3))
def test_bfloat16_is_within_its_tolerance_and_not_within_anothers(seed):
    rung = dataclasses.replace(RUNGS[-1], batch=64, graph=False, compiled=False)
    check = training.Trainer(rung, images.synthetic(64, 2), CPU, seed=seed).check()
    assert check.passed, check
    assert check.last > rungs.TOLERANCE["fp32"]
    assert check.gradient < rungs.SWITCHED["bf16"] / 2


def test_a_unit_that_switches_fails_no_step():
    # In about one batch in ten, float32 and float64 see an input on either side of zero.
    found = [
        training.Trainer(FLOAT32, images.synthetic(32, 2, seed), CPU, seed=seed).check()
        for seed in range(12)
    ]
    assert all(check.passed for check in found), found


@pytest.mark.parametrize("wrong", ["mask", "scale", "layer"])
def test_a_gradient_that_is_another_networks_fails(wrong, few, monkeypatch):
    trainer = training.Trainer(FLOAT32, few, CPU)
    right = trainer._compute

    def compute():
        right()
        if wrong == "mask":
            trainer.masks[1].bernoulli_(0.75)
        elif wrong == "scale":
            trainer.optimizer.gradient.mul_(1.03)
        else:
            trainer.network.conv1.weight.grad.zero_()

    trainer.compute = compute
    assert not trainer.check().passed


def test_the_error_of_the_last_layer_is_relative_to_its_largest_entry(few):
    trainer = training.Trainer(FLOAT32, few, CPU)
    right = trainer._compute
    last = sum(p.numel() for p in trainer.network.dense2.parameters())

    def compute():
        right()
        trainer.optimizer.gradient[-last:] *= 1.5

    trainer.compute = compute
    assert trainer.check().last == pytest.approx(0.5, rel=1e-3)


def test_a_loss_that_is_no_number_is_recorded_as_failed(few, monkeypatch, tmp_path):
    monkeypatch.setattr(training.Trainer, "validate", lambda self, count: float("nan"))
    *_, made = measuring.measure(CPU, few, steps=1)
    assert {rung["failed"] for rung in made["ladder"]} == {
        "ArithmeticError: the loss on validation images is nan"
    }
    record.save(made, tmp_path / "r.json")


def test_what_runs_apart_yields_as_it_goes():
    assert list(apart(range, 3, limit=60)) == [0, 1, 2]


@pytest.mark.parametrize(
    ("task", "argument", "kind", "message"),
    [
        (int, "x", TaskError, "ValueError: invalid literal for int"),
        (os._exit, 3, ChildProcessError, "its process ended with 3"),
        (signal.raise_signal, signal.SIGSEGV, ChildProcessError, "its process ended with -11"),
        (time.sleep, 60, TimeoutError, "not done after 4 s"),
    ],
)
def test_what_goes_wrong_apart_is_said_here(task, argument, kind, message):
    with pytest.raises(kind, match=message):
        list(apart(task, argument, limit=4 if kind is TimeoutError else 60))


def alive(pid):
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def gone(pid):
    for _ in range(100):
        if not alive(pid):
            return True
        time.sleep(0.1)
    return False


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="there is no /proc here")
def test_what_runs_apart_leaves_no_process(tmp_path):
    file = tmp_path / "pid"
    with pytest.raises(TimeoutError):
        list(apart(os.system, f"sleep 60 & echo $! > {file}; wait", limit=4))
    assert gone(int(file.read_text()))


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="there is no /proc here")
def test_what_runs_apart_ends_with_what_started_it(tmp_path):
    file = tmp_path / "pid"
    code = (
        "import os\nfrom introdl.hardware.gpu_timing.apart import apart\n"
        f"list(apart(os.system, 'sleep 60 & echo $! > {file}; wait', limit=60))"
    )
    with subprocess.Popen([sys.executable, "-c", code]) as parent:
        for _ in range(300):
            if file.exists() and file.read_text().strip():
                break
            time.sleep(0.1)
        parent.kill()
    assert gone(int(file.read_text()))


def test_a_rung_that_crashes_or_hangs_is_recorded_and_the_rest_goes_on(few):
    def run(task, *arguments, limit):
        failures = {"naive": ChildProcessError, "bfloat16": TimeoutError}
        if task is measuring._measured and arguments[0].name in failures:
            raise failures[arguments[0].name]("so")
        yield from task(*arguments)

    *_, made = measuring.measure(CPU, few, steps=1, run=run)
    assert [rung["failed"] for rung in made["ladder"]] == [
        *("ChildProcessError: so", None, None, "TimeoutError: so")
    ]
    assert made["complete"]


def test_operations_keep_their_time_after_the_ladder(few, monkeypatch):
    monkeypatch.setattr(measuring, "measure_operations", lambda device: iter(OPERATIONS[:1]))
    *_, made = measuring.measure(CPU, few, limit=measuring.FOR_OPERATIONS - 1, operations=True)
    assert all(rung["failed"].startswith("TimeoutError: not begun") for rung in made["ladder"])
    assert made["operations"] == OPERATIONS[:1]


def test_a_device_that_is_gone_gets_one_line(few, tmp_path, capsys, monkeypatch):
    def gone(device, data):
        raise RuntimeError("CUDA error: device lost\nand more")

    monkeypatch.setattr(measuring, "_empty_record", gone)
    assert main(["--device", "cpu", "--out", str(tmp_path / "r.json")]) == 2
    assert capsys.readouterr().err == (
        "error: the device cannot be used: RuntimeError: CUDA error: device lost\n"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("there", ["{}", "[1]", "text", '{"ladder": []}', '{"ladder": NaN}'])
def test_a_file_that_is_no_record_is_not_written_over(there, tmp_path, capsys):
    out = tmp_path / "r.json"
    out.write_text(there)
    assert main(["--device", "cpu", "--out", str(out)]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert error.count("\n") == 1
    assert out.read_text() == there


def test_a_wrong_step_is_recorded_as_failed_and_the_rest_goes_on(few, monkeypatch):
    right = training.Trainer.loss

    def wrong(self):
        return right(self) * (1.001 if self.rung.name == "whole_epoch" else 1)

    monkeypatch.setattr(training.Trainer, "loss", wrong)
    *_, made = measuring.measure(CPU, few, steps=1)
    assert made["complete"]
    assert [rung["failed"] is None for rung in made["ladder"]] == [True, False, True, True]
    assert made["ladder"][1]["failed"].startswith("ArithmeticError: a step differs from float64")
    assert record.faults(made) == []


def test_training_learns(few):
    few = few._replace(train_labels=np.zeros_like(few.train_labels))
    trainer = training.Trainer(FLOAT32, few, CPU)
    trainer.epoch(1)
    first = trainer.value.item()
    for _ in range(4):
        trainer.epoch(3)
    assert trainer.value.item() < 0.5 * first


def test_the_record_is_valid_and_says_what_was_measured(measured):
    assert record.faults(measured) == []
    assert [rung["name"] for rung in measured["ladder"]] == [rung.name for rung in ON_CPU]
    for rung in measured["ladder"]:
        assert len(rung["samples"]) == measuring.SAMPLES
        assert rung["median"] == np.median(rung["samples"])
        assert rung["extrapolated"] is True
        assert rung["steps"] == 2


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda r: r["ladder"][0].update(median=1.0), "naive: median is 1.0, its samples give"),
        (lambda r: r["ladder"][0].update(samples=[1.0]), "is too short"),
        (lambda r: r["ladder"][0]["check"].update(passed=False), "its check failed"),
        (lambda r: r["device"].update(name="<b>GPU</b>"), "$.device"),
        (lambda r: r.pop("provenance"), "'provenance' is a required property"),
        (lambda r: r.update(more=1), "'more' was unexpected"),
        (lambda r: r["ladder"][0].update(failed="x"), "$.ladder[0]"),
        (
            lambda r: r.update(ladder=[{**r["ladder"][0], "config": CONFIG | {"same": False}}]),
            "no rung of the lecture's algorithm was measured",
        ),
    ],
)
def test_a_spoilt_record_is_named(measured, spoil, fault, tmp_path, capsys):
    bad = copy.deepcopy(measured)
    spoil(bad)
    path = tmp_path / "bad.json"
    path.write_text(json.dumps(bad))
    assert main(["--check", str(path)]) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"error: {path}: ")
    assert fault in error


def test_a_gpu_is_described_as_the_schema_asks(measured, monkeypatch):
    found = types.SimpleNamespace(
        **{"name": "NVIDIA H100 80GB HBM3", "major": 9, "minor": 0},
        **{"multi_processor_count": 132, "total_memory": 85_000_000_000},
    )
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda device: found)
    monkeypatch.setattr(torch.version, "cuda", "13.0")
    gpu = record.new_record(torch.device("cuda"), "synthetic")
    assert gpu["device"]["capability"] == "9.0"
    assert record.faults(gpu | {"ladder": measured["ladder"]}) == []


def test_committed_records_are_valid():
    for made in record.committed():
        assert record.faults(made) == []


def test_no_rung_begins_after_the_limit(few):
    *_, made = measuring.measure(CPU, few, limit=-1)
    assert {rung["failed"] for rung in made["ladder"]} == {
        "TimeoutError: not begun: the limit of -1 s was reached"
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--device", "tpu"], "error: --device tpu: unknown; choose auto, cpu or cuda"),
        (["--cifar10", "/no/such"], "data_batch_1 is missing: name the folder with data_batch_1,"),
        (["--out", "/no/such/file.json"], "error: --out /no/such/file.json: cannot be written: No"),
    ],
)
def test_bad_input_gets_one_line(arguments, message, tmp_path, capsys):
    out = [] if "--out" in arguments else ["--out", str(tmp_path / "out.json")]
    assert main(["--device", "cpu", *out, *arguments]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_record_gets_one_line(tmp_path, capsys):
    path = tmp_path / "r.json"
    path.write_text("[")
    assert main(["--check", str(path)]) == 2
    assert capsys.readouterr().err.startswith(f"error: {path}: is no JSON: ")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device here")
def test_no_gpu_gets_one_line(tmp_path, capsys):
    assert main(["--device", "cuda", "--out", str(tmp_path / "r.json")]) == 2
    assert capsys.readouterr().err.startswith("error: --device cuda: PyTorch finds no CUDA device")


def test_a_worse_record_replaces_none(measured, few, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("introdl.hardware.gpu_timing.__main__.synthetic", lambda: few)
    monkeypatch.setattr(measuring, "measure_operations", lambda device: iter(OPERATIONS))
    # main() takes every core; what the workers of one run share stays as it is.
    monkeypatch.setattr(torch, "set_num_threads", lambda count: None)
    out = tmp_path / "cpu.json"
    assert main(["--device", "cpu", "--out", str(out)]) == 0
    good = out.read_text()
    assert main(["--device", "cpu", "--out", str(out), "--limit", "-1"]) == 1
    assert "no rung could be measured" in capsys.readouterr().err
    assert out.read_text() == good
    part = measuring.part_of(out)
    assert part.exists()
    kept = part.read_text()
    monkeypatch.setattr(measuring, "measure_operations", lambda device: iter([1 / 0]))
    assert main(["--device", "cpu", "--out", str(out)]) == 1
    assert f"error: not all could be measured; what could is in {part}" in capsys.readouterr().err
    assert out.read_text() == good
    assert (tmp_path / "cpu.part-1.json").read_text() == kept
    assert main(["--adopt", str(part)]) == 1
    assert "is not complete" in capsys.readouterr().err


def test_a_record_is_adopted_unless_it_is_bad_or_worse(measured, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(record, "RECORDS", tmp_path / "records")
    path = tmp_path / "mine.json"
    elsewhere = measured["provenance"] | {"commit": None, "dirty": None}
    record.save(measured | {"provenance": elsewhere}, path)
    monkeypatch.setattr(record, "checkout", lambda: {"commit": "f" * 40, "dirty": False})
    measured = measured | {"provenance": elsewhere | record.checkout()}
    assert main(["--adopt", str(path)]) == 0
    [there] = (tmp_path / "records").iterdir()
    assert there.name == record.file_name(measured)
    assert record.committed() == [measured]
    worse = copy.deepcopy(measured)
    worse["ladder"][2] = measuring._outline(ON_CPU[2]) | {"failed": "RuntimeError: gone"}
    record.save(worse, path)
    assert main(["--adopt", str(path)]) == 1
    assert "mine.json is worse than the record that is there" in capsys.readouterr().err
    record.save(measured | {"format": 2}, path)
    assert main(["--adopt", str(path)]) == 1
    assert record.committed() == [measured]


def test_operations_are_timed_after_the_ladder_in_full_precision(few, monkeypatch):
    precisions = []

    def stand_in(device):
        precisions.append(torch.backends.cuda.matmul.fp32_precision)
        yield OPERATIONS[0]
        yield {"name": "unknown", "config": {}, "failed": "RuntimeError: out of memory"}

    monkeypatch.setattr(measuring, "measure_operations", stand_in)
    set_precision("tf32")
    lines = []
    *before, made = measuring.measure(CPU, few, steps=1, operations=True, report=lines.append)
    assert precisions == ["ieee"]
    assert made["complete"]
    assert made["operations"][0] == OPERATIONS[0]
    assert record.faults(made) == []
    assert len(before) == 6  # four rungs, two operations
    assert lines[-2:] == [
        "matmul (n 64, dtype float32): 1e-05 s",
        "unknown (): RuntimeError: out of memory",
    ]


def test_real_operations_make_a_valid_record(measured):
    first = next(measure(CPU, limit=0.01))
    assert record.faults(measured | {"operations": [first]}) == []


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        ({"median": 1.0}, "matmul (n 64, dtype float32): median is 1.0, its samples give 1e-05"),
        ({"samples": [1e-5]}, "$.operations[0].samples: [1e-05] is too short"),
        ({"check": {"error": 1.0, "tolerance": 0.1}}, "was measured though it is wrong"),
        ({"config": {"n": "<b>"}}, "$.operations[0].config.n: '<b>' is not of type 'integer'"),
    ],
)
def test_a_spoilt_operation_is_named(measured, spoil, fault):
    [found] = record.faults(measured | {"operations": [OPERATIONS[0] | spoil]})
    assert fault in found


def test_gpus_are_set_beside_the_cpu(measured):
    gpu = measured | {"device": {"name": "GPU"}, "operations": OPERATIONS}
    heads, rows = comparing.products({64: 1e-6, 128: 2e-5, 512: 1e-3}, [gpu])
    assert heads == ["n", "this CPU", "GPU"]
    assert rows == [
        ["64", "0.001 ms", "0.01 ms"],
        ["128", "0.02 ms", "0.01 ms"],
        ["512", "1 ms", ""],
    ]
    heads, rows = comparing.costs([gpu])
    assert heads == ["operation", "GPU"]
    assert rows == [
        ["matmul, n 8192, dtype bfloat16", "0.1 ms, 11,000 TFLOP/s"],
        ["transfer, pinned memory", "4 ms, 16 GB/s"],
        ["launch, not waiting", "0.005 ms"],
    ]


def test_ladders_stand_side_by_side_and_an_old_one_is_marked(measured):
    other = copy.deepcopy(measured)
    other["device"]["name"] = "NVIDIA X"
    other["provenance"]["script"] = "0" * 64
    other["ladder"] = other["ladder"][1:]
    other["ladder"][0] |= {"failed": "RuntimeError: gone"}
    heads, rows = comparing.ladder(
        [measured, other], lambda gpu, rung: None if gpu is other else rung["median"] / 4
    )
    assert heads[2] == "X, measured by an earlier version"
    seconds = [rung["median"] for rung in measured["ladder"]]
    real = {**other, "data": "CIFAR-10"}
    [*_, [_, cell]] = comparing.ladder([real], lambda gpu, rung: None)[1]
    assert cell == f"{seconds[3]:.3g} s, loss {other['ladder'][-1]['loss']:.3g}"
    assert [row[1:] for row in rows] == [
        [f"{seconds[0]:.3g} s, 25.0% of the roof", ""],
        [f"{seconds[1]:.3g} s, 25.0% of the roof", "failed"],
        [f"{seconds[2]:.3g} s, 25.0% of the roof", f"{seconds[2]:.3g} s"],
        [f"{seconds[3]:.3g} s, 25.0% of the roof", f"{seconds[3]:.3g} s"],
    ]


@pytest.mark.parametrize(
    ("cpu", "size"),
    [
        ({64: 1e-6, 128: 2e-5, 256: 1e-4}, 128),
        ({64: 2e-5, 128: 1e-6, 256: 1e-4}, 256),
        ({64: 1.0, 128: 1.0, 256: 1e-6}, None),
        ({64: 1.0, 128: 1.0, 256: 1.0, 1024: 1e-9}, 64),
    ],
)
def test_the_gpu_wins_from_the_crossover_on(cpu, size):
    assert comparing.crossover(cpu, {"operations": OPERATIONS}) == size


def test_what_makes_a_record_worse(measured):
    assert record.is_worse(measured, measured) is None
    more = measured | {"operations": OPERATIONS}
    assert record.is_worse(measured, more).startswith("it lacks what the old one measured: launch")
    assert record.is_worse(more, measured) is None
    fewer, other, shorter = (copy.deepcopy(measured) for _ in range(3))
    fewer["ladder"][1]["failed"] = "RuntimeError: gone"
    assert record.is_worse(fewer, measured) == "it lacks what the old one measured: whole_epoch"
    assert record.is_worse(measured, fewer) is None
    other["device"]["name"] = "another"
    assert "it is of another device, another" in record.is_worse(other, measured)
    for change, reason in (
        (lambda r: r.update(complete=False), "it is not complete, and the old one is"),
        (lambda r: r["provenance"].update(date="2020-01-01"), "it is older"),
        (lambda r: r["ladder"][0].update(steps=1), "naive has fewer steps a sample than before"),
    ):
        worse = copy.deepcopy(measured)
        change(worse)
        assert record.is_worse(worse, measured) == reason
    measured = copy.deepcopy(measured)
    measured["ladder"][0]["samples"] *= 3
    assert record.is_worse(shorter, measured) == "naive has not half as many samples as before"
    shorter["ladder"][0]["samples"] *= 2
    assert record.is_worse(shorter, measured) is None
    measured["ladder"][0]["extrapolated"] = False
    assert record.is_worse(shorter, measured) == "naive is extrapolated, and was not before"


def test_cifar10_takes_the_published_files_alone(tmp_path, rng, monkeypatch):
    sums = {}
    for name in images.CHECKSUMS:
        batch = {
            b"data": rng.integers(0, 256, (2, 3072), dtype=np.uint8),
            b"labels": rng.integers(0, 10, 2).tolist(),
        }
        (tmp_path / name).write_bytes(pickle.dumps(batch))
        with pytest.raises(ValueError, match=r"data_batch_1 is not the published file"):
            images.cifar10(tmp_path)
        sums[name] = images.hashlib.md5((tmp_path / name).read_bytes()).hexdigest()
    monkeypatch.setattr(images, "CHECKSUMS", sums)
    found = images.cifar10(tmp_path)
    assert found.train.shape == (10, 3, 32, 32)
    assert found.validation_labels.tolist() == batch[b"labels"]
    assert (found.validation.reshape(2, 3072) == batch[b"data"]).all()


def test_rungs_that_share_the_lectures_algorithm():
    assert [rung.name for rung in RUNGS if rung.same] == [
        *("naive", "workers", "batched", "whole_epoch", "channels_last", "graph", "compiled")
    ]
    assert len({dataclasses.astuple(rung) for rung in RUNGS}) == len(RUNGS)


def test_an_epoch_on_a_gpu_is_validated_whole(monkeypatch):
    """A GPU's part of the work runs here; the network does not, since only counts matter."""
    asked = []

    class Stub:
        def __init__(self, rung, images, device):
            pass

        def check(self):
            return training.Check(0.0, 0.0, 0.0, 1.0, 1.0)

        def epoch(self, steps):
            asked.append(("steps", steps))

        def validate(self, count):
            asked.append(("images", count))
            return 1.0

    monkeypatch.setattr(measuring, "Trainer", Stub)
    for name in ("reset_peak_memory_stats", "synchronize"):
        monkeypatch.setattr(torch.cuda, name, lambda *_: None)
    monkeypatch.setattr(torch.cuda, "max_memory_allocated", lambda device: 0)
    whole = types.SimpleNamespace(train=range(50_000), validation=range(10_000))
    for rung in RUNGS:
        asked.clear()
        found = measuring.measure_rung(rung, whole, torch.device("cuda"))
        assert set(asked) == {("steps", 50_000 // rung.batch), ("images", 10_000)}
        assert found["extrapolated"] is False
        assert len(found["samples"]) == measuring.MOST_SAMPLES
        assert found["warmup_steps"] == 50_000 // rung.batch


def test_precision_is_said_out_loud():
    for precision, mode in (("tf32", "tf32"), ("fp32", "ieee")):
        set_precision(precision)
        assert torch.backends.cudnn.conv.fp32_precision == mode
        assert torch.backends.cuda.matmul.fp32_precision == mode


def test_a_slow_cpu_takes_fewer_steps_and_not_longer(monkeypatch):
    """The steps of a sample fit a budget, whatever a step costs; validation shrinks alike."""
    asked, validated = [], []

    class Stub:
        def __init__(self, rung, images, device):
            pass

        def check(self):
            return training.Check(0.0, 0.0, 0.0, 1.0, 1.0)

        def epoch(self, steps):
            asked.append(steps)

        def validate(self, count):
            validated.append(count)
            return 1.0

    monkeypatch.setattr(measuring, "Trainer", Stub)
    images = types.SimpleNamespace(train=range(3200), validation=range(128))
    for cost, steps in ((0.01, 20), (0.3, 10), (60.0, measuring.FEWEST_STEPS)):

        def clock(action, device, cost=cost):
            before = sum(asked)
            action()
            return cost * max(1, sum(asked) - before)

        monkeypatch.setattr(measuring, "seconds", clock)
        asked.clear()
        validated.clear()
        found = measuring.measure_rung(FLOAT32, images, torch.device("cpu"))
        assert found["steps"] == steps
        assert asked[1:] == [steps] * measuring.SAMPLES
        assert validated == [min(128, 8 * steps)] * (1 + measuring.SAMPLES)
    losses = iter([1.0] * measuring.SAMPLES + [float("inf")])
    monkeypatch.setattr(Stub, "validate", lambda self, count: next(losses))
    with pytest.raises(ArithmeticError, match="the loss on validation images is inf"):
        measuring.measure_rung(FLOAT32, images, torch.device("cpu"))


# The figure on the page


@pytest.mark.browser
@pytest.mark.parametrize("batch", [8, 32, 2048])
def test_the_figures_three_times_are_pythons(js, batch):
    work = {
        "flops": network.flops_per_epoch(),
        "bytes": network.bytes_per_epoch(1),
        "images": network.TRAIN_IMAGES,
    }
    took = js("docs/hardware/gpu_timing.js", "times", work, [67e12, 3.35e12, 4], batch, 100, 5)
    assert took["arithmetic"] == pytest.approx(network.flops_per_epoch() / 67e12, rel=1e-12)
    assert took["memory"] == pytest.approx(network.bytes_per_epoch(4) / 3.35e12, rel=1e-12)
    assert took["starts"] == pytest.approx(np.ceil(50_000 / batch) * 100 * 5e-6, rel=1e-12)
