"""Rehearsal room: what a cut-over or another routing table would change, before it does.

Messages that are owed and messages that are made up are translated by the table that holds and
by the one to come. Nothing is sent, nothing is written, and no value of a message is kept.
"""

from hub.rehearsal.outcomes import Official, Way
from hub.rehearsal.rehearsing import Rehearsal, Ways, ways
from hub.rehearsal.report import Count, Failure, Group, Lost, Report, Shaped, Side, XmlPlace

__all__ = [
    "Count",
    "Failure",
    "Group",
    "Lost",
    "Official",
    "Rehearsal",
    "Report",
    "Shaped",
    "Side",
    "Way",
    "Ways",
    "XmlPlace",
    "ways",
]
