"""A simulated mailbox of the BundID (ZBP): strict where the real one might be, and with a book.

Written against the published facts and not against the hub: it knows none of the hub's models.
Its paths, the form of its answers, and that it knows a repeated message by its `reference` and
refuses a status that leads back, are its own: of the real service these are not known.
"""
