"""Looks into documents before the hub answers for them: are they what they say, and only that?

A document that is not what its type says, or in which a virus scanner finds something, is
refused. What may be meant well but can act by itself is flagged: the message goes on, and the
journey says so. Nothing here changes a document.
"""

from hub.inspection.clamd import Scanner, ScannerAway
from hub.inspection.inspection import Inspection
from hub.inspection.looking import look

__all__ = ["Inspection", "Scanner", "ScannerAway", "look"]
