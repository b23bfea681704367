"""Optimisers: rules that turn slopes into steps, schedules of their rate, and a net to race on."""

from introdl.networks.optimizers.net import Net, train
from introdl.networks.optimizers.rules import SGD, Adam, AdamW, RMSProp
from introdl.networks.optimizers.schedules import cosine, stairs, warm_up
from introdl.networks.optimizers.surfaces import SURFACES, run

__all__ = [
    "SGD",
    "SURFACES",
    "Adam",
    "AdamW",
    "Net",
    "RMSProp",
    "cosine",
    "run",
    "stairs",
    "train",
    "warm_up",
]
