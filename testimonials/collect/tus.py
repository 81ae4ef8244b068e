"""tus 1.0.0 over HTTP: creation, deferred length, expiration, checksum, termination. Cookie-less, open to all origins."""

from __future__ import annotations

from typing import BinaryIO, cast

from flask import Blueprint, Response, request, url_for
from werkzeug.http import http_date

from testimonials.domain import uploads as rules
from testimonials.errors import AppError, BadRequest, PreconditionFailed, UnsupportedType
from testimonials.http import client_address, open_to_all_origins, problem, runtime
from testimonials.limits import limiter, network
from testimonials.services import uploads
from testimonials.services.uploads import UploadView

blueprint = Blueprint("tus", __name__)

_OFFSET_TYPE = "application/offset+octet-stream"
_SMALL_BYTES = 128 * 1024
_ALLOWED = (
    "Tus-Resumable, Upload-Length, Upload-Defer-Length, Upload-Metadata, Upload-Offset, Upload-Checksum, Upload-Concat,"
    " Content-Type, X-HTTP-Method-Override"
)
_EXPOSED = (
    "Location, Tus-Resumable, Tus-Version, Tus-Extension, Tus-Max-Size, Tus-Checksum-Algorithm, Upload-Offset,"
    " Upload-Length, Upload-Defer-Length, Upload-Metadata, Upload-Expires, Retry-After"
)


@blueprint.before_request
def _check_version() -> None:
    request.max_content_length = runtime().settings.max_upload_bytes
    if request.method != "OPTIONS" and request.headers.get("Tus-Resumable") != rules.VERSION:
        raise PreconditionFailed(f"This server speaks tus {rules.VERSION}.", code="tus_version")


@blueprint.after_request
def _announce(response: Response) -> Response:
    response.headers["Tus-Resumable"] = rules.VERSION
    response.headers["Cache-Control"] = "no-store"
    return open_to_all_origins(
        response, methods="POST, HEAD, PATCH, DELETE, OPTIONS", headers=_ALLOWED, expose=_EXPOSED
    )


@blueprint.errorhandler(AppError)
def _failed(error: AppError) -> Response:
    response = problem(error)
    if error.status == 412:
        response.headers["Tus-Version"] = rules.VERSION
    return response


@blueprint.route("/uploads", methods=["OPTIONS"], provide_automatic_options=False)
@blueprint.route("/uploads/<token>", methods=["OPTIONS"], provide_automatic_options=False)
def capabilities(token: str = "") -> Response:  # noqa: ARG001 - the same answer for every upload
    response = Response(status=204)
    response.headers["Tus-Version"] = rules.VERSION
    response.headers["Tus-Extension"] = rules.EXTENSIONS
    response.headers["Tus-Max-Size"] = str(runtime().settings.max_upload_bytes)
    response.headers["Tus-Checksum-Algorithm"] = ",".join(rules.CHECKSUMS)
    return response


@blueprint.post("/uploads")
def create() -> Response:
    header = request.headers.get("Upload-Metadata", "")
    campaign = rules.parse_metadata(header).get("campaign", "")
    length = _new_length()
    limiter().take("uploads", network(), campaign)
    # What is too long for any day is refused by the service, with a reason that does not go away by waiting.
    limiter().check_bytes(network(), min(length or 0, runtime().settings.max_upload_bytes))
    view = uploads.start(runtime(), campaign_slug=campaign, length=length, metadata=header, address=client_address())
    response = Response(status=201)
    response.headers["Location"] = url_for("tus.patch", token=view.token)
    _describe(response, view)
    return response


@blueprint.route("/uploads/<token>", methods=["HEAD"], provide_automatic_options=False)
def head(token: str) -> Response:
    view = uploads.look_up(runtime(), token)
    response = Response(status=200)
    _describe(response, view)
    if view.metadata:
        response.headers["Upload-Metadata"] = view.metadata
    if view.state.length_bytes is None:
        response.headers["Upload-Defer-Length"] = "1"
    else:
        response.headers["Upload-Length"] = str(view.state.length_bytes)
    return response


@blueprint.route("/uploads/<token>", methods=["PATCH", "POST"], provide_automatic_options=False)
def patch(token: str) -> Response:
    if request.method == "POST":
        return _overridden(token)
    if request.mimetype != _OFFSET_TYPE:
        raise UnsupportedType(f"The bytes of an upload come as {_OFFSET_TYPE}.", code="wrong_content_type")
    length = request.headers.get("Upload-Length")
    limiter().check_bytes(network())
    body = _Body()
    try:
        view = uploads.append(
            runtime(),
            token,
            cast(BinaryIO, body),
            offset=rules.parse_size(request.headers.get("Upload-Offset", ""), "Upload-Offset"),
            announced=request.content_length,
            declared_length=None if length is None else rules.parse_size(length, "Upload-Length"),
            checksum=rules.parse_checksum(request.headers.get("Upload-Checksum", "")),
        )
    except AppError as error:
        if error.status == 409 and "Expect" not in request.headers:
            body.drop()
        raise
    finally:  # also what was refused has used the line
        limiter().add_bytes(network(), body.size_bytes)
    response = Response(status=204)
    _describe(response, view)
    return response


@blueprint.delete("/uploads/<token>", provide_automatic_options=False)
def delete(token: str) -> Response:
    uploads.discard(runtime(), token)
    return Response(status=204)


def _overridden(token: str) -> Response:
    """Some networks let only GET and POST through; tus has a header for them."""
    wanted = request.headers.get("X-HTTP-Method-Override", "").upper()
    acts = {"PATCH": patch, "HEAD": head, "DELETE": delete}
    if wanted not in acts:
        raise BadRequest("An upload takes PATCH, HEAD and DELETE.", code="wrong_method")
    request.method = wanted
    return acts[wanted](token)


class _Body:
    """The body of this request, and how much of it was read."""

    def __init__(self) -> None:
        self.size_bytes = 0
        # Where the server ends the stream itself, its own is read: Werkzeug's wrapper would copy every byte once more.
        ends = request.environ.get("wsgi.input_terminated")
        self._read = request.environ["wsgi.input"].read if ends else None

    def read(self, size: int) -> bytes:
        piece: bytes = (self._read or request.stream.read)(size)
        self.size_bytes += len(piece)
        return piece

    def drop(self) -> None:
        """Read what is left of a small body that came too late. The server ends a connection whose request it has not
        read, and the client that lost the race may have its next one on it already."""
        while self.size_bytes < _SMALL_BYTES and self.read(_SMALL_BYTES):
            pass


def _new_length() -> int | None:
    if "Upload-Concat" in request.headers:
        raise BadRequest("This server does not put uploads together.", code="no_concatenation")
    length, deferred = request.headers.get("Upload-Length"), request.headers.get("Upload-Defer-Length")
    if length is not None and deferred is None:
        return rules.parse_size(length, "Upload-Length")
    if length is None and deferred == "1":
        return None
    raise BadRequest("Give either Upload-Length or Upload-Defer-Length: 1.", code="bad_length")


def _describe(response: Response, view: UploadView) -> None:
    response.headers["Upload-Offset"] = str(view.state.offset_bytes)
    response.headers["Upload-Expires"] = http_date(view.expires_at)
