"""What went wrong behind a URL, told from the errors of libraries that may not be installed.

They are told apart by the server's code and by the names of their classes. Of their text nothing is
passed on: some of it holds tokens.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Kind(enum.Enum):
    """Kinds of faults, by what is to be done about them; `{code}` is the server's name of it."""

    MISSING = "No such file or directory"
    FORBIDDEN = "no permission ({code}); the account in use lacks the right to it"
    NO_BUCKET = "there is no such bucket; create it, or correct the name"
    NO_CREDENTIALS = (
        "no credentials found; set them in the environment (for s3 AWS_ACCESS_KEY_ID and "
        "AWS_SECRET_ACCESS_KEY, or AWS_PROFILE; for gs GOOGLE_APPLICATION_CREDENTIALS)"
    )
    REJECTED = "the server does not accept the credentials ({code}); renew or correct them"
    TAKEN = "it is there already"
    PASSING = "the server does not answer ({code}); when it does, the same command goes on"
    REFUSED = "the server refuses the request ({code})"


@dataclass(frozen=True)
class Fault:
    """What went wrong.

    Attributes:
        kind: what can be done about it.
        code: the server's, or the name of the error's class.
    """

    kind: Kind
    code: str

    def __str__(self) -> str:
        return self.kind.value.format(code=self.code)


class Failed(Exception):
    """An operation behind a URL failed for good."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


_CODES = {
    Kind.MISSING: "NoSuchKey NotFound NoSuchVersion 404",
    Kind.FORBIDDEN: "AccessDenied AllAccessDisabled AccountProblem InvalidObjectState 403",
    Kind.NO_BUCKET: "NoSuchBucket InvalidBucketName",
    Kind.REJECTED: (
        "InvalidAccessKeyId SignatureDoesNotMatch ExpiredToken InvalidToken TokenRefreshRequired "
        "RequestTimeTooSkewed InvalidSecurity InvalidClientTokenId 401"
    ),
    Kind.TAKEN: "PreconditionFailed 412",
    Kind.PASSING: (
        "SlowDown Throttling ThrottlingException TooManyRequests RequestTimeout InternalError "
        "ServiceUnavailable ConditionalRequestConflict OperationAborted BadDigest IncompleteBody "
        "408 429 500 502 503 504"
    ),
}
_CLASSES = {
    Kind.NO_CREDENTIALS: (
        "NoCredentialsError PartialCredentialsError CredentialRetrievalError ProfileNotFound "
        "DefaultCredentialsError NoAuthTokenError TokenRetrievalError"
    ),
    Kind.REJECTED: "RefreshError SSOTokenLoadError UnauthorizedSSOTokenError",
    Kind.NO_BUCKET: "ParamValidationError",
    Kind.PASSING: (
        "ConnectionError TimeoutError HTTPClientError ClientConnectionError ClientPayloadError "
        "IncompleteRead ResponseParserError Timeout ProxyError ChunkedEncodingError ChecksumError "
        "TransportError FSTimeoutError ServerDisconnectedError"
    ),
    Kind.MISSING: "FileNotFoundError",
    Kind.FORBIDDEN: "PermissionError",
    Kind.TAKEN: "FileExistsError",
    Kind.REFUSED: "ClientError HttpError GoogleAuthError BotoCoreError OSError RequestException",
}
_BY_CODE = {code: kind for kind, codes in _CODES.items() for code in codes.split()}
_BY_CLASS = {name: kind for kind, names in _CLASSES.items() for name in names.split()}


def diagnose(error: BaseException) -> Fault | None:
    """What an error of a library says; None if it is no fault of the storage but a bug."""
    chain = list(_chain(error))
    codes = [code for code in map(_code, chain) if code]
    for code in codes:
        if kind := _kind_of(code):
            return Fault(kind, code)
    for each in chain:
        for ancestor in type(each).__mro__:
            if kind := _BY_CLASS.get(ancestor.__name__):
                return Fault(kind, codes[0] if codes else type(each).__name__)
    return None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what it was raised from."""
    while error is not None:
        yield error
        error = error.__cause__


def _code(error: BaseException) -> str | None:
    """The server's code: S3 sends a name, GCS a number."""
    response = getattr(error, "response", None)  # of botocore's ClientError
    if isinstance(response, dict):
        return str(response.get("Error", {}).get("Code") or "") or None
    if str(error).startswith("Forbidden: "):  # so gcsfs words a 403
        return "403"
    code = getattr(error, "code", None)
    return str(code) if isinstance(code, int) or str(code).isdigit() else None


def _kind_of(code: str) -> Kind | None:
    if code.isdigit() and int(code) >= 500:
        return Kind.PASSING
    return _BY_CODE.get(code)
