"""Names and places in a document, as people write them: prefixes instead of namespaces."""

from typing import Final

from lxml import etree

__all__ = ["display", "path_of"]

_LONGEST_NAME: Final = 80  # a name of the document is not bounded, an explanation is


def path_of(element: etree._Element) -> str:
    """Return the path from the root, with positions where siblings share a name."""
    steps = [_step(each) for each in (element, *element.iterancestors())]
    return "".join(f"/{step}" for step in reversed(steps))


def display(name: str, near: etree._Element) -> str:
    """Write `{namespace}local` with the prefix that holds at the element `near`."""
    qualified = etree.QName(name)
    prefixes = (prefix for prefix, uri in near.nsmap.items() if uri == qualified.namespace)
    prefix = next((prefix for prefix in prefixes if prefix), None)
    local = qualified.localname
    return (f"{prefix}:{local}" if prefix else local)[:_LONGEST_NAME]


def _step(element: etree._Element) -> str:
    tag = str(element.tag)
    name = display(tag, element)
    before = len(list(element.itersiblings(tag, preceding=True)))
    alone = before == 0 and next(element.itersiblings(tag), None) is None
    return name if alone else f"{name}[{before + 1}]"
