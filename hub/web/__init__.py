"""The doors for systems and services, the console for operators, the page for applicants.

`building` makes an ASGI application of a running hub, `server` serves it inside the running
loop. Who has no token finds every door closed, except the two of health.

Imports nothing: `hub status` needs one file of this room, and not what makes its pages.
"""
