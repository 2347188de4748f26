"""A schema set: lxml decides whether a document is valid, xmlschema says why it is not.

lxml is some 60 times faster; xmlschema knows path, rule and what was expected. An lxml
schema shared between threads mixes up their errors (FACTS: XML), so each thread compiles
its own; the xmlschema one is imported and built at the first explanation and guarded by a lock.
"""

import threading
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lxml import etree

from hub.model.failure import PermanentFailure
from hub.xml.base64_elements import base64_elements
from hub.xml.explanation import Explanation, explain_log_entry
from hub.xml.parsing import Element
from hub.xml.schema_compiling import compile_decider
from hub.xml.schema_files import SchemaFiles, schema_files

if TYPE_CHECKING:
    from hub.xml.explaining import Explainer

__all__ = ["Invalid", "SchemaSet"]

MAX_EXPLANATIONS: Final = 20


class Invalid(PermanentFailure):
    """A document breaks its schema. `explanations` say where and why, without any value.

    A document that was never text is explained with the lines of its readable form.
    """

    def __init__(self, explanations: tuple[Explanation, ...]) -> None:
        first = explanations[0]
        super().__init__("X001", first.text, location=first.location)
        self.explanations = explanations


class SchemaSet:
    """The schemas of one format, compiled when first needed and once per thread."""

    def __init__(self, entry: Path) -> None:
        """Name the set: one .xsd file with all it refers to, or a folder with every .xsd in it."""
        self.entry = entry
        self._of_thread = threading.local()
        self._explaining = threading.Lock()

    def check(self, root: Element) -> None:
        """Pass if `root` is valid.

        Raises:
            Invalid: with at least one explanation.
            SchemaError: the set itself is broken.
        """
        schema = self._schema()
        if not schema.validate(root):
            raise Invalid(self._explain(root) or _from_log(schema))

    def explain(self, root: Element) -> tuple[Explanation, ...]:
        """Say where and why `root` is invalid: at most 20 explanations, none if it is valid."""
        schema = self._schema()
        if schema.validate(root):
            return ()
        return self._explain(root) or _from_log(schema)

    def compile(self) -> None:
        """Compile for this thread now, to fail at start rather than at the first document.

        Raises:
            SchemaError: a reference leads out of the set's folder, or a schema is wrong.
        """
        self._schema()

    @cached_property
    def base64_elements(self) -> frozenset[str]:
        """Names of elements that may hold any base64: where one is valid, every other is, too."""
        return base64_elements(self._files)

    def _schema(self) -> etree.XMLSchema:
        schema: etree.XMLSchema | None = getattr(self._of_thread, "schema", None)
        if schema is None:
            schema = self._of_thread.schema = compile_decider(self._files)
        return schema

    @cached_property
    def _files(self) -> SchemaFiles:
        return schema_files(self.entry)

    def _explain(self, root: Element) -> tuple[Explanation, ...]:
        with self._explaining:
            return self._explainer.explain(root, MAX_EXPLANATIONS)

    @cached_property
    def _explainer(self) -> "Explainer":
        # Imported here: every process of an adapter would load xmlschema, and few ever ask it.
        from hub.xml.explaining import Explainer

        return Explainer(self._files)


def _from_log(schema: etree.XMLSchema) -> tuple[Explanation, ...]:
    entries = islice(schema.error_log, MAX_EXPLANATIONS)
    return tuple(dict.fromkeys(explain_log_entry(entry) for entry in entries))
