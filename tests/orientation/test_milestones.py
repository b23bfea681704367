"""The game, both searches and the tree search against plain references; the page against Python."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from introdl.orientation.milestones import (
    START,
    alphabeta,
    board,
    learn,
    match,
    minimax,
    most_tried,
    moves,
    net_judge,
    openings,
    outcome,
    perfect_player,
    play,
    playouts,
    random_player,
    search,
    searcher,
    worth,
)
from introdl.orientation.milestones.net import inputs, new_net, self_play

ROOT = Path(__file__).parents[2]
SCRIPT = "docs/orientation/milestones.js"


def odd_input(rng):
    return {"most_tried": {"visits": rng.integers(0, 9, size=(3, 5)).astype(float)}}


def rows_of(columns):
    """The board as lists of columns, from a list of moves."""
    stacks = [[] for _ in range(5)]
    for turn, column in enumerate(columns):
        stacks[column].append("xo"[turn % 2])
    return stacks


def has_four(stacks, mark):
    """Whether a mark has four in a row, cell by cell."""
    cell = {(c, r): m for c, stack in enumerate(stacks) for r, m in enumerate(stack)}
    ways = ((0, 1), (1, 0), (1, 1), (1, -1))
    return any(
        all(cell.get((c + i * dc, r + i * dr)) == mark for i in range(4))
        for c in range(5)
        for r in range(4)
        for dc, dr in ways
    )


def random_moves(seed, stones):
    """Moves of a random game of at most so many stones, which ends when somebody has won."""
    rng = np.random.default_rng(seed)
    columns = []
    while len(columns) < stones:
        free = [c for c in range(5) if len(rows_of(columns)[c]) < 4]
        columns.append(int(rng.choice(free)))
        if has_four(rows_of(columns), "xo"[(len(columns) - 1) % 2]):
            break
    return columns


def state_of(columns):
    return functools.reduce(play, columns, START)


games = st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 20))


@settings(max_examples=25, deadline=None)
@given(games)
def test_the_game_equals_a_board_of_lists(game):
    columns = random_moves(*game)
    stacks, state = rows_of(columns), state_of(columns)
    assert sorted(moves(state)) == [c for c in range(5) if len(stacks[c]) < 4]
    padded = [stack + ["."] * (4 - len(stack)) for stack in stacks]
    lines = [" ".join(padded[c][r] for c in range(5)) for r in (3, 2, 1, 0)]
    assert board(state) == "\n".join(lines)
    won = has_four(stacks, "x") or has_four(stacks, "o")
    assert outcome(state) == (-1 if won else 0 if len(columns) == 20 else None)


@pytest.mark.parametrize(
    "columns", [(0, 1, 0, 1, 0, 1, 0), (1, 1, 2, 2, 3, 3, 4), (0, 1, 1, 2, 4, 2, 2, 3, 3, 3, 3)]
)
def test_upright_level_and_slanting_rows_win(columns):
    assert outcome(state_of(columns)) == -1
    assert outcome(state_of(columns[:-1])) is None


def by_lists(columns):
    """Value and number of positions, on lists."""
    stacks = rows_of(columns)
    if has_four(stacks, "xo"[(len(columns) - 1) % 2]):
        return -1, 1
    free = [c for c in range(5) if len(stacks[c]) < 4]
    if not free:
        return 0, 1
    found = [by_lists([*columns, c]) for c in free]
    return max(-v for v, _ in found), 1 + sum(n for _, n in found)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(14, 20))
def test_minimax_equals_lists_and_alphabeta_equals_minimax(seed, stones):
    columns = random_moves(seed, stones)
    state = state_of(columns)
    value, seen = minimax(state)
    assert (value, seen) == by_lists(columns)
    less, fewer = alphabeta(state)
    assert less == value
    assert fewer <= seen
    if outcome(state) is None:
        expected = {c: -minimax(play(state, c))[0] for c in moves(state)}
        assert worth(state) == expected


def test_alphabeta_stops_where_the_other_player_will_not_come():
    rng = np.random.default_rng(1)
    saved = [
        alphabeta(state)[1] / minimax(state)[1]
        for state in (state_of(random_moves(seed, 12)) for seed in rng.integers(9**9, size=8))
        if outcome(state) is None
    ]
    assert np.mean(saved) < 0.6


def by_dictionaries(columns, judge, looks, c):
    """Tree search of one game, with a dictionary per position."""

    def new(state):
        ended = outcome(state)
        promise, value = judge(tuple(np.array([part]) for part in state))
        value = float(value[0]) if ended is None else ended
        zero = dict.fromkeys(range(5), 0.0)
        return {"state": state, "ended": ended, "value": value, "P": promise[0], "N": zero,
                "W": dict(zero), "child": {}}  # fmt: skip

    root = new(state_of(columns))
    for _ in range(looks):
        at, path, fresh = root, [], False
        while not fresh and at["ended"] is None:
            total = np.sqrt(1 + sum(at["N"].values()))
            score = {
                m: at["W"][m] / max(at["N"][m], 1) + c * at["P"][m] * total / (1 + at["N"][m])
                for m in moves(at["state"])
            }
            move = max(score, key=score.get)
            path.append((at, move))
            fresh = move not in at["child"]
            if fresh:
                at["child"][move] = new(play(at["state"], move))
            at = at["child"][move]
        value = at["value"]
        for before, move in reversed(path):
            value = -value
            before["N"][move] += 1
            before["W"][move] += value
    return [root["N"][m] for m in range(5)]


def batch(many):
    return tuple(np.array(part) for part in zip(*map(state_of, many), strict=True))


def going(seeds, stones):
    found = [random_moves(seed, stones) for seed in seeds]
    return [columns for columns in found if outcome(state_of(columns)) is None]


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**31), st.integers(0, 15), st.integers(1, 40))
def test_the_forest_equals_trees_of_dictionaries(seed, stones, looks):
    many = going(range(seed, seed + 5), stones)
    if not many:
        return
    judge = net_judge(new_net(seed))
    expected = [by_dictionaries(columns, judge, looks, 1.3) for columns in many]
    assert search(batch(many), judge, looks, 1.3).tolist() == expected


def test_the_net_judge_is_the_net_in_torch():
    net = new_net(3)
    many = going(range(40), 8)
    promise, value = net_judge(net)(batch(many))
    with torch.no_grad():
        out = net.double()(torch.tensor(inputs(batch(many)))).numpy()
    for k, columns in enumerate(many):
        free = sorted(moves(state_of(columns)))
        expected = np.zeros(5)
        expected[free] = np.exp(out[k, free]) / np.exp(out[k, free]).sum()
        np.testing.assert_allclose(promise[k], expected, atol=2e-6)
        np.testing.assert_allclose(value[k], np.tanh(out[k, 5]), atol=2e-6)


def test_the_net_sees_own_stones_then_the_others():
    x = inputs(batch([(2, 2, 0)]))[0]  # the second player is to move, and has one stone
    assert np.flatnonzero(x).tolist() == [2 * 4 + 1, 20 + 0, 20 + 2 * 4]


def chances(state):
    """The mean result of random play for the player to move, by all games."""
    ended = outcome(state)
    if ended is not None:
        return ended
    return np.mean([-chances(play(state, column)) for column in moves(state)])


def test_random_games_give_the_mean_of_all_games():
    many = going(range(60), 15)[:12]
    promise, value = playouts(np.random.default_rng(0))(
        batch([c for c in many for _ in range(600)])
    )
    assert set(value.tolist()) <= {-1.0, 0.0, 1.0}
    expected = [chances(state_of(columns)) for columns in many]
    assert np.std(expected) > 0.1
    # The mean of 600 results between -1 and 1 is within 5 standard errors.
    np.testing.assert_allclose(value.reshape(-1, 600).mean(axis=1), expected, atol=5 / 600**0.5)
    free = np.array([[c in moves(state_of(columns)) for c in range(5)] for columns in many])
    np.testing.assert_allclose(promise[::600], free / free.sum(axis=1, keepdims=True))


def test_the_search_takes_a_win_and_stops_one():
    judge = playouts(np.random.default_rng(0))
    win, stop = (0, 1, 0, 1, 0, 1), (0, 1, 0, 1, 0)
    assert most_tried(search(batch([win, stop]), judge, 200)).tolist() == [0, 0]


def test_self_play_says_how_the_game_ended_for_the_player_to_move():
    judge = net_judge(new_net(0))
    seen, shares, result = self_play(judge, 20, 8, 1.0, np.random.default_rng(0))
    assert seen.shape[1:] == (40,)
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    turn = seen.sum(axis=1).astype(int)
    assert (turn == 0).sum() == 20
    first = result[turn == 0]
    second = result[turn == 1]
    np.testing.assert_array_equal(first, -second)
    # Three in a row of the player to move, the last cell free: most such games are won.
    assert set(result.tolist()) <= {-1.0, 0.0, 1.0}


def test_a_match_gives_both_sides_and_perfect_play_draws():
    rng = np.random.default_rng(0)
    starts = openings(12, seed=1)
    assert len({*zip(*(part.tolist() for part in starts), strict=True)}) == 12
    assert all(
        max(worth(s).values()) == 0 for s in zip(*map(np.ndarray.tolist, starts), strict=True)
    )
    perfect = perfect_player(rng)
    np.testing.assert_array_equal(match(perfect, perfect, starts), 0.5)
    against_chance = match(perfect, random_player(rng), starts)
    assert against_chance.min() >= 0.5
    assert against_chance.mean() > 0.7
    mirrored = match(random_player(rng), perfect, starts)
    assert mirrored.max() <= 0.5


def test_a_little_learning_beats_chance():
    net = learn(0, rounds=2, games=60, simulations=8)
    rng = np.random.default_rng(0)
    score = match(searcher(net_judge(net), 16), random_player(rng), openings(40, seed=3))
    assert score.mean() > 0.6


def on_the_page(net):
    names = ("w1", "b1", "w2", "b2", "w3", "b3")
    return {n: p.detach().numpy() for n, p in zip(names, net.parameters(), strict=True)}


@pytest.mark.browser
def test_the_page_searches_and_plays_as_python_does(js, rng):
    net = new_net(int(rng.integers(99)))
    weights, judge = on_the_page(net), net_judge(net)
    for columns in going(rng.integers(9**9, size=12).tolist(), int(rng.integers(2, 14))):
        state = [int(part) for part in state_of(columns)]
        visits = search(batch([columns]), judge, 40)
        assert js(SCRIPT, "search", weights, state, 40) == visits[0].tolist()
        assert js(SCRIPT, "mostTried", visits[0].tolist()) == int(most_tried(visits)[0])
        said = js(SCRIPT, "judge", weights, state)
        promise, value = judge(batch([columns]))
        np.testing.assert_allclose(said["promise"], promise[0], atol=2e-6)
        np.testing.assert_allclose(said["value"], value[0], atol=2e-6)


@pytest.mark.browser
def test_the_perfect_player_of_the_page_is_that_of_python(js, rng):
    some = [
        columns
        for n in (0, 1, 3, 6, 9, 12)
        for columns in going(rng.integers(9**9, size=4).tolist(), n)
    ]
    for columns in some:
        state = [int(part) for part in state_of(columns)]
        found = js(SCRIPT, "worth", state)
        assert {int(c): v for c, v in found.items()} == worth(tuple(state))


@pytest.mark.browser
def test_the_page_knows_the_end_of_a_game(js, rng):
    for seed in rng.integers(9**9, size=15).tolist():
        columns = random_moves(seed, 20)
        state = [int(part) for part in state_of(columns)]
        assert js(SCRIPT, "outcome", state) == outcome(tuple(state))
        assert js(SCRIPT, "moves", state) == moves(tuple(state))


@pytest.mark.browser
def test_the_page_takes_legal_moves_alone_from_an_address(js):
    assert js(SCRIPT, "legal", [2, 2, 2, 2, 2, 1]) == [2, 2, 2, 2]
    assert js(SCRIPT, "legal", [0, 1, 0, 1, 0, 1, 0, 4]) == [0, 1, 0, 1, 0, 1, 0]
    assert js(SCRIPT, "legal", [3, 0.5, 1]) == [3]
    assert js(SCRIPT, "legal", [3, 0, 1]) == [3, 0, 1]
