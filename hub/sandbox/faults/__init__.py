"""Faults provoked on purpose, and the proof from everybody's books that nothing was lost by them.

One private world after another, applicants who never stop, one seeded fault after the next. A
kind of fault is one line of the table in `kinds`; what it may touch is its `Ground`.
"""
