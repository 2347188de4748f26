"""The hub's language: submissions, replies, updates, letters and their identifiers.

Pure data, checked when made. Imports nothing else of the hub.
"""
