"""The engine that explains: xmlschema's findings, in sentences of our own.

The only file that imports xmlschema, with `value_rules`: that takes longer than all else in this
room together, and a hub whose documents are valid never asks.
"""

import re
from functools import cached_property
from itertools import islice
from typing import Any, Final

from lxml import etree
from xmlschema import (
    XMLSchema10,
    XMLSchemaBase,
    XMLSchemaChildrenValidationError,
    XMLSchemaException,
    XMLSchemaValidationError,
)
from xmlschema.validators import XsdAttribute, XsdAttributeGroup, XsdGroup

from hub.model.failure import PermanentFailure
from hub.xml.explanation import Explanation
from hub.xml.location import display, path_of
from hub.xml.parsing import Element
from hub.xml.readable import with_lines
from hub.xml.redaction import redacted
from hub.xml.schema_compiling import WRAPPER, empty_schema
from hub.xml.schema_files import SchemaFiles
from hub.xml.value_rules import broken_rule

__all__ = ["Explainer"]

_XSI: Final = "{http://www.w3.org/2001/XMLSchema-instance}"
_MOST_EXPECTED: Final = 5  # names of elements in one sentence
_IN_ATTRIBUTE: Final = re.compile(r"attribute ([^\s=']+)=")


class Explainer:
    """A schema set as xmlschema has it, compiled at the first document: some 400 ms.

    Not to be shared between threads at the same time.
    """

    def __init__(self, files: SchemaFiles) -> None:
        self._files = files

    def explain(self, root: Element, most: int) -> tuple[Explanation, ...]:
        """At most so many findings; none where the document is valid, or xmlschema stumbles."""
        try:
            # xmlschema takes lxml's elements, its types do not say so.
            document: Any = with_lines(root)
            errors = self._schema.iter_errors(document)
            explained = [_explain_error(error) for error in islice(errors, most)]
        except (XMLSchemaException, RecursionError, PermanentFailure):
            # It stumbled, over an unknown xsi:type for one, or would take a document that is too
            # large anyway: lxml's findings must do.
            return ()
        return tuple(dict.fromkeys(explained))

    @cached_property
    def _schema(self) -> XMLSchema10:
        schema = XMLSchema10(
            etree.tostring(empty_schema(WRAPPER), encoding="unicode"), build=False, allow="local"
        )
        for tops in self._files.tops.values():
            for file in tops:
                schema.add_schema(str(file))
        schema.build()
        return schema


def _explain_error(error: XMLSchemaValidationError) -> Explanation:
    element: Any = error.elem
    if not isinstance(element, etree._Element):  # noqa: SLF001 - see hub.xml.parsing.Element
        return Explanation("/", None, *broken_rule(error.validator))
    if isinstance(error, XMLSchemaChildrenValidationError):
        return _explain_children(error, element)
    if isinstance(error.validator, XsdAttributeGroup):
        return _explain_attributes(error.validator, element)
    if isinstance(error.validator, XMLSchemaBase):
        return _at(element, "unknown root", "The schema knows no document that begins like this.")
    if error.obj is element:
        return _explain_content(error.validator, element)
    return _explain_value(error, element)


def _explain_children(
    error: XMLSchemaChildrenValidationError, parent: etree._Element
) -> Explanation:
    child: Any = error.invalid_child
    wanted = _wanted(error)
    if child is None:
        return _missing(wanted, parent, f"at the end of {_name(parent)}")
    if str(child.tag) not in _names(error.validator):
        hint = f"; expected here: {_either(wanted, parent)}" if wanted else ""
        return _at(child, "unexpected element", f"{_name(child)} is not allowed here{hint}.")
    if wanted and child.tag not in wanted:
        late = next(child.itersiblings(*wanted), None)
        if late is not None:
            sentence = f"{_name(late)} stands too late; move it before {_name(child)}."
            return _at(late, "order", sentence)
        return _missing(wanted, parent, f"before {_name(child)}", child.sourceline)
    return _at(
        child,
        "unexpected element",
        f"{_name(child)} is known to the schema, but not at this place or not so often; "
        "move or remove it.",
    )


def _wanted(error: XMLSchemaChildrenValidationError) -> tuple[str, ...]:
    """Tags of which one had to come first; none if nothing was missing."""
    if error.occurs >= error.particle.min_occurs:
        return ()
    return _first_required(error.particle)


def _first_required(particle: Any) -> tuple[str, ...]:
    if isinstance(particle, XsdGroup) and particle.model == "sequence":
        required = next((each for each in particle if not each.is_emptiable()), None)
        return _first_required(required) if required is not None else ()
    return _names(particle)


def _names(particle: Any) -> tuple[str, ...]:
    elements = particle.iter_elements() if isinstance(particle, XsdGroup) else [particle]
    named = (element.name for element in elements)  # a wildcard has no name
    return tuple(dict.fromkeys(name for name in named if name))


def _missing(
    wanted: tuple[str, ...], parent: etree._Element, place: str, line: int | None = None
) -> Explanation:
    if not wanted:
        return _at(parent, "missing element", f"{_name(parent)} is not complete.")
    path = path_of(parent)
    if len(wanted) == 1:
        path += f"/{display(wanted[0], parent)}"
    sentence = f"{_either(wanted, parent)} is missing; add it {place}."
    return Explanation(path, line or parent.sourceline, "missing element", sentence)


def _either(tags: tuple[str, ...], near: etree._Element) -> str:
    names = [display(tag, near) for tag in tags[:_MOST_EXPECTED]]
    return " or ".join(names if len(tags) <= _MOST_EXPECTED else [*names, "another"])


def _explain_attributes(group: XsdAttributeGroup, element: etree._Element) -> Explanation:
    missing = [name for name in group.iter_required() if name not in element.attrib]
    if missing:
        names = ", ".join(display(name, element) for name in missing)
        return _at(element, "missing attribute", f"{_name(element)} needs the attribute {names}.")
    unknown = [name for name in element.attrib if name not in group and not name.startswith(_XSI)]
    names = ", ".join(display(str(name), element) for name in unknown) or "xsi"
    sentence = f"{_name(element)} must not have the attribute {names}; remove it."
    return _at(element, "unexpected attribute", sentence)


def _explain_content(validator: Any, element: etree._Element) -> Explanation:
    if isinstance(validator, XsdGroup):
        sentence = f"Text stands between the elements of {_name(element)}; remove it."
        return _at(element, "unexpected text", sentence)
    if len(element):
        sentence = f"{_name(element)} holds text only; remove the elements in it."
        return _at(element, "unexpected element", sentence)
    return _at(element, *broken_rule(validator))


def _explain_value(error: XMLSchemaValidationError, element: etree._Element) -> Explanation:
    rule, sentence = broken_rule(error.validator)
    attribute = _attribute_of(error, element)
    path, value = path_of(element), element.text
    if attribute is not None:
        path = f"{path}/@{attribute}"
        values = (value for name, value in element.items() if display(name, element) == attribute)
        value = next(values, None)
    return Explanation(path, element.sourceline, rule, sentence, redacted(value or ""))


def _attribute_of(error: XMLSchemaValidationError, element: etree._Element) -> str | None:
    if isinstance(error.validator, XsdAttribute):
        return error.validator.local_name
    # xmlschema tells the attribute nowhere but in front of its reason; believed only if there.
    match = _IN_ATTRIBUTE.match(error.reason or "")
    known = {display(str(name), element) for name in element.attrib}
    return match[1] if match and match[1] in known else None


def _at(element: etree._Element, rule: str, sentence: str) -> Explanation:
    return Explanation(path_of(element), element.sourceline, rule, sentence)


def _name(element: etree._Element) -> str:
    return display(str(element.tag), element)
