from introdl.data._breast_cancer import breast_cancer
from introdl.data._digits import digits
from introdl.data._firstnames import FirstNames, firstnames
from introdl.data._grammar import Grammar, grammar
from introdl.data._heights import Heights, heights
from introdl.data._iris import iris
from introdl.data._manuals import manuals
from introdl.data._mnist import mnist
from introdl.data._opinions import Opinions, opinions
from introdl.data._photograph import photograph
from introdl.data._processors import processors
from introdl.data._prose import Prose, prose
from introdl.data._ratings import Ratings, ratings
from introdl.data._sea_temperature import sea_temperature
from introdl.data._separable import separable
from introdl.data._split import Split, split
from introdl.data._standardize import standardize
from introdl.data._surnames import surnames

__all__ = [
    "FirstNames",
    "Grammar",
    "Heights",
    "Opinions",
    "Prose",
    "Ratings",
    "Split",
    "breast_cancer",
    "digits",
    "firstnames",
    "grammar",
    "heights",
    "iris",
    "manuals",
    "mnist",
    "opinions",
    "photograph",
    "processors",
    "prose",
    "ratings",
    "sea_temperature",
    "separable",
    "split",
    "standardize",
    "surnames",
]
