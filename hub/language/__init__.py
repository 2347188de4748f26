"""What the hub says to applicants: sentences by key in their language, and dates as they know them.

Sentences are gettext catalogues, one `.po` file per language in a folder (a domain), read as they
stand. Sentences are data: what is filled in is never taken as a template, and cannot change the
direction of the text around it. What nobody has translated is said in German and English.
"""

from hub.language.catalogue import Catalogue, Value, catalogue

__all__ = ["Catalogue", "Value", "catalogue"]
