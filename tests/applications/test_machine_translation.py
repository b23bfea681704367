"""Number words against num2words, BLEU against loops and sacreBLEU, the net against a plain one."""

import re
from fractions import Fraction

import numpy as np
import pytest
import torch
from num2words import num2words

from introdl.applications.machine_translation import numbers
from introdl.applications.machine_translation.bleu import bleu, runs
from introdl.applications.machine_translation.net import Translator, fit


def some_numbers(rng, n, top=10_000):
    return [int(k) for k in rng.choice(np.arange(1, top), size=n, replace=False)]


def test_words_are_those_of_num2words(rng):
    for number in [1, 10, 21, 100, 101, 1000, 1001, 1100, 60_000, *some_numbers(rng, 50, 100_000)]:
        assert "".join(numbers.english(number)) == re.sub("[-, ]", "", num2words(number))
        assert set(numbers.english(number)) <= set(numbers.WORDS[1:])
        assert numbers.german(number) == num2words(number, lang="de")
        assert set(numbers.german(number)) <= set(numbers.LETTERS[1:-1])


@pytest.mark.parametrize("spell", [numbers.english, numbers.german])
@pytest.mark.parametrize("number", [0, 100_000])
def test_a_number_beyond_is_refused(spell, number):
    with pytest.raises(ValueError, match=rf"{spell.__name__}\(\): number is {number}, expected 1"):
        spell(number)


def test_the_rules_are_perfect():
    """On every thousands part with every fifth rest, and on all up to 9,999."""
    asked = [*range(1, 10_000), *range(10_000, 100_000, 7)]
    assert [n for n in asked if numbers.by_rule(numbers.english(n)) != numbers.german(n)] == []


@pytest.mark.parametrize(
    ("number", "word"),
    [
        (7, "sieben"),
        (1, "ein"),
        (21, "zwanzigein"),
        (21_700, "zwanzigeintausendsiebenhundert"),
        (312, "dreihundertzwölf"),
    ],
)
def test_word_by_word_leaves_the_order(number, word):
    assert numbers.word_by_word(numbers.english(number)) == word


def test_the_nearest_shares_the_most_words(rng):
    known, asked = ([numbers.english(n) for n in some_numbers(rng, size)] for size in (40, 15))

    def alike(a, b):
        left, shared = list(b), 0
        for word in a:
            if word in left:
                left.remove(word)
                shared += 1
        return Fraction(2 * shared, len(a) + len(b))

    best = [max(range(40), key=lambda i: alike(sentence, known[i])) for sentence in asked]
    assert numbers.nearest(asked, known) == best


def test_what_is_encoded_can_be_read_back(rng):
    asked = some_numbers(rng, 20)
    words, letters = numbers.encode(asked)
    assert numbers.decode(letters) == [numbers.german(n) for n in asked]
    for row, number in zip(words.tolist(), asked, strict=True):
        assert [numbers.WORDS[i] for i in row if i] == numbers.english(number)
    end = numbers.LETTERS.index(numbers.END)
    assert ((letters == end).sum(dim=1) == 1).all()
    assert words.shape[1] == max(len(numbers.english(n)) for n in asked)
    assert letters.shape[1] == max(len(numbers.german(n)) for n in asked) + 1
    assert numbers.decode(torch.tensor([[1, 0, end, 2, end]])) == ["a·"]


def plain_bleu(said, right, longest):
    """By exact fractions, crossing off each run of the right side once."""
    product = Fraction(1)
    for n in range(1, longest + 1):
        hits = written = 0
        for a, b in zip(said, right, strict=True):
            left = [b[i : i + n] for i in range(len(b)) if i + n <= len(b)]
            for i in range(len(a)):
                if i + n <= len(a):
                    written += 1
                    if a[i : i + n] in left:
                        left.remove(a[i : i + n])
                        hits += 1
        product *= Fraction(hits, written)
    said_length, right_length = sum(map(len, said)), sum(map(len, right))
    penalty = 1.0 if said_length >= right_length else np.exp(1 - right_length / said_length)
    return penalty * float(product) ** (1 / longest)


@pytest.mark.agreement
def test_bleu_is_that_of_a_plain_count(rng, agreement):
    asked, others = some_numbers(rng, 40), some_numbers(rng, 40)
    right = [numbers.german(n) for n in asked]
    said = [numbers.german(n) for n in others]
    said[:20] = [numbers.word_by_word(numbers.english(n)) for n in asked[:20]]
    agreement(
        [bleu(said, right, n) for n in (1, 2, 3, 4)],
        lambda: [plain_bleu(said, right, n) for n in (1, 2, 3, 4)],
        what="BLEU of 40 number words by letters, runs up to 1, 2, 3 and 4",
        against="exact fractions, each run of the right word crossed off once",
        atol=1e-12,
    )


@pytest.mark.parametrize(
    ("said", "right", "score"),
    [
        # As sacreBLEU 2.6.0 has them, smooth_method="none", a space between any two letters.
        ("fünfzehn", "fünfzig", 0.5169731539571706),
        ("dreizehn", "dreißig", 0.34572078464194095),
        ("siebenundvierzig", "neunundvierzig", 0.6668954865619208),
        ("viertausend", "viertausenddreihundert", 0.3678794411714425),
    ],
)
def test_bleu_is_that_of_sacrebleu(said, right, score):
    assert bleu([said], [right]) == pytest.approx(score, abs=1e-12)


def test_the_papers_example_is_clipped():
    """Papineni et al. (2002), example 2: seven times "the", of which two count."""
    said, right = (
        ["the", "the", "the", "the", "the", "the", "the"],
        ["the", "cat", "is", "on", "the", "mat"],
    )
    assert bleu([said], [right], longest=1) == pytest.approx(2 / 7)
    assert runs(right, 2)["on", "the"] == 1


def test_bleu_at_its_ends():
    assert bleu(["elf"], ["elf"], longest=3) == 1
    assert bleu(["elf"], ["elf"]) == 0, "no run of four"
    assert bleu(["abc"], ["xyz"]) == 0
    assert bleu([""], ["xyz"]) == 0
    with pytest.raises(ValueError, match=r"bleu\(\): there is no right translation"):
        bleu([""], [""])
    with pytest.raises(ValueError, match="zip"):
        bleu(["a", "b"], ["a"])


def by_hand(net, words, before):
    """The net on one sentence, step by step in NumPy: scores (T, letters) and shares (T, S)."""
    p = {name: part.double().numpy() for name, part in net.state_dict().items()}
    sigmoid = lambda v: 1 / (1 + np.exp(-v))  # noqa: E731

    def gru(inputs, name, end=""):
        state, states = np.zeros(p[f"{name}.weight_hh_l0{end}"].shape[1]), []
        for x in inputs:
            a = p[f"{name}.weight_ih_l0{end}"] @ x + p[f"{name}.bias_ih_l0{end}"]
            b = p[f"{name}.weight_hh_l0{end}"] @ state + p[f"{name}.bias_hh_l0{end}"]
            (ar, az, an), (br, bz, bn) = np.split(a, 3), np.split(b, 3)
            update = sigmoid(az + bz)
            state = (1 - update) * np.tanh(an + sigmoid(ar + br) * bn) + update * state
            states.append(state)
        return np.array(states)

    read = p["words.weight"][words]
    states = np.hstack([gru(read, "reader"), gru(read[::-1], "reader", "_reverse")[::-1]])
    wrote = gru(p["letters.weight"][before], "writer")
    powers = np.exp(wrote @ p["ask.weight"].T @ states.T)
    shares = powers / powers.sum(axis=1, keepdims=True)
    both = np.hstack([wrote, shares @ states])
    mixed = np.tanh(both @ p["mix.weight"].T + p["mix.bias"])
    return mixed @ p["out.weight"].T + p["out.bias"], shares


@pytest.mark.agreement
def test_the_net_is_the_one_written_out(rng, agreement):
    net = Translator(int(rng.integers(2**31)), dim=8).double()
    words, letters = numbers.encode(some_numbers(rng, 6))
    before = torch.nn.functional.pad(letters[:, :-1], (1, 0))

    def reference():
        alone = [
            by_hand(net, row[row > 0].numpy(), first.numpy())[0]
            for row, first in zip(words, before, strict=True)
        ]
        return np.array(alone)

    agreement(
        net(words, before).detach().numpy(),
        reference,
        what="scores of a GRU that reads, a GRU that writes and attention, six sentences at once",
        against="NumPy, sentence by sentence and step by step, float64",
        atol=1e-10,
    )


@pytest.fixture(scope="module")
def trained():
    """A net that writes some numbers up to 99 correctly."""
    asked = list(range(1, 100))
    net = Translator(3, dim=24)
    losses = fit(net, *numbers.encode(asked), seed=1, steps=250)
    return net, asked, losses


def test_a_net_learns_and_writes(trained):
    net, asked, losses = trained
    assert losses[0] == pytest.approx(np.log(len(numbers.LETTERS)), rel=0.15)
    assert np.mean(losses[-20:]) < 0.1
    said = numbers.decode(net.write(numbers.encode(asked)[0])[0])
    assert np.mean([a == numbers.german(n) for a, n in zip(said, asked, strict=True)]) > 0.8


def test_what_it_writes_is_the_likeliest_each_time(trained, rng):
    net = trained[0]
    words, _ = numbers.encode(some_numbers(rng, 9, 100))
    letters, shares = net.write(words)
    with torch.no_grad():
        best = net(words, torch.nn.functional.pad(letters[:, :-1], (1, 0))).argmax(dim=-1)
    assert torch.equal(best, letters)
    for n in range(9):
        row = words[n][words[n] > 0].numpy()
        before = np.concatenate([[0], letters[n, :-1].numpy()])
        ours = by_hand(net, row, before)[1]
        np.testing.assert_allclose(shares[n, :, : len(row)], ours, atol=1e-5)
        assert not shares[n, :, len(row) :].any()


def test_it_stops_when_all_have_ended(trained):
    net, end = trained[0], numbers.LETTERS.index(numbers.END)
    words, letters = numbers.encode([2, 77])
    forced = letters.clone()
    assert torch.equal(net.write(words, forced=forced)[0][letters > 0], letters[letters > 0])
    assert net.write(words, forced=forced)[0].shape == letters.shape
    assert net.write(words, 3)[0].shape == (2, 3)
    assert net.write(words, 1, torch.tensor([[end], [end]]))[0].tolist() == [[end], [end]]
    with pytest.raises(ValueError, match="at least one letter is written, not 0"):
        net.write(words, 0)


def test_a_forced_letter_is_read_on(trained):
    net = trained[0]
    words, _ = numbers.encode([47])
    forced = torch.zeros(1, 3, dtype=torch.int64)
    forced[0, 2] = numbers.LETTERS.index("z")
    wrote, _ = net.write(words, forced=forced)
    free, _ = net.write(words)
    assert torch.equal(wrote[:, :2], free[:, :2])
    assert numbers.LETTERS[wrote[0, 2]] == "z"
    with torch.no_grad():
        after = net(words, torch.nn.functional.pad(wrote[:, :-1], (1, 0)))[0].argmax(dim=-1)
    assert torch.equal(after[3:], wrote[0, 3:])


def test_a_seed_fixes_the_net_and_what_it_sees():
    pairs = numbers.encode([3, 21, 340, 5678])

    def weights(seed, order):
        net = Translator(seed, dim=4)
        fit(net, *pairs, seed=order, steps=3, batch=2)
        return torch.cat([part.detach().flatten() for part in net.parameters()])

    assert torch.equal(weights(1, 1), weights(1, 1))
    assert not torch.equal(weights(1, 1), weights(2, 1))
    assert not torch.equal(weights(1, 1), weights(1, 2))
    with pytest.raises(ValueError, match="dim is 5, expected an even number"):
        Translator(0, dim=5)


def test_training_is_adam_on_the_mean_per_letter():
    """Three steps of the loop, written out, on batches that hold every pair."""
    words, letters = numbers.encode([3, 21])
    net, plain = Translator(5, dim=6), Translator(5, dim=6)
    losses = fit(net, words, letters, seed=4, steps=3, batch=5)
    optimizer = torch.optim.Adam(plain.parameters(), lr=0.01)
    generator = torch.Generator().manual_seed(4)
    for step in range(3):
        optimizer.param_groups[0]["lr"] = 0.005 * (1 + np.cos(np.pi * step / 3))
        chosen = torch.randint(2, (5,), generator=generator)
        total, count = 0, 0
        for i in chosen.tolist():
            row = letters[i][letters[i] > 0]
            scores = plain(words[i : i + 1], torch.cat([row.new_zeros(1), row[:-1]])[None])[0]
            total -= scores.log_softmax(dim=-1)[torch.arange(len(row)), row].sum()
            count += len(row)
        assert losses[step] == pytest.approx((total / count).item(), rel=1e-4)
        optimizer.zero_grad()
        (total / count).backward()
        size = torch.sqrt(sum((p.grad**2).sum() for p in plain.parameters()))
        for p in plain.parameters():
            p.grad *= min(1.0, 1 / (float(size) + 1e-6))
        optimizer.step()
    for ours, theirs in zip(net.parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=2e-5)


SCRIPT = "docs/applications/machine_translation.js"


@pytest.mark.browser
def test_the_page_spells_as_python_does(js, rng):
    for number in [*range(1, 24), 30, 100, 101, 1000, 1001, 1100, 10_000, 21_000, 61_016, 99_999,
                   *some_numbers(rng, 40, 100_000)]:  # fmt: skip
        assert js(SCRIPT, "english", number) == numbers.english(number)
        assert js(SCRIPT, "german", number) == numbers.german(number)


@pytest.mark.browser
def test_the_net_on_the_page_writes_as_python_does(js, rng, trained):
    for net, top in ((trained[0], 100), (Translator(int(rng.integers(2**31))), 100_000)):
        arrays = {name: part.numpy() for name, part in net.state_dict().items()}
        for number in some_numbers(rng, 4, top):
            words, _ = numbers.encode([number])
            place, letter = int(rng.integers(5)), int(rng.integers(1, len(numbers.LETTERS) - 1))
            for forced in ({}, {place: letter}):
                wish = torch.zeros(1, 6, dtype=torch.int64)
                for where, which in forced.items():
                    wish[0, where] = which
                letters, shares = net.write(words, 30, wish)
                page = js(SCRIPT, "translate", arrays, words[0].tolist(), 30, forced)
                assert page["letters"] == letters[0].tolist()
                np.testing.assert_allclose(page["shares"], shares[0].numpy(), atol=1e-5)
                with torch.no_grad():
                    scores = net(words, torch.nn.functional.pad(letters[:, :-1], (1, 0)))[0]
                chances = scores.softmax(dim=-1).numpy()
                np.testing.assert_allclose(page["chances"], chances, atol=1e-5)
