"""A document as people would write it: indented, so that its lines can be named."""

import copy

from lxml import etree

from hub.xml.parsing import Element, Limits, parse, serialise

__all__ = ["readable", "with_lines"]


def readable(root: Element) -> bytes:
    """The document indented, in UTF-8."""
    spaced = copy.deepcopy(root)
    etree.indent(spaced)
    return serialise(spaced)


def with_lines(root: Element) -> Element:
    """The document with the lines of its readable form, if it was never text before.

    Raises:
        PermanentFailure: it is larger than any document may be.
    """
    return root if root.sourceline is not None else parse(readable(root), Limits(huge_text=True))
