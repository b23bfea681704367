"""Waits against searches and sums by hand, the net against a plain one, the page against Python."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
import torch
from num2words import num2words

from introdl.applications.machine_translation.numbers import english, german
from introdl.applications.real_time_translation import net as nets
from introdl.applications.real_time_translation import numbers, waits
from introdl.applications.real_time_translation.net import Interpreter, fit, fixed, unsure
from introdl.applications.real_time_translation.numbers import HEARD, PAUSE, by_rule, encode, pair
from introdl.language.attention.numbers import END, GERMAN

SAME = {
    "scores = self.score(states, memory[:, None], heard[:, None])[:, -1]": "there is one piece",
}
PAIRS = [pair(number) for number in range(1, 10_000)]


def some_numbers(rng, n, top=10_000):
    return [int(k) for k in rng.choice(np.arange(1, top), size=n, replace=False)]


def seed_of(rng):
    return int(rng.integers(2**31))


# --- numbers


def test_a_pair_is_what_is_heard_and_said(rng):
    for number in [1, 10, 21, 100, 1001, *some_numbers(rng, 40)]:
        words, pieces = pair(number)
        assert words == (*english(number), PAUSE)
        assert "".join(pieces) == num2words(number, lang="de") + END == german(number) + END
    assert max(len(words) for words, _ in PAIRS) == numbers.LONGEST
    assert max(len(pieces) for _, pieces in PAIRS) == numbers.LONGEST
    with pytest.raises(ValueError, match="number is 10000, expected 1 to 9,999"):
        pair(10_000)


def test_what_is_encoded_can_be_read_back(rng):
    asked = some_numbers(rng, 20)
    words, pieces, lengths = encode(asked)
    assert words.shape == pieces.shape == (20, 8)
    assert numbers.decode(pieces) == [pair(number)[1] for number in asked]
    for row, length, number in zip(words.tolist(), lengths, asked, strict=True):
        assert [HEARD[i] for i in row[:length]] == list(pair(number)[0])
        assert not any(row[length:])
    end = GERMAN.index(END)
    assert numbers.decode(torch.tensor([[1, end, 2], [2, 1, 0]])) == [("ein", END), ("zwei", "ein")]


def test_the_rule_is_right_and_waits_only_where_it_must():
    """Over all numbers: no piece is a guess, and no part of a number waits longer than it must."""
    possible = {}
    for words, pieces in PAIRS:
        for h in range(len(words) + 1):
            for t in range(len(pieces)):
                possible.setdefault((words[:h], pieces[:t]), set()).add(pieces[t])
    for words, pieces in PAIRS:
        said, heard = by_rule(words)
        assert said == pieces
        assert heard[-1] == len(words)
        for t, h in enumerate(heard[:-1]):
            least = max(heard[t - 1] if t else 0, 1)
            assert len(possible[words[:h], pieces[:t]]) == 1
            waits_for_nothing = h > least and len(possible[words[: h - 1], pieces[:t]]) == 1
            assert not waits_for_nothing or pieces[t] == "hundert"  # certain from "thousand three"


# --- waits


def test_wait_k_hears_k_words_and_then_one_for_each_piece():
    assert waits.wait_k(1, 5, 4) == [1, 2, 3, 4]
    assert waits.wait_k(3, 5, 4) == [3, 4, 5, 5]
    assert waits.wait_k(1, 0, 0) == []


def test_odd_input_is_refused():
    """Each with a message that names what is wrong."""
    for call, message in (
        (lambda: waits.wait_k(0, 5, 4), r"wait_k\(\): k is 0, expected 1 or more"),
        (lambda: waits.wait_k(1.5, 3, 3), "k is 1.5, expected 1 or more, whole"),
        (lambda: waits.wait_k(1, -1, 3), "words is -1, expected 0 or more"),
        (lambda: waits.wait_k(1, 3, -1), "pieces is -1, expected 0 or more"),
        (lambda: waits.ceiling(PAIRS[:3], 0), r"ceiling\(\): k is 0, expected 1 or more"),
        (lambda: waits.ceiling([], 1), r"ceiling\(\): pairs is empty"),
        (lambda: waits.lagging([], 3), r"lagging\(\): heard is empty"),
        (lambda: waits.lagging([1, 2], 0), r"lagging\(\): words is 0, expected 1 or more"),
        (lambda: waits.lagging([1, 4], 3), "heard is 4 at most, but there are 3 words"),
        (lambda: waits.following(PAIRS, "one", []), "not one string"),
        (lambda: waits.following(PAIRS, ["one"], "ein"), "not one string"),
        (lambda: pair(2.5), r"pair\(\): number is 2.5, expected a whole one"),
        (lambda: pair(0), "number is 0, expected 1 to 9,999"),
        (lambda: encode([]), r"encode\(\): numbers is empty"),
        (lambda: fit([], [], []), "0 sets, 0 seeds, 0 least"),
        (lambda: fit([[1]], [1, 2], [1]), "1 sets, 2 seeds, 1 least"),
        (lambda: fit([[1]], [1], [1, 1]), "1 sets, 1 seeds, 2 least"),
        (lambda: fit([[1], [1, 2]], [1, 2], [1, 1]), r"sets of \[1, 2\] numbers"),
        (lambda: fit([[]], [1], [1]), r"sets of \[0\] numbers"),
        (lambda: fit([[1]], [1], [9]), r"least is \[9\], expected 1 to 8"),
        (lambda: fit([[1]], [1], [0]), r"least is \[0\], expected 1 to 8"),
    ):
        with pytest.raises(ValueError, match=message):
            call()


def small_language(rng):
    """A few pairs of random words and pieces, each with its end."""
    found = set()
    while len(found) < 6:
        sizes = rng.integers(1, 4, size=2)
        words, pieces = ("".join(rng.choice([*"ab"], size=size)) for size in sizes)
        found.add(((*words, PAUSE), (*pieces, END)))
    return sorted({words: (words, pieces) for words, pieces in found}.values())


def searched(pairs, k):
    """The most pairs that any table from what is heard and said to the next piece gets right."""
    asked = [
        [((words[: k + t], pieces[:t]), piece) for t, piece in enumerate(pieces)]
        for words, pieces in pairs
    ]
    states = sorted({state for one in asked for state, _ in one})
    tables = (
        dict(zip(states, said, strict=True))
        for said in product(["a", "b", END], repeat=len(states))
    )
    return max(
        sum(all(table[state] == piece for state, piece in one) for one in asked) for table in tables
    ) / len(pairs)


@pytest.mark.agreement
def test_the_ceiling_is_that_of_the_best_table(rng, agreement):
    languages = []
    while len(languages) < 6:
        pairs, k = small_language(rng), int(rng.integers(1, 4))
        count = len({(w[: k + t], p[:t]) for w, p in pairs for t in range(len(p))})
        if count <= 8:
            languages.append((pairs, k))
    agreement(
        [waits.ceiling(pairs, k) for pairs, k in languages],
        lambda: [searched(pairs, k) for pairs, k in languages],
        what="best possible share of wait-k on six random languages",
        against="a search through all tables",
        atol=1e-12,
    )


def test_the_ceilings_of_the_page():
    below = PAIRS[:99]
    assert waits.ceiling(below, 1) == 27 / 99
    assert waits.ceiling(below, 2) == waits.ceiling(PAIRS, 3) == 1
    assert waits.ceiling(PAIRS, 1) < 0.11 < 0.28 < waits.ceiling(PAIRS, 2) < 0.29


def test_what_may_follow_is_counted(rng):
    counts = waits.following(PAIRS, ["forty"], [])
    assert counts == {"vierzig": 1} | dict.fromkeys(GERMAN[1:10], 1)
    assert waits.following(PAIRS, ["two", PAUSE], ["zwei", END]) == {}
    words, pieces = PAIRS[int(rng.integers(1000, 9999))]
    counts = waits.following(PAIRS, words[:2], pieces[:2])
    same = [p for w, p in PAIRS if w[:2] == words[:2]]
    assert sum(counts.values()) == len(same)
    assert counts[pieces[2]] == sum(p[2] == pieces[2] for p in same)


@pytest.mark.agreement
def test_lagging_is_the_formula(rng, agreement):
    cases = []
    for _ in range(20):
        words, pieces = (int(n) for n in rng.integers(2, 12, size=2))
        heard = np.minimum(np.sort(rng.integers(1, words + 3, size=pieces)), words).tolist()
        cases.append((heard, words))

    def formula(heard, words):
        tau = next((t for t, g in enumerate(heard, 1) if g == words), len(heard))
        terms = [heard[t - 1] - (t - 1) / Fraction(len(heard), words) for t in range(1, tau + 1)]
        return float(sum(terms) / tau)

    agreement(
        [waits.lagging(*case) for case in cases],
        lambda: [formula(*case) for case in cases],
        what="average lagging of 20 random readings",
        against="the formula in exact fractions",
        atol=1e-12,
    )
    assert waits.lagging([2, 3, 3, 3], 3) == 2.125
    assert waits.lagging([1, 2, 3, 3], 3) == 1.25
    assert waits.lagging([3, 3, 3, 3], 3) == 3
    assert waits.lagging([1, 2], 3) == 0.75, "not all was heard"
    assert waits.lagging([3, 4, 5, 5], 4 + 1) == pytest.approx((3 + 2.75 + 2.5) / 3)


# --- the net


def by_hand(net, words, before, heard):
    """Scores of one sentence in NumPy, step by step, (T, pieces)."""
    p = {name: part.double().numpy() for name, part in net.state_dict().items()}
    sigmoid = lambda v: 1 / (1 + np.exp(-v))  # noqa: E731

    def gru(inputs, i):
        D = inputs.shape[1]
        state, states = np.zeros(D), []
        for x in inputs:
            a = p["grus.weight_ih"][i] @ x + p["grus.bias_ih"][i]
            b = p["grus.weight_hh"][i] @ state + p["grus.bias_hh"][i]
            reset, update = sigmoid(a[:D] + b[:D]), sigmoid(a[D : 2 * D] + b[D : 2 * D])
            state = (1 - update) * np.tanh(a[2 * D :] + reset * b[2 * D :]) + update * state
            states.append(state)
        return np.array(states)

    read, wrote = gru(p["words.weight"][words], 0), gru(p["pieces.weight"][before], 1)
    scores = []
    for state, h in zip(wrote, heard, strict=True):
        powers = np.exp(read[:h] @ p["ask.weight"] @ state)
        both = np.concatenate([state, powers / powers.sum() @ read[:h]])
        mixed = np.tanh(p["mix.weight"] @ both + p["mix.bias"])
        scores.append(p["out.weight"] @ mixed + p["out.bias"])
    return np.array(scores)


@pytest.mark.agreement
def test_the_net_is_the_one_written_out(rng, agreement):
    torch.manual_seed(seed_of(rng))
    net = Interpreter(dim=6).double()
    words, pieces, lengths = encode(some_numbers(rng, 5))
    before = torch.nn.functional.pad(pieces[:, :-1], (1, 0))
    heard = torch.tensor([np.sort(rng.integers(1, int(n) + 1, size=8)).tolist() for n in lengths])
    agreement(
        net(words, before, heard).detach().numpy(),
        lambda: np.array([by_hand(net, *rows) for rows in zip(words, before, heard, strict=True)]),
        what="scores of two GRUs and attention on the words heard, five sentences at once",
        against="NumPy, sentence by sentence and step by step, float64",
        atol=1e-10,
    )


def test_the_grus_are_pytorchs(rng):
    torch.manual_seed(seed_of(rng))
    ours, x = nets.Grus(5), torch.randn(2, 3, 4, 5)
    h = torch.randn(2, 3, 5)
    for i in range(2):
        plain = torch.nn.GRU(5, 5, batch_first=True)
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        plain.load_state_dict({f"{name}_l0": getattr(ours, name)[i] for name in names})
        torch.testing.assert_close(ours(x)[i], plain(x[i])[0])
        torch.testing.assert_close(ours(x, h)[i], plain(x[i], h[i : i + 1])[0])


def step_by_step(net, number, policy, most):
    """One number: each piece from the scores of a whole pass."""
    words, _, lengths = encode([number])
    said, at, heard = [], [], 1
    while len(said) < most and GERMAN.index(END) not in said:
        before = torch.tensor([[0, *said] + [0] * (7 - len(said))])
        with torch.no_grad():
            scores = net(words, before, torch.full((1, 8), heard))[0, len(said)]
        chance, best = scores.softmax(-1).max(-1)
        state = chance[None], torch.tensor([heard]), torch.tensor([len(said)])
        if policy(*state).item() and heard < lengths.item():
            heard += 1
        else:
            said.append(best.item())
            at.append(heard)
    return said, at


@pytest.fixture(scope="module")
def trained():
    """Two nets for small numbers, trained side by side: with all waits, and from the whole."""
    small = list(range(1, 100))
    return fit([small, small], [3, 4], [1, 8], steps=120, batch=16)


def test_nets_learn_and_speak(trained):
    asked = list(range(1, 100))
    words, _, _ = encode(asked)
    for net in trained:
        said = numbers.decode(net.speak(words, fixed(8))[0])
        assert np.mean([a == pair(n)[1] for a, n in zip(said, asked, strict=True)]) > 0.9
    said = numbers.decode(trained[0].speak(words, fixed(1))[0])
    share = np.mean([a == pair(n)[1] for a, n in zip(said, asked, strict=True)])
    assert 0.15 < share <= 27 / 99 + 1e-9


def test_what_is_said_is_the_likeliest_of_what_is_heard(trained, rng):
    torch.manual_seed(seed_of(rng))
    for net in (trained[0], Interpreter(dim=4)):
        asked = some_numbers(rng, 6, 100)
        words = encode(asked)[0]
        for policy in (fixed(1), fixed(2), fixed(8), unsure(0.9)):
            pieces, heard = net.speak(words, policy, most=8)
            for row, at, number in zip(pieces.tolist(), heard.tolist(), asked, strict=True):
                ours, ours_at = step_by_step(net, number, policy, 8)
                assert [p for p in row if p] == [p for p in ours if p]
                assert at[: len(ours_at)] == ours_at
                assert not any(at[len(ours_at) :])


def test_policies():
    chance = torch.tensor([0.2, 0.7, 0.7])
    heard, said = torch.tensor([2, 2, 2]), torch.tensor([0, 1, 2])
    assert fixed(2)(chance, heard, said).tolist() == [False, True, True]
    assert unsure(0.5)(chance, heard, said).tolist() == [True, False, True]
    assert unsure(0.7)(chance[1:2], heard[1:2], said[1:2]).tolist() == [False]


def test_the_loss_is_the_mean_over_the_pieces(rng):
    scores, pieces = torch.randn(3, 4, 5), torch.tensor([[1, 2, 0, 0], [4, 4, 4, 4], [3, 0, 0, 0]])
    plain = torch.nn.functional.cross_entropy(
        scores.flatten(0, 1), pieces.flatten(), ignore_index=0
    )
    torch.testing.assert_close(nets.loss(scores, pieces), plain)


def test_slopes_are_clipped_net_by_net():
    a, b = torch.tensor([[3.0, 0], [0.3, 0]]), torch.tensor([[[4.0]], [[0.4]]])
    nets._clip([a, b, None])
    torch.testing.assert_close(a, torch.tensor([[0.6, 0], [0.3, 0]]))
    torch.testing.assert_close(b, torch.tensor([[[0.8]], [[0.4]]]))


def test_training_is_adam_on_the_clipped_mean():
    """Three steps of two nets, written out one net at a time."""
    several, seeds, least = [[3, 21, 147], [4, 40, 1047]], [5, 6], [1, 8]
    ours = fit(several, seeds, least, steps=3, batch=4, rate=0.02)
    for some, seed, low, net in zip(several, seeds, least, ours, strict=True):
        torch.manual_seed(seed)
        plain = Interpreter()
        generator = torch.Generator().manual_seed(seed)
        optimizer = torch.optim.Adam(plain.parameters())
        words, pieces, lengths = encode(some)
        for step in range(3):
            optimizer.param_groups[0]["lr"] = 0.01 * (1 + np.cos(np.pi * step / 3))
            chosen = torch.randint(0, 3, (4,), generator=generator)
            k = torch.randint(low, 9, (4,), generator=generator)
            total, count = 0, 0
            for i, wait in zip(chosen.tolist(), k.tolist(), strict=True):
                T = int((pieces[i] > 0).sum())
                at = torch.tensor([waits.wait_k(wait, int(lengths[i]), 8)])
                before = torch.nn.functional.pad(pieces[i : i + 1, :-1], (1, 0))
                scores = plain(words[i : i + 1], before, at)[0].log_softmax(-1)
                total -= scores[torch.arange(T), pieces[i, :T]].sum()
                count += T
            optimizer.zero_grad()
            (total / count).backward()
            torch.nn.utils.clip_grad_norm_(plain.parameters(), 1)
            optimizer.step()
        for one, other in zip(net.parameters(), plain.parameters(), strict=True):
            torch.testing.assert_close(one, other, rtol=1e-3, atol=3e-5)


def test_the_numbers_that_the_page_states():
    given = fit.__kwdefaults__
    assert given == {"steps": 350, "batch": 24, "rate": 0.015}
    assert sum(p.numel() for p in Interpreter().parameters()) == 18_945
    assert Interpreter().speak(encode([7])[0], fixed(1))[0].shape == (1, 12)


# --- the page

SCRIPT = "docs/applications/real_time_translation.js"


@pytest.mark.browser
def test_the_page_spells_as_python_does(js, rng):
    for number in [*range(1, 23), 30, 100, 101, 1000, 1001, 1100, 9999, *some_numbers(rng, 30)]:
        words, pieces = pair(number)
        assert js(SCRIPT, "english", number) == [HEARD.index(word) for word in words]
        assert js(SCRIPT, "german", number) == [GERMAN.index(piece) for piece in pieces]


@pytest.mark.browser
def test_the_field_takes_whole_numbers_from_1_to_9999(js):
    for text, number in (("1", 1), (" 47 ", 47), ("9999", 9999), ("4,721", 4721), ("007", 7)):
        assert js(SCRIPT, "asked", text) == number
    for text in ("", "0", "000", "10000", "12345", "3.5", "-5", "abc", "1,2", "٣", "1e3"):
        assert js(SCRIPT, "asked", text) == 0


@pytest.mark.browser
def test_the_page_counts_as_python_does(js, rng):
    for number in some_numbers(rng, 4):
        words, pieces = pair(number)
        h, t = int(rng.integers(1, len(words))), int(rng.integers(len(pieces)))
        counts = waits.following(PAIRS, words[:h], pieces[:t])
        heard, said = [HEARD.index(w) for w in words[:h]], [GERMAN.index(p) for p in pieces[:t]]
        found = js(SCRIPT, "following", heard, said)
        assert found == {str(GERMAN.index(piece)): n for piece, n in counts.items()}
        at = np.minimum(np.sort(rng.integers(1, len(words) + 2, size=5)), len(words)).tolist()
        lag = waits.lagging(at, len(words))
        assert js(SCRIPT, "lagging", at, len(words)) == pytest.approx(lag, abs=1e-12)


@pytest.mark.browser
def test_the_net_on_the_page_speaks_as_python_does(js, rng, trained):
    torch.manual_seed(seed_of(rng))
    for net, top in ((trained[0], 100), (Interpreter(), 10_000)):
        arrays = {name: part.numpy() for name, part in net.state_dict().items()}
        for number in some_numbers(rng, 3, top):
            words, _, lengths = encode([number])
            listened = words[0, : lengths[0]].tolist()
            for wait, policy in (
                ({"k": 1}, fixed(1)),
                ({"k": 3}, fixed(3)),
                ({"limit": 0.8}, unsure(0.8)),
            ):
                done = js(SCRIPT, "interpret", arrays, listened, wait, 9)
                pieces, heard = net.speak(words, policy, most=9)
                said = [(one["piece"], one["heard"]) for one in done if one["piece"] is not None]
                count = int((heard > 0).sum())
                assert [piece for piece, _ in said] == pieces[0, :count].tolist()
                assert [at for _, at in said] == heard[0, :count].tolist()
                before = torch.tensor([[0, *[piece for piece, _ in said]]])[:, :8]
                for one in done[:-1]:
                    if one["said"] < 8:
                        first = torch.nn.functional.pad(before, (0, 8 - before.shape[1]))
                        with torch.no_grad():
                            scores = net(words, first, torch.full((1, 8), one["heard"]))
                        chances = scores[0, one["said"]].softmax(-1).numpy()
                        np.testing.assert_allclose(one["chances"], chances, atol=1e-5)
