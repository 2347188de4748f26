"""Workshop: where vendors' code runs, in processes of its own and never in the hub's.

Each adapter has a small group of child processes. What one of them does - raise, hang, leak,
end - harms the message it was given and nobody else. A child has no keys, no secrets and no
settings of the hub; it sees messages of its own adapter only, and what it says is read as data.

Imports nothing: a child has no use for what its parent works with.
"""
