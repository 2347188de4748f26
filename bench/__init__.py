"""Benchmarks and experiments of size: each a command of its own, `python -m bench.<name>`."""
