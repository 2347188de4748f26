"""Whether the hub of this container lives: what Docker asks every few seconds.

Only whether it turns (`/health/live`), so that an outage of RabbitMQ or PostgreSQL restarts
nobody. The exit code is 0 or 1. It asks its own machine, whose name needs no proof.
"""

import os
import ssl
from urllib.request import urlopen

scheme, context = "http", None
if "HUB_HTTP_CERTIFICATE_FILE" in os.environ:
    scheme, context = "https", ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
port = os.environ.get("HUB_HTTP_PORT", "8090")
with urlopen(f"{scheme}://127.0.0.1:{port}/health/live", timeout=4, context=context):  # noqa: S310
    pass
