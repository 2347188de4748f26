"""What a value must look like, told from the schema's side alone.

A table of the rules that a simple type can carry; each gives a name of the rule and a
sentence. The value that broke the rule is no argument here, so it cannot be quoted.
"""

from typing import Any, Final

from xmlschema import validators as xsd

__all__ = ["broken_rule"]

_LONGEST_LIST: Final = 40  # codes named in one sentence
_LONGEST_PATTERN: Final = 200
_EXAMPLES: Final = {
    "base64Binary": "base64 without other characters",
    "boolean": "true or false",
    "date": "a day such as 2026-11-02",
    "dateTime": "a point in time such as 2026-11-02T09:15:00+01:00",
    "decimal": "a number such as 12.50",
    "gYear": "a year such as 1990",
    "gYearMonth": "a month such as 1990-05",
    "integer": "a whole number",
    "time": "a time of day such as 10:00:00",
}
_BOUNDS: Final = {
    xsd.XsdLengthFacet: ("length", "exactly {} characters long"),
    xsd.XsdMinLengthFacet: ("length", "at least {} characters long; an empty one counts as 0"),
    xsd.XsdMaxLengthFacet: ("length", "at most {} characters long"),
    xsd.XsdMinInclusiveFacet: ("range", "at least {}"),
    xsd.XsdMinExclusiveFacet: ("range", "more than {}"),
    xsd.XsdMaxInclusiveFacet: ("range", "at most {}"),
    xsd.XsdMaxExclusiveFacet: ("range", "less than {}"),
    xsd.XsdTotalDigitsFacet: ("digits", "a number of at most {} digits"),
    xsd.XsdFractionDigitsFacet: ("digits", "a number of at most {} digits after the point"),
}


def broken_rule(validator: Any) -> tuple[str, str]:
    """Name the rule of the schema component that said no, and what to write instead."""
    if isinstance(validator, xsd.XsdPatternFacets):
        return "pattern", _pattern(validator)
    if isinstance(validator, xsd.XsdEnumerationFacets):
        return "enumeration", _enumeration(validator)
    if type(validator) in _BOUNDS:
        rule, words = _BOUNDS[type(validator)]
        return rule, f"The value must be {words.format(validator.value)}."
    if isinstance(validator, xsd.XsdAttribute | xsd.XsdElement) and validator.fixed is not None:
        return "fixed value", f"The value is fixed; write {validator.fixed}."
    if isinstance(validator, xsd.XsdSimpleType):
        return "type", _type(validator)
    return "schema", "This place breaks a rule of the schema; compare it with the schema."


def _pattern(facets: xsd.XsdPatternFacets) -> str:
    patterns = " or ".join(facets.regexps)
    if len(patterns) > _LONGEST_PATTERN:
        return "The value has not the required form; the schema has its pattern."
    return f"The value must have the form {patterns}."


def _enumeration(facets: xsd.XsdEnumerationFacets) -> str:
    allowed = [str(value) for value in facets.enumeration]
    if len(allowed) > _LONGEST_LIST:
        return f"The value must be one of the {len(allowed)} that the schema lists."
    return f"The value must be one of: {', '.join(allowed)}."


def _type(validator: xsd.XsdSimpleType) -> str:
    name = validator.local_name or "the required type"
    example = _EXAMPLES.get(name)
    return f"The value is not of type {name}; write {example or 'one'}."
