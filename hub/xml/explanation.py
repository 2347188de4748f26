"""Why a document is invalid: where, which rule, and what to do, in one plain sentence.

Values of the document never appear, only their form. What the engines write quotes them, so
none of their messages is passed on: sentences are made here and in `explaining` from the schema's
own side (names, patterns, lists of codes) and from the names of elements and attributes.
"""

from dataclasses import dataclass

from lxml import etree

__all__ = ["Explanation", "explain_log_entry"]


@dataclass(frozen=True, slots=True)
class Explanation:
    """One place where a document breaks its schema.

    Attributes:
        path: the element (or the one that is missing), or `…/@name` for an attribute.
        line: where to look in the document; None if it was never text.
        rule: the kind of rule: `pattern`, `enumeration`, `missing element`, `type` …
        sentence: what to do; never contains a value of the document.
        found: the form of the value that broke the rule, if it was a value.
    """

    path: str
    line: int | None
    rule: str
    sentence: str
    found: str | None = None

    @property
    def location(self) -> str:
        """The path, and where there is one the line."""
        return self.path if self.line is None else f"{self.path} (line {self.line})"

    @property
    def text(self) -> str:
        """All of it in one sentence, the same wherever people read it."""
        line = "" if self.line is None else f", line {self.line}"
        said = self.sentence.removesuffix(".")
        if self.found is not None:
            said += f"; it is {self.found}" if self.found else "; it is empty"
        return f"{self.path}{line}: {said} ({self.rule})."


def explain_log_entry(entry: etree._LogEntry) -> Explanation:
    """Explain one finding of lxml, where xmlschema has nothing to say; less precise."""
    rule = entry.type_name.removeprefix("SCHEMAV_").replace("_", " ").lower()
    sentence = "This place breaks a rule of the schema; compare it with the schema."
    return Explanation(entry.path or "/", entry.line or None, rule, sentence)
