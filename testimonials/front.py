"""The hot paths: what every reader of a wall asks for, answered before Flask looks at the request.

Matching among a few hundred routes and the hooks that pages need cost more than these answers do. A front answers what is
plain, and hands everything else on, so that refusals and errors are made in one place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def put_before(app: Flask, front: Callable[[WSGIApplication], WSGIApplication]) -> None:
    """Let `front` see requests first, with the client's address as the trusted proxies say it."""
    outermost = app.wsgi_app
    if isinstance(outermost, ProxyFix):
        outermost.app = front(outermost.app)
    else:
        app.wsgi_app = front(outermost)  # type: ignore[method-assign, assignment]
