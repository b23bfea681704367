"""Games by search and by learning: alpha-beta, Monte Carlo tree search, a net that plays itself."""

from introdl.orientation.milestones.game import START, State, board, moves, outcome, play
from introdl.orientation.milestones.net import learn, net_judge
from introdl.orientation.milestones.perfect import positions, worth
from introdl.orientation.milestones.playing import (
    match,
    openings,
    perfect_player,
    random_player,
    searcher,
)
from introdl.orientation.milestones.search import alphabeta, minimax
from introdl.orientation.milestones.tree import most_tried, playouts, search

__all__ = [
    "START",
    "State",
    "alphabeta",
    "board",
    "learn",
    "match",
    "minimax",
    "most_tried",
    "moves",
    "net_judge",
    "openings",
    "outcome",
    "perfect_player",
    "play",
    "playouts",
    "positions",
    "random_player",
    "search",
    "searcher",
    "worth",
]
