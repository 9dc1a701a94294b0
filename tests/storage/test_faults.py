"""What goes wrong behind a URL, in one line that holds no secret; and at once."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from faceprep import storage
from faceprep.errors import FaceprepError, InputError, StorageError
from faceprep.storage.faults import Kind, diagnose
from tests.object_stores import SECRET, Fault, s3_error

if TYPE_CHECKING:
    from pathlib import Path

    from tests.object_stores import Gate

REJECTED = "the server does not accept the credentials ({code}); renew or correct them"
FORBIDDEN = "no permission ({code}); the account in use lacks the right to it"
CASES = [
    (403, "AccessDenied", FORBIDDEN),
    (403, "InvalidAccessKeyId", REJECTED),
    (403, "SignatureDoesNotMatch", REJECTED),
    (400, "ExpiredToken", REJECTED),
    (400, "InvalidArgument", "the server refuses the request ({code})"),
]


@pytest.mark.parametrize(("status", "code", "words"), CASES)
def test_what_does_not_pass_ends_at_once_in_one_line(
    s3_bucket: str, s3_gate: Gate, status: int, code: str, words: str
) -> None:
    s3_gate.faults.extend([Fault(status, s3_error(code))] * 50)
    expected = f"{s3_bucket}/a: {words.format(code=code)}"
    for write in (storage.make_folder, lambda at: storage.write_bytes(at, b"x"), storage.remove):
        s3_gate.requests.clear()
        with pytest.raises(StorageError) as writing:
            write(f"{s3_bucket}/a")
        assert str(writing.value) == expected
        assert len(s3_gate.requests) == 1
    for look in (storage.names, storage.check_url, lambda at: [*storage.find(at)]):
        with pytest.raises(InputError) as looking:
            look(f"{s3_bucket}/a")
        assert str(looking.value) == expected


def test_one_file_that_is_closed_says_so_of_itself(s3_bucket: str, s3_gate: Gate) -> None:
    s3_gate.faults.extend([Fault(403, s3_error("AccessDenied"))] * 2)
    with pytest.raises(PermissionError) as caught:
        storage.read_bytes(f"{s3_bucket}/a")
    assert caught.value.strerror == FORBIDDEN.format(code="AccessDenied")


def test_credentials_that_expired_are_no_fault_of_the_file(s3_bucket: str, s3_gate: Gate) -> None:
    s3_gate.faults.extend([Fault(400, s3_error("ExpiredToken"))] * 2)
    with pytest.raises(InputError, match="does not accept the credentials"):
        storage.read_bytes(f"{s3_bucket}/a")


@pytest.mark.parametrize(
    ("status", "words"),
    [(403, FORBIDDEN), (401, REJECTED)],
)
def test_google_clouds_refusals_are_told_alike(
    gcs_bucket: str, gcs_gate: Gate, status: int, words: str
) -> None:
    body = b'{"error": {"code": %d, "message": "%s"}}' % (status, SECRET.encode())
    gcs_gate.faults.extend([Fault(status, body)] * 50)
    expected = f"{gcs_bucket}/a: {words.format(code=status)}"
    with pytest.raises(StorageError) as writing:
        storage.write_bytes(f"{gcs_bucket}/a", b"x")
    with pytest.raises(InputError) as looking:
        storage.names(f"{gcs_bucket}/a")
    assert str(writing.value) == str(looking.value) == expected
    assert len(gcs_gate.requests) == 3  # the first made the bucket


def test_missing_credentials_are_named(
    s3_bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(StorageError, match="no credentials found; set them in the environment"):
        storage.make_folder(s3_bucket)
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(InputError, match="no credentials found"):
        storage.names(s3_bucket)


def test_the_library_logs_nothing_of_its_own(gcs_bucket: str, gcs_gate: Gate) -> None:
    """A process without any set-up of logs would print it."""
    program = (
        "import sys; from faceprep import storage; from faceprep.errors import FaceprepError\n"
        "try: storage.names(sys.argv[1])\n"
        "except FaceprepError as error: print(error)"
    )
    gcs_gate.faults.append(Fault(403, f'{{"error": {{"message": "{SECRET}"}}}}'.encode()))
    done = subprocess.run(
        [sys.executable, "-c", program, gcs_bucket], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"{gcs_bucket}: {FORBIDDEN.format(code='403')}\n"
    assert done.stderr == ""


def test_a_bucket_without_a_name_is_refused() -> None:
    with pytest.raises(FaceprepError, match="s3://: names no bucket"):
        storage.names("s3://")
    with pytest.raises(InputError, match="there is no such bucket"):
        storage.names("s3://Not_A Name/faces")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ConnectionResetError("reset"), Kind.PASSING),
        (TimeoutError(), Kind.PASSING),
        (FileNotFoundError("x"), Kind.MISSING),
        (PermissionError("x"), Kind.FORBIDDEN),
        (OSError("Forbidden: b/o\n"), Kind.FORBIDDEN),
        (OSError(5, "input/output error"), Kind.REFUSED),
        (TypeError("a bug"), None),
        (ValueError("a bug"), None),
    ],
)
def test_kinds_are_told_by_class(error: Exception, kind: Kind | None) -> None:
    fault = diagnose(error)
    assert (fault and fault.kind) == kind


def test_the_cause_tells_more_than_what_was_made_of_it() -> None:
    class ServerError(Exception):
        response = {"Error": {"Code": "SlowDown"}}  # noqa: RUF012 - as botocore's

    made = OSError(16, "busy")
    made.__cause__ = ServerError()
    fault = diagnose(made)
    assert fault is not None
    assert (fault.kind, fault.code) == (Kind.PASSING, "SlowDown")
