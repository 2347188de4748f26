"""Everything the hub needs around it to be tried: invented applicants, a vendor's system, a broker.

Nothing here runs in production, and nobody in here is real.
"""
