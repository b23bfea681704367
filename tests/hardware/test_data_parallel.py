import json
import runpy
import socket
import time

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from introdl import data
from introdl.hardware.data_parallel import launching, processes
from introdl.hardware.data_parallel.launching import launch
from introdl.hardware.data_parallel.processes import choose_backend, process_group
from introdl.hardware.data_parallel.record import digits_tensors, main
from introdl.hardware.data_parallel.ring import (
    efficiency,
    fit_alpha_beta,
    ring_all_reduce,
    ring_seconds,
    ring_steps,
)
from introdl.hardware.data_parallel.training import multilayer, predict, share, train


def odd_input(rng):
    vectors = rng.normal(size=(3, 7))
    return {
        "ring_steps": {"vectors": vectors},
        "ring_all_reduce": {"vectors": vectors},
        "fit_alpha_beta": {"sizes": np.arange(1.0, 8), "seconds": 1 + rng.random(7)},
    }


@pytest.fixture(scope="module")
def record():
    """One run of the script by two processes, with every Python warning an error."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONWARNINGS", "error")
        return launch(2, "--device", "cpu", "--samples", "0", "--epochs", "2", timeout=120)


@pytest.fixture(scope="module")
def alone():
    """The same training by this process, written without this lesson's `train`."""
    X, y = data.digits()
    part = data.split(X, y, seed=0)
    X_train = torch.from_numpy(np.vstack([part.X_train, part.X_val]))
    y_train = torch.from_numpy(np.append(part.y_train, part.y_val))
    model = multilayer(64, 32, 10)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    shuffle, losses, gradients = np.random.default_rng(0), [], []
    for _ in range(2):
        order = shuffle.permutation(len(X_train))
        for start in range(0, len(order), 64):
            rows = order[start : start + 64]
            loss = torch.nn.CrossEntropyLoss()(model(X_train[rows]), y_train[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            gradients.append(torch.cat([p.grad.flatten() for p in model.parameters()]).numpy())
    return model, np.array(losses), np.array(gradients), part


@pytest.fixture
def world(monkeypatch):
    """The variables that torchrun would set for the only process of its world."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    variables = {"RANK": 0, "LOCAL_RANK": 0, "WORLD_SIZE": 1, "MASTER_PORT": port}
    for name, value in {**variables, "MASTER_ADDR": "127.0.0.1"}.items():
        monkeypatch.setenv(name, str(value))
    yield
    # After an error the group is left open: see process_group.
    if torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()


# Two processes


def test_two_processes_have_the_gradients_of_one(record, alone):
    found = np.array(record["digits"]["weighted"]["gradients"])
    assert record["world"] == 2
    assert found.shape == (23, 2410)
    assert np.abs(found - alone[2][:23]).max() <= 1e-12


def test_two_processes_have_the_losses_of_one(record, alone):
    found = np.array(record["digits"]["weighted"]["losses"])
    assert found.shape == (46,)
    assert np.abs(found - alone[1]).max() <= 1e-12


def test_two_processes_predict_what_one_does(record, alone):
    model, _, _, part = alone
    with torch.no_grad():
        predicted = model(torch.from_numpy(part.X_test)).argmax(dim=1).numpy()
    assert (predicted == record["digits"]["predictions"]).all()
    assert np.mean(predicted == part.y_test) > 0.5
    assert record["digits"]["copies_differ"] == 0


def test_the_mean_of_means_fails_on_the_last_uneven_batch_only(record, alone):
    gaps = np.abs(record["digits"]["mean_of_means"]["gradients"] - alone[2][:23]).max(axis=1)
    assert gaps[:-1].max() < 1e-12
    assert gaps[-1] > 1e-4


def test_the_processes_write_nothing_to_stderr(record):
    assert record["stderr"] == ""


def test_the_ring_adds_as_gloo_does(record):
    vectors = np.array([np.random.default_rng(rank).normal(size=1000) for rank in (0, 1)])
    assert np.abs(ring_all_reduce(vectors)[0] - record["all_reduced"]).max() <= 1e-12


def test_a_process_that_dies_is_named_and_nobody_waits_for_it(tmp_path, monkeypatch):
    # Python runs this file at its start: process 1 ends when it comes to load the digits.
    (tmp_path / "sitecustomize.py").write_text(
        "import os, sys\n"
        "if os.environ.get('RANK') == '1':\n"
        "    sys.addaudithook(lambda event, a: event == 'import' and a[0] == 'sklearn'\n"
        "                     and os._exit(3))\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    # Long before the processes would give each other up.
    with pytest.raises(RuntimeError, match="process 1 failed first, with exit status 3"):
        launch(2, "--device", "cpu", "--samples", "0", "--timeout", "600", timeout=120)


def test_a_launch_that_takes_too_long_is_stopped():
    with pytest.raises(RuntimeError, match=r"not done after 0\.2 s"):
        launch(1, timeout=0.2)


def test_what_went_wrong_is_found_in_what_torchrun_writes():
    report = (
        "data_parallel: process 1: no\ndata_parallel: process 0: no\nE0101 failed\n"
        "Root Cause (first observed failure):\n[0]:\n  time      : now\n"
        "  rank      : 1 (local_rank: 1)\n  exitcode  : 1 (pid: 5)\n"
    )
    first, *said = launching._reason(report).splitlines()
    assert first == "process 1 failed first, with exit status 1"
    assert said == ["data_parallel: process 1: no", "data_parallel: process 0: no"]
    assert launching._reason("strange") == "torchrun failed:\nstrange"
    # A process that died without a word: what else was written is all there is to go by.
    aborted = "terminate called\n" + report.split("\n", 2)[2].replace(
        "exitcode  : 1", "exitcode  : -6"
    )
    assert launching._reason(aborted).startswith(
        "process 1 failed first, with exit status -6\nterminate called\n"
    )


def test_a_process_ends_without_closing_python_down(world, monkeypatch, tmp_path):
    # While Python closes down, a thread of gloo that lets go of a tensor aborts the process.
    ended = []
    monkeypatch.setattr("os._exit", ended.append)
    monkeypatch.setattr(
        "sys.argv", ["data_parallel", "--out", str(tmp_path / "no" / "record.json")]
    )
    runpy.run_module("introdl.hardware.data_parallel", run_name="__main__")
    assert ended == [1]


# One process


def test_the_script_measures_and_writes_a_whole_record(world, tmp_path, capfd, monkeypatch):
    monkeypatch.setattr("introdl.hardware.data_parallel.record.WIDTHS", (8,))
    monkeypatch.setattr("introdl.hardware.data_parallel.record.BATCHES", (4, 16))
    monkeypatch.setattr("introdl.hardware.data_parallel.record.LENGTHS", (1, 10))
    out = tmp_path / "record.json"
    threads = torch.get_num_threads()
    assert main(["--out", str(out), "--samples", "2", "--epochs", "1", "--device", "cpu"]) == 0
    torch.set_num_threads(threads)
    record = json.loads(out.read_text())
    assert [case["batch"] for case in record["times"]["steps"]] == [4, 16]
    assert all(
        len(case[way]) == 2 and min(case[way]) > 0
        for case in record["times"]["steps"]
        for way in ("alone", "apart", "together")
    )
    assert [len(case["seconds"]) for case in record["times"]["all_reduce"]] == [4, 4]
    assert len(record["times"]["threads"]) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["record.json"]
    assert not torch.distributed.is_initialized()
    assert capfd.readouterr().err == ""


def test_without_torchrun_the_script_says_what_to_do(monkeypatch, tmp_path, capsys):
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    monkeypatch.setenv("RANK", "0")
    assert main(["--out", str(tmp_path / "record.json"), "--device", "cpu"]) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("data_parallel: process 0: WORLD_SIZE is not set: start me with 'torch")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--device", "tpu"], "unknown device 'tpu': choose auto, cpu or cuda"),
        (["--device", "cpu", "--backend", "nccl"], "backend 'nccl' sends between GPUs only"),
        (["--device", "cpu", "--backend", "no"], "was built without the backend 'no'"),
        (["--device", "cpu", "--epochs", "0"], "epochs 0: expected 1 or more"),
    ],
)
def test_a_wrong_option_is_refused_in_one_line(world, options, message, tmp_path, capsys):
    assert main(["--out", str(tmp_path / "record.json"), *options]) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert message in line


def test_a_record_that_cannot_be_written_is_refused_before_the_work(world, tmp_path, capsys):
    assert main(["--out", str(tmp_path / "no" / "record.json")]) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert "cannot write" in line
    assert "no such folder" in line


def test_a_machine_without_a_gpu_refuses_cuda(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert choose_backend() == ("cpu", "gloo")
    with pytest.raises(ValueError, match="finds no CUDA device: use --device cpu"):
        choose_backend("cuda")


def test_gpus_talk_by_nccl_and_each_process_needs_one(world, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(processes.dist, "is_backend_available", lambda name: True)
    monkeypatch.setenv("LOCAL_RANK", "2")
    assert choose_backend() == ("cuda", "nccl")
    with (
        pytest.raises(ValueError, match="needs a GPU of its own, and there are 2"),
        process_group(),
    ):
        pass


def test_a_process_that_never_comes_is_not_waited_for(world, monkeypatch, tmp_path, capfd):
    monkeypatch.setenv("WORLD_SIZE", "2")
    start = time.monotonic()
    arguments = ["--out", str(tmp_path / "record.json"), "--device", "cpu", "--timeout", "0.5"]
    assert main(arguments) == 1
    assert time.monotonic() - start < 30
    assert "data_parallel: process 0: " in capfd.readouterr().err
    assert not (tmp_path / "record.json").exists()


# Training


@given(n=st.integers(0, 200), world=st.integers(1, 20))
@settings(max_examples=50, deadline=None)
def test_shares_are_even_and_leave_nothing_out(n, world):
    shares = [range(n)[share(n, rank, world)] for rank in range(world)]
    assert [i for part in shares for i in part] == list(range(n))
    sizes = [len(part) for part in shares]
    assert sizes == [len(part) for part in np.array_split(np.arange(n), world)]


@pytest.mark.parametrize("rank", [-1, 2])
def test_there_is_no_share_for_a_process_that_does_not_exist(rank):
    with pytest.raises(ValueError, match=f"rank {rank}, expected 0 to 1"):
        share(10, rank, 2)


@pytest.mark.parametrize(("batch", "world"), [(65, 2), (64, 3), (0, 2), (-2, 2)])
def test_a_batch_that_the_processes_cannot_share_is_refused(batch, world):
    X, y = torch.zeros(4, 2, dtype=torch.float64), torch.zeros(4, dtype=torch.int64)
    with pytest.raises(ValueError, match=f"batch {batch} is not divisible by {world} processes"):
        train(multilayer(2, 2), X, y, batch, world=world)


@pytest.mark.agreement
def test_shares_weighted_by_examples_have_the_gradient_of_the_whole_batch(
    rng, agreement, monkeypatch
):
    """Three processes, one after the other, share 8 examples; the ring adds their gradients."""
    X = torch.from_numpy(rng.normal(size=(8, 5)))
    y = torch.from_numpy(rng.integers(0, 3, 8))
    monkeypatch.setattr(torch.distributed, "all_reduce", lambda tensor: None)  # there is one
    found = {}
    for weighted in (True, False):
        runs = [
            train(multilayer(5, 4, 3), X, y, batch=9, rank=rank, world=3, weighted=weighted)
            for rank in range(3)
        ]
        losses, gradients = map(np.array, zip(*runs, strict=True))
        found[weighted] = [losses.sum(), *ring_all_reduce(gradients[:, 0])[0][0] / 3]
    start = multilayer(5, 4, 3).state_dict()

    def reference():
        whole = torch.nn.Sequential(
            torch.nn.Linear(5, 4), torch.nn.ReLU(), torch.nn.Linear(4, 3)
        ).double()
        whole.load_state_dict(start)
        loss = -torch.log_softmax(whole(X), dim=1)[range(8), y].mean()
        loss.backward()
        return torch.cat([loss.detach()[None], *(p.grad.flatten() for p in whole.parameters())])

    agreement(
        found[True],
        reference,
        what="loss and gradient of 8 examples shared by 3 workers",
        against="PyTorch on the whole batch, float64",
        atol=1e-12,
    )
    assert np.abs(np.subtract(found[False], found[True])).max() > 1e-6


@pytest.mark.parametrize(("n", "labels"), [(0, 0), (4, 3)])
def test_training_needs_a_label_for_each_of_some_examples(n, labels):
    X, y = torch.zeros(n, 2, dtype=torch.float64), torch.zeros(labels, dtype=torch.int64)
    with pytest.raises(ValueError, match=rf"train\(\): .* got \({n}, 2\), \({labels},\)"):
        train(multilayer(2, 2), X, y, 4)


def test_training_beats_the_most_frequent_digit():
    X, y, X_test, y_test = digits_tensors()
    model = multilayer(64, 32, 10)
    losses, gradients = train(model, X, y, epochs=3)
    assert losses[-1] < losses[0] / 2
    assert gradients.shape == (69, 2410)
    assert np.mean(predict(model, X_test) == y_test) > 0.5
    assert len(X) + len(X_test) == 1797


# The ring


@pytest.mark.agreement
def test_the_ring_adds_as_pytorch_does(rng, agreement):
    vectors = rng.normal(size=(7, 1000))
    agreement(
        ring_all_reduce(vectors)[0],
        lambda: np.tile(torch.from_numpy(vectors).sum(dim=0).numpy(), (7, 1)),
        what="ring all-reduce of 7 workers",
        against="PyTorch's sum, float64",
        atol=1e-12,
    )


@given(
    npst.arrays(
        np.float64,
        npst.array_shapes(min_dims=2, max_dims=2, max_side=9),
        elements=st.floats(-1e6, 1e6),
    )
)
@settings(max_examples=60, deadline=None)
def test_every_worker_gets_the_same_sum(vectors):
    before = vectors.copy()
    total, sent = ring_all_reduce(vectors)
    P, n = vectors.shape
    assert (total == total[0]).all()
    assert np.allclose(total[0], vectors.sum(axis=0), rtol=0, atol=1e-8)
    assert sent.sum() == 2 * (P - 1) * n
    assert (np.abs(sent - 2 * (P - 1) * n / P) <= 2).all()
    assert (vectors == before).all()


def test_the_ring_takes_its_rounds_and_finishes_one_piece_each_halfway(rng):
    vectors = rng.normal(size=(5, 20))
    rounds = [held for held, _ in ring_steps(vectors)]
    assert len(rounds) == 8
    finished = np.isclose(rounds[3], vectors.sum(axis=0)).reshape(5, 5, 4).all(axis=2)
    assert (finished.sum(axis=1) == 1).all()
    assert (finished.sum(axis=0) == 1).all()


def test_the_ring_adds_badly_scaled_numbers(rng):
    vectors = rng.normal(size=(4, 40)) * 10.0 ** rng.integers(-150, 150, 40)
    exact = vectors.sum(axis=0)
    bound = 1e-15 * np.abs(vectors).sum(axis=0)
    assert (np.abs(ring_all_reduce(vectors)[0] - exact) <= bound).all()


@pytest.mark.parametrize("shape", [(3,), (0, 4), (2, 2, 2)])
def test_the_ring_refuses_what_is_no_row_for_each_worker(shape):
    with pytest.raises(
        ValueError, match=r"ring_steps\(\): vectors (has shape .* expected \(P, n\)|is empty)"
    ):
        list(ring_steps(np.zeros(shape)))


def test_the_cost_of_a_ring_is_the_sum_over_its_rounds(rng):
    size, bandwidth, latency = rng.uniform(1, 9, 3) * [1e6, 1e9, 1e-6]
    for P in (1, 2, 3, 8):
        vectors = np.zeros((P, 24))
        sent = ring_all_reduce(vectors)[1][0] / 24 * size
        expected = len(list(ring_steps(vectors))) * latency + sent / bandwidth
        assert np.isclose(ring_seconds(size, P, bandwidth, latency), expected, rtol=1e-12)


@pytest.mark.agreement
def test_the_fit_finds_latency_and_bandwidth(rng, agreement):
    sizes = 4.0 ** np.arange(12)
    alpha, bandwidth = rng.uniform(1e-5, 1e-3), rng.uniform(1e8, 1e10)
    exact = np.array(fit_alpha_beta(sizes, alpha + sizes / bandwidth))
    np.testing.assert_allclose(exact, [alpha, bandwidth], rtol=1e-9)
    noisy = (alpha + sizes / bandwidth) * rng.uniform(0.7, 1.3, len(sizes))
    found_alpha, found_bandwidth = fit_alpha_beta(sizes, noisy)
    agreement(
        [found_alpha / alpha, bandwidth / found_bandwidth],
        # A weight of one over the time makes the squared errors relative.
        lambda: np.polyfit(sizes / bandwidth, noisy, 1, w=1 / noisy)[::-1] / [alpha, 1],
        what="latency and cost per byte from noisy times, relative to the true ones",
        against="NumPy's weighted polyfit, float64",
        atol=1e-9,
    )


@pytest.mark.parametrize(("sizes", "times"), [([4, 4], [1, 1]), ([4, 8], [1, 0]), ([4], [1])])
def test_the_fit_refuses_what_determines_no_line(sizes, times):
    with pytest.raises(ValueError, match="expected two sizes or more, and times above 0"):
        fit_alpha_beta(np.array(sizes), np.array(times))


def test_overlap_hides_what_fits_in_the_backward_pass():
    assert efficiency(3, 3) == 0.5
    assert efficiency(3, 2, overlap=True) == 1
    assert efficiency(3, 3, overlap=True) == 0.75


# The figure on the page

SCRIPT = "docs/hardware/data_parallel.js"


@pytest.mark.browser
@pytest.mark.parametrize("P", [2, 3, 6])
def test_the_figures_ring_is_pythons(js, rng, P):
    vectors = rng.integers(1, 100, size=(P, P))
    ours = [held.tolist() for held, _ in ring_steps(vectors)]
    shown = js(SCRIPT, "rounds", vectors.tolist())
    assert shown == [vectors.tolist(), *ours]
    for step in range(2 * (P - 1)):
        pieces = js(SCRIPT, "sends", step, P)
        changed = np.argwhere(np.array(shown[step + 1]) != np.array(shown[step]))
        arrivals = {((r + 1) % P, piece) for r, piece in pieces}
        assert {tuple(place) for place in changed.tolist()} <= arrivals
        assert len(arrivals) == P
