"""Why a net does not learn: cheap checks in a fixed order, patients, and the parts of an error."""

from introdl.networks.diagnosis.checks import (
    dead_units,
    first_loss,
    gradient_norms,
    input_scale,
    neighbours_agree,
    one_batch_loss,
    rate_sweep,
    share_seen,
    twin_units,
    two_looks,
)
from introdl.networks.diagnosis.errors import parts_of_error
from introdl.networks.diagnosis.patients import CHECKLIST, PATIENTS, Finding, Patient

__all__ = [
    "CHECKLIST",
    "PATIENTS",
    "Finding",
    "Patient",
    "dead_units",
    "first_loss",
    "gradient_norms",
    "input_scale",
    "neighbours_agree",
    "one_batch_loss",
    "parts_of_error",
    "rate_sweep",
    "share_seen",
    "twin_units",
    "two_looks",
]
