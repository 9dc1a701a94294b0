"""URL to file system: what is needed for it, and whose word counts."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from faceprep import storage
from faceprep.errors import UsageError
from faceprep.storage import clients
from tests.object_stores import SECRET

if TYPE_CHECKING:
    from pathlib import Path

    from tests.object_stores import Gate

READ = "import sys; from faceprep import storage; print(storage.read_bytes(sys.argv[1]).decode())"


def run(program: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("url", "extra", "module"), [("s3://b/x", "s3", "s3fs"), ("gs://b/x", "gcs", "gcsfs")]
)
def test_an_extra_that_is_missing_is_named(
    monkeypatch: pytest.MonkeyPatch, url: str, extra: str, module: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)  # as if it were not installed
    monkeypatch.setitem(sys.modules, f"{module}.core", None)
    monkeypatch.setenv("AWS_REGION", "a new environment")
    with pytest.raises(UsageError, match=rf"pip install 'faceprep\[{extra}\]'"):
        storage.names(url)


def test_an_unknown_kind_of_url_is_refused() -> None:
    with pytest.raises(UsageError, match="gopher://x"):
        storage.names("gopher://x")


def test_threads_share_one_client(s3_bucket: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: clients.filesystem(s3_bucket)[0], range(8)))
    assert len({id(each) for each in found}) == 1


def test_another_environment_is_another_client(
    s3_bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, _ = clients.filesystem(s3_bucket)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    assert clients.filesystem(s3_bucket)[0] is not one


def test_a_profile_may_hold_endpoint_and_credentials(
    s3_bucket: str, s3_gate: Gate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage.write_bytes(f"{s3_bucket}/a", b"whole")
    (tmp_path / "config").write_text(
        f"[profile lab]\naws_access_key_id = anybody\naws_secret_access_key = {SECRET}\n"
        f"endpoint_url = {s3_gate.url}\nregion = eu-west-3\n"
    )
    for name in ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_PROFILE", "lab")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    assert run(READ, f"{s3_bucket}/a") == "whole"


def test_fsspecs_own_variables_count_too(
    s3_bucket: str, s3_gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage.write_bytes(f"{s3_bucket}/a", b"whole")
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    monkeypatch.setenv("FSSPEC_S3_ENDPOINT_URL", s3_gate.url)
    assert run(READ, f"{s3_bucket}/a") == "whole"


def test_a_public_bucket_needs_no_credentials(
    s3_bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, path = clients.filesystem(f"{s3_bucket}/a")
    client.pipe_file(path, b"whole", ACL="public-read")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("FSSPEC_S3_ANON", "true")
    assert run(READ, f"{s3_bucket}/a") == "whole"


def test_the_local_disk_needs_nothing_of_it(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("whole")
    program = f"{READ}; assert not {{'fsspec', 's3fs', 'gcsfs'}} & set(sys.modules)"
    assert run(program, str(tmp_path / "a")) == "whole"
