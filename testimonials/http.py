"""What all doors share about HTTP: problem+json, security headers, CORS, conditional and partial answers."""

from __future__ import annotations

import hashlib
import secrets
import tempfile
from collections.abc import Callable, Iterator
from typing import IO, Any, cast

import brotli
from flask import Flask, Request, Response, current_app, g, jsonify, make_response, request
from werkzeug.exceptions import HTTPException

from testimonials import i18n
from testimonials.errors import AppError, BadRequest, NotFound, RangeNotSatisfiable, RateLimited
from testimonials.runtime import Runtime

# Doors whose errors are read by machines, whatever they say they accept.
MACHINE_PATHS = ("/api/", "/uploads", "/events", "/media/", "/widget/")
# Pages that are the same with and without a cookie, so that the length of a packed one tells nobody a secret.
PACKED_PATHS = ("/c/", "/i/", "/t/")
# Pages that are one person's: no cache between us and them may keep a copy.
PRIVATE_PATHS = ("/console", "/my/", "/sign-in", "/password")


def runtime() -> Runtime:
    """The runtime of the app that answers this request."""
    return cast(Runtime, current_app.extensions["testimonials"])


def client_address() -> str:
    """The address of the client, as far as the configured number of proxies can be trusted."""
    return request.remote_addr or "unknown"


_OBJECTS = {"slug": "campaign", "rule_id": "rule"}


def route_act() -> tuple[str, str]:
    """What this request wants to do, by the name of its route, and to what: `campaign:spring`, or empty."""
    name = (request.endpoint or "").rpartition(".")[2]
    given = request.view_args or {}
    named = next((key for key in ("token", "slug", *given) if key in given), None)
    if named is None:
        return name, ""
    kind = _OBJECTS.get(named) or (named.removesuffix("_id") if named != "token" else _kind_of_token())
    return name, f"{kind}:{given[named]}"


def _kind_of_token() -> str:
    """What stands before the token in the path: `/testimonials/<token>`."""
    before = (request.url_rule.rule if request.url_rule else "").partition("/<token>")[0].rpartition("/")[2]
    return before.removesuffix("s")


def problem(error: AppError) -> Response:
    """The error as application/problem+json (RFC 9457)."""
    body = {
        "type": f"urn:testimonials:{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "code": error.code,
        "permanent": error.permanent,
    }
    if error.fields:
        body["errors"] = error.fields
    response = jsonify(body)
    response.status_code = error.status
    response.content_type = "application/problem+json"
    if isinstance(error, RangeNotSatisfiable):
        response.headers["Content-Range"] = f"bytes */{error.size}"
    return _with_patience(response, error)


def _with_patience(response: Response, error: AppError) -> Response:
    if isinstance(error, RateLimited) and error.retry_after_seconds is not None:
        response.headers["Retry-After"] = str(error.retry_after_seconds)
    return response


def wants_json() -> bool:
    """Whether the one who asks is a program."""
    if request.path.startswith(MACHINE_PATHS) or request.is_json:
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json" and request.accept_mimetypes["text/html"] == 0


def json_body(*, force: bool = False) -> dict[str, Any]:
    """The JSON object of the request. Raises BadRequest for anything else, and for text that no database can hold."""
    try:
        body = request.get_json(force=force, silent=True)
        if not isinstance(body, dict):
            raise BadRequest("The body must be a JSON object.", code="bad_json")
        if not _storable(body):
            raise BadRequest("The body holds a character that is no text.", code="bad_text")
    except RecursionError:
        raise BadRequest("The body is nested too deeply.", code="bad_json") from None
    return body


def _storable(value: Any) -> bool:
    """No NUL and no half of a surrogate pair: JSON can write both, UTF-8 and PostgreSQL can hold neither."""
    if isinstance(value, str):
        return "\0" not in value and not any("\ud800" <= character <= "\udfff" for character in value)
    if isinstance(value, dict):
        return all(_storable(each) for pair in value.items() for each in pair)
    return all(_storable(each) for each in value) if isinstance(value, list) else True


def open_to_all_origins(response: Response, *, methods: str = "GET", headers: str = "", expose: str = "") -> Response:
    """CORS for what is public anyway: any origin, never with credentials."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = methods
        response.headers["Access-Control-Max-Age"] = "86400"
        if headers:
            response.headers["Access-Control-Allow-Headers"] = headers
    if expose:
        response.headers["Access-Control-Expose-Headers"] = expose
    return response


def cached(body: bytes, content_type: str, *, seconds: int, brotli: bytes | None = None) -> Response:
    """An answer with an ETag of its content: 304 where the client has it, brotli where the client takes it."""
    etag = hashlib.sha256(body).hexdigest()[:32]
    packed = brotli is not None and request.accept_encodings["br"] > 0
    response = Response(brotli if packed and brotli is not None else body, content_type=content_type)
    if packed:
        response.headers["Content-Encoding"] = "br"
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = f"public, max-age={seconds}"
    response.set_etag(f"{etag}-br" if packed else etag)
    response.make_conditional(request)
    return response


def partial(size: int, content_type: str, etag: str, read: Callable[[int, int], Iterator[bytes]]) -> Response:
    """A file that players ask for in ranges. `read(start, length)` opens only what is needed."""
    start, stop, status = 0, size, 200
    asked = request.range
    # One range is enough for every player; several, or one for another version of the file, get all of it.
    if (
        asked is not None
        and len(asked.ranges) == 1
        and (not request.headers.get("If-Range") or request.if_range.etag == etag)
    ):
        found = asked.range_for_length(size)
        if found is None:
            raise RangeNotSatisfiable(size)
        (start, stop), status = found, 206
    response = Response(status=status, content_type=content_type)
    response.set_etag(etag)
    response.headers["Accept-Ranges"] = "bytes"
    response.content_length = stop - start
    if status == 206:
        response.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    if request.if_none_match.contains(etag):
        return cast(Response, response.make_conditional(request))
    if request.method != "HEAD":
        response.response = read(start, stop - start)
    return response


class ScratchRequest(Request):
    """Files of a form are spooled beside our other scratch files: the system's own folder may be memory, and small."""

    def _get_file_stream(self, *_given: Any, **_options: Any) -> IO[bytes]:
        return tempfile.TemporaryFile(dir=runtime().settings.scratch_dir)


def install(app: Flask) -> None:
    """Error pages, security headers and the nonce of the one inline style that carries the brand color."""
    app.request_class = ScratchRequest
    app.before_request(lambda: i18n.use(i18n.SOURCE))
    app.before_request(_refuse_what_is_no_text)
    app.register_error_handler(AppError, on_app_error)
    app.register_error_handler(HTTPException, _on_http_error)
    app.after_request(_secure)
    app.after_request(_pack)
    app.context_processor(lambda: {"csp_nonce": _nonce(), **_language()})
    app.jinja_env.globals["_"] = i18n.gettext  # a global, so that macros see it too


def _refuse_what_is_no_text() -> None:
    if not _storable([request.path, *request.args.keys(), *request.args.values()]):
        raise NotFound


def speak(fallback: str) -> str:
    """Answer in the language that the address asks for (`?lang=de`), else the browser, else `fallback`."""
    wishes = [language for language, _ in request.accept_languages]
    i18n.use(i18n.choose(request.args.get("lang"), *wishes, fallback))
    return i18n.current()


def _language() -> dict[str, str]:
    return {"lang": i18n.current(), "dir": i18n.direction(i18n.current())}


def _nonce() -> str:
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return cast(str, g.csp_nonce)


def on_app_error(error: AppError) -> Response:
    """The error as a page for people, as problem+json for programs."""
    if wants_json():
        return problem(error)
    # Rendered without the doors' context: what they look up may be the very thing that failed.
    page = current_app.jinja_env.get_template("error.html").render(
        title=error.title,
        detail=error.detail,
        code=error.code,
        action_url=None,
        action_label=None,
        csp_nonce=_nonce(),
        **_language(),
    )
    return _with_patience(make_response(page, error.status), error)


def _on_http_error(error: HTTPException) -> Response:
    if error.response is not None:  # a redirect that Werkzeug itself asks for
        return cast(Response, error.get_response())
    named = AppError(error.description or "", code=(error.name or "error").lower().replace(" ", "_"))
    named.status, named.title = error.code or 500, error.name
    response = on_app_error(named)
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value
    return response


def _pack(response: Response) -> Response:
    """Public pages go out as brotli: a phone may have one bar of reception."""
    if response.mimetype == "text/html" and request.path.startswith(PACKED_PATHS):
        response.vary.add("Accept-Encoding")
        if request.accept_encodings["br"] > 0 and not response.is_streamed:
            response.set_data(brotli.compress(response.get_data(), quality=5))
            response.headers["Content-Encoding"] = "br"
    return response


def allow(*, frames: list[str], forms: list[str]) -> None:
    """Let these origins show this answer in a frame, and its forms lead on to those. Both must be checked origins."""
    g.csp_frames, g.csp_forms = frames, forms


def _secure(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if request.path.startswith(PRIVATE_PATHS):
        headers.setdefault("Cache-Control", "private, no-store")
    if "Content-Security-Policy" not in headers:
        style = f"'self' 'nonce-{g.csp_nonce}'" if "csp_nonce" in g else "'self'"
        frames, forms = (
            " ".join(g.get("csp_frames", [])) or "'none'",
            "".join(f" {each}" for each in g.get("csp_forms", [])),
        )
        headers["Content-Security-Policy"] = (
            f"default-src 'none'; script-src 'self'; style-src {style}; img-src 'self' data: blob:;"
            " media-src 'self' blob:; connect-src 'self'; font-src 'self';"
            f" form-action 'self'{forms}; base-uri 'none'; frame-ancestors {frames}"
        )
    return response
