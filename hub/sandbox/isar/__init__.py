"""The simulated Isar: a SOAP 1.2 server that takes cases call by call and lists its updates.

Written apart from adapter and transport on purpose: two readings of a format that agree prove
more than one that agrees with itself.
"""
