"""Benchmarks: what the hub costs and bears, measured on real processes and printed as ratios."""
