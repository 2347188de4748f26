"""Delivery by SOAP 1.2: a case, then each of its documents, then that it is complete.

Three operations go down, and one brings updates up:

    SubmitCase    the XML message          → the number of the case
    AddDocument   one document of the case
    CompleteCase  all documents are there  → its receipt
    ListUpdates   after a number           → what came since, by increasing numbers

What the other side is asked to do: take the `CallId` of a call for what it is, and answer a
call that comes again as it did the first time; refuse what it cannot take with a fault of the
sender and its error codes (S100: the whole case is there); say with a fault of the receiver
that it may come again later.
"""

from hub.transport.soap.transport import SoapTransport

__all__ = ["SoapTransport"]
