"""Every reader of foreign bytes, fed with anything: only what its docstring names may come out.

One module for each reader, with `one`, which reads some bytes and raises if anything else came of
them, and `seeds`, with which to begin. `scripts/fuzz` runs them by atheris; what it finds is kept
in `corpus/<reader>/`, and read again by `test_corpus.py`, for which atheris is not needed.
"""
