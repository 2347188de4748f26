"""What the transports over HTTP share: one POST, and what its status means.

No transport of its own. Address, secrets and certificates of an endpoint are read and checked
here, and what was not sent is told apart from what may have arrived.

Imports nothing: who checks the settings of endpoints need not wait for aiohttp.
"""
