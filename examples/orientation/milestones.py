# %% [markdown]
# # Milestones, executed
#
# Four in a row on a board of five columns and four rows, where pieces fall down. First comes the
# search that Deep Blue used: minimax and alpha-beta, with the number of positions each looks at.
# Then comes AlphaGo's kind: Monte Carlo tree search with a net that learned from games against
# itself. It plays against random moves, against the same search without a net, and against a
# player that makes no mistakes. The text is in [the lesson](../../orientation/milestones.md).

# %%
import numpy as np
from scipy import stats

from introdl import plot, show
from introdl.orientation import milestones as lesson
from introdl.orientation.milestones import START, moves, outcome, play
from introdl.show import table, values

# %% [markdown]
# ## The same value, fewer positions
#
# Ten random positions each, with 6, 8 and 10 empty cells.


# %%
def some_position(stones, rng):
    """A position with so many stones, played at random, in which the game goes on."""
    while True:
        state = START
        for _ in range(stones):
            state = play(state, rng.choice(moves(state)))
            if outcome(state) is not None:
                break
        else:
            return tuple(int(part) for part in state)


rng = np.random.default_rng(0)
counts = {}
for empty in (6, 8, 10):
    some = [some_position(20 - empty, rng) for _ in range(10)]
    both = [(lesson.minimax(state), lesson.alphabeta(state)) for state in some]
    assert all(a[0] == b[0] for a, b in both), "alpha-beta gives the same value"
    counts[empty] = np.mean([(a[1], b[1]) for a, b in both], axis=0)

# %% name="counts"
table(
    ["empty cells", "minimax looks at", "alpha–beta looks at", "share"],
    [[n, f"{a:,.0f}", f"{b:,.0f}", f"{b / a:.0%}"] for n, (a, b) in counts.items()],
)

# %% [markdown]
# ## Two nets that learn from nothing
#
# Each plays 200 games against itself, learns from them, and plays again, five rounds in all.

# %%
PLAYED, LOOKS, PAIRS = 1000, (8, 32), 80
nets = [lesson.learn(seed, rounds=5, games=PLAYED // 5) for seed in range(2)]

# %% [markdown]
# ## Matches
#
# An opening is a position with four pieces that is a draw with best play. Each is played twice, so
# that both players have both sides; the score is the share of the points, half for a draw. Two
# blocks: each has its own net, openings and random numbers.


# %%
def scores(block, looks, pairs=PAIRS):
    """The share of both games of each opening, by match."""
    rng = np.random.default_rng([block, looks])
    starts = lesson.openings(pairs, seed=block)
    net = lesson.searcher(lesson.net_judge(nets[block]), looks)
    plain = lesson.searcher(lesson.playouts(rng), looks)
    perfect, chance = lesson.perfect_player(rng), lesson.random_player(rng)
    return {
        "net against random moves": lesson.match(net, chance, starts),
        "net against random games": lesson.match(net, plain, starts),
        "net against perfect": lesson.match(net, perfect, starts),
        "random games against perfect": lesson.match(plain, perfect, starts),
    }


def percent(score):
    """A mean of shares in percent, with half of its 95 % interval."""
    half = stats.t.ppf(0.975, len(score) - 1) * score.std(ddof=1) / np.sqrt(len(score))
    return f"{100 * score.mean():.0f}\u00a0±\u00a0{100 * half:.0f}"


played = {looks: [scores(block, looks) for block in range(2)] for looks in LOOKS}

# %% name="match_scores"
table(
    ["who", "looks", "first net: points out of 100", "second net"],
    [
        [name, looks, *(percent(block[name]) for block in played[looks])]
        for name in played[8][0]
        for looks in LOOKS
    ],
)

# %% name="numbers"
values(
    positions=f"{lesson.positions():,}",
    games=2 * PAIRS,
    pairs=PAIRS,
    lead_first=percent(played[8][0]["net against random games"]),
    lead_second=percent(played[8][1]["net against random games"]),
    weights=f"{sum(p.numel() for p in nets[0].parameters()):,}",
    alone=PLAYED,
)

# %% [markdown]
# ## What the page gets
#
# The first net, and a picture of a position.

# %% name="net"
names = ("w1", "b1", "w2", "b2", "w3", "b3")
show.arrays(
    "net", **{n: p.detach().numpy() for n, p in zip(names, nets[0].parameters(), strict=True)}
)

# %% name="still"
SHOWN = (2, 2, 1, 3, 2)
state = START
for column in SHOWN:
    state = play(state, column)
visits = lesson.search(tuple(np.array([part]) for part in state), lesson.net_judge(nets[0]), 32)[0]
fig, ax = plot.subplots(width=3.7, height=3.4)
for row, line in enumerate(reversed(lesson.board(state).split("\n"))):
    for column, cell in enumerate(line.split()):
        if cell == "x":
            ax.plot(column, row, "o", ms=24, color=plot.BLUE)
        elif cell == "o":
            ax.plot(column, row, "s", ms=22, color=plot.ORANGE)
        else:
            ax.plot(column, row, "o", ms=24, color=plot.MUTED, fillstyle="none")
for column, number in enumerate(visits):
    ax.text(column, 3.75, f"{number:.0f}", ha="center", color=plot.INK)
ax.set(xlim=(-0.6, 4.6), ylim=(-0.6, 4.2), xticks=range(5), xticklabels=range(1, 6), yticks=[])
ax.set(xlabel="column")
plot.figure(
    fig,
    alt=f"A board of five columns and four rows with three round and two square pieces. Above the "
    f"columns stand {', '.join(f'{number:.0f}' for number in visits)}.",
    caption="Round moved first, and square is to move. Above each column: how many of 32 looks the "
    "search with the net of this build spends on that move.",
)

# %% [markdown]
# ## What this notebook claims

# %%
assert all(b < a for a, b in counts.values())
assert counts[10][1] / counts[10][0] < counts[6][1] / counts[6][0], "it saves more in larger trees"
assert max(lesson.worth(START).values()) == 0, "a draw"
for block in played[8]:
    assert block["net against random games"].mean() > 0.53, "the net is ahead at 8 looks"
    assert block["net against perfect"].mean() < 0.5
    assert block["net against random moves"].mean() > 0.75
