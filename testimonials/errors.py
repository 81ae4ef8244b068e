"""Every error that may reach a person: a code for machines, a sentence for people, and whether trying again can help.

`permanent` decides retries: a permanent error is final for this input, anything else is worth another try.
"""

from __future__ import annotations


class AppError(Exception):
    """Base of all errors with a name. `detail` is a plain sentence that may be shown to whoever asked."""

    status = 500
    code = "internal"
    title = "Something went wrong"
    permanent = True

    def __init__(self, detail: str = "", *, code: str = "", fields: dict[str, list[str]] | None = None) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.code = code or type(self).code
        self.fields = fields or {}


class Invalid(AppError):
    status, code, title = 422, "invalid", "That cannot be accepted as it is"


class BadRequest(AppError):
    status, code, title = 400, "bad_request", "The request could not be understood"


class Unauthorized(AppError):
    status, code, title = 401, "unauthorized", "Please sign in"


class Forbidden(AppError):
    status, code, title = 403, "forbidden", "That is not allowed"


class NotFound(AppError):
    status, code, title = 404, "not_found", "There is nothing here"


class Conflict(AppError):
    status, code, title = 409, "conflict", "That does not fit the present state"


class Gone(AppError):
    status, code, title = 410, "gone", "This is no longer available"


class PreconditionFailed(AppError):
    status, code, title = 412, "precondition_failed", "The versions do not match"


class TooLarge(AppError):
    status, code, title = 413, "too_large", "That is too large"


class UnsupportedType(AppError):
    status, code, title = 415, "unsupported_type", "That type is not supported"


class RangeNotSatisfiable(AppError):
    status, code, title = 416, "range_not_satisfiable", "The file does not reach that far"

    def __init__(self, size: int) -> None:
        super().__init__(f"The file has {size} bytes.")
        self.size = size


class ChecksumMismatch(AppError):
    status, code, title, permanent = 460, "checksum_mismatch", "The bytes were damaged on the way", False


class RateLimited(AppError):
    status, code, title, permanent = 429, "rate_limited", "Too many requests", False

    def __init__(self, detail: str = "", *, code: str = "", retry_after_seconds: int | None = None) -> None:
        super().__init__(detail, code=code)
        self.retry_after_seconds = retry_after_seconds


class StorageError(AppError):
    """The object store refused or could not be reached; the same call may go through later."""

    status, code, title, permanent = 503, "storage_unavailable", "The storage did not answer", False


class ObjectMissing(StorageError):
    status, code, title, permanent = 404, "object_missing", "The file is not in the storage", True


class MediaError(AppError):
    """The clip itself is the problem. `code` is a key of `domain.failures.FAILURES`."""

    status, code, title = 422, "corrupt", "The video could not be used"

    def __init__(self, code: str, detail: str = "", *, permanent: bool = True) -> None:
        super().__init__(detail, code=code)
        self.permanent = permanent


class LeaseLost(AppError):
    """Another worker has taken this job over; whatever this one made must not be written."""

    status, code, title = 409, "lease_lost", "Another worker has taken this over"


class ConfigurationError(AppError):
    """A setting is missing, unknown or cannot be read. The command line prints it and exits."""

    code, title = "configuration", "The configuration is not valid"
