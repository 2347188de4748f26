"""Proof room: says in a minute whether an adapter is right, and which data it loses.

Imports the contract, the model and the XML room only. The adapter under examination runs in
a process of its own; nothing is sent anywhere, and every message is made up.
"""

from hub.proof.examinee import Bounds
from hub.proof.proving import prove
from hub.proof.report import PROMISES, Fault, Outcome, Property, Refusal, Report, Row, Timing

__all__ = [
    "PROMISES",
    "Bounds",
    "Fault",
    "Outcome",
    "Property",
    "Refusal",
    "Report",
    "Row",
    "Timing",
    "prove",
]
