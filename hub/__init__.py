"""The hub between online services for residence titles and case-management systems."""
