"""The cloud examples are what each system takes, and faceprep takes what they say."""

from __future__ import annotations

import importlib.resources
import os
import re
import subprocess
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

import click
import kubernetes_validate
import pytest
import yaml
from botocore.session import get_session
from botocore.validate import ParamValidator
from google.cloud import batch_v1
from google.protobuf import json_format

from faceprep.array_task import TASK_COUNT, ArrayTask, task_of_environment
from faceprep.cli import cli
from faceprep.engine import Cluster
from faceprep.errors import InputError, Interrupted, SetupError, StorageError, UsageError
from tests.examples_cloud.reading import FOLDER, SCRIPTS, Line, command_lines, manifest

if TYPE_CHECKING:
    from collections.abc import Callable

SPOT_NOTICE = 30  # seconds
STOPPED = Interrupted(15).exit_code
HOPELESS = {error.exit_code for error in (UsageError, SetupError)}
OUT_OF_REACH = {error.exit_code for error in (InputError, StorageError)}  # for a while, it may be


def parse(line: Line) -> click.Context:
    """What click makes of a command line, short of running it."""
    command: click.Command = cli
    words = list(line.words)
    while isinstance(command, click.Group):
        command = command.commands[words.pop(0)]
    return command.make_context(command.name, words)


@pytest.mark.parametrize("line", command_lines(), ids=str)
def test_faceprep_takes_every_command_line(line: Line) -> None:
    assert parse(line).params


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (["gcp-batch-extract.yaml", "gcp-batch-shard.yaml"], "extract select shard verify"),
        (["aws-batch-extract.yaml", "aws-batch-shard.yaml", "aws-batch-verify.yaml"], "extract shard verify"),
        (["kubernetes-extract.yaml", "kubernetes-shard.yaml"], "extract select shard verify"),
        (["slurm-extract.sh", "slurm-shard.sh"], "extract select shard verify"),
        (["dask-cluster.sh"], "extract select shard verify"),
    ],
)  # fmt: skip
def test_one_stage_reads_what_the_one_before_has_written(files: list[str], expected: str) -> None:
    lines = [line for file in files for line in command_lines() if line.file == file]
    assert [line.words[0] for line in lines] == expected.split()
    stages = {line.words[0]: parse(line).params for line in lines}
    assert stages["extract"]["faces_dir"] == stages["shard"]["faces_dir"]
    assert stages["verify"]["path"] == stages["shard"]["shards_dir"]
    if "select" in stages:
        assert stages["select"]["faces_dir"] == stages["extract"]["faces_dir"]


def slurm_settings() -> dict[str, str]:
    """The options that `sbatch` reads from the script."""
    text = (FOLDER / "slurm-extract.sh").read_text("utf-8")
    return dict(re.findall(r"^#SBATCH --([a-z-]+)(?:=(\S+))?$", text, re.MULTILINE))


def gcp_tasks() -> list[dict[str, str]]:
    count = manifest("gcp-batch-extract.yaml")["taskGroups"][0]["taskCount"]
    return [
        {"BATCH_TASK_INDEX": str(index), "BATCH_TASK_COUNT": str(count)} for index in range(count)
    ]


def aws_tasks() -> list[dict[str, str]]:
    size = manifest("aws-batch-extract.yaml")["arrayProperties"]["size"]
    given = {"AWS_BATCH_JOB_ARRAY_SIZE": str(size)}
    return [given | {"AWS_BATCH_JOB_ARRAY_INDEX": str(index)} for index in range(size)]


def kubernetes_tasks() -> list[dict[str, str]]:
    job = manifest("kubernetes-extract.yaml")["spec"]
    assert job["completionMode"] == "Indexed"
    own = {each["name"]: each["value"] for each in job["template"]["spec"]["containers"][0]["env"]}
    return [own | {"JOB_COMPLETION_INDEX": str(index)} for index in range(job["completions"])]


def slurm_tasks() -> list[dict[str, str]]:
    first, last = map(int, slurm_settings()["array"].split("-"))
    array = {"MIN": str(first), "MAX": str(last), "COUNT": str(last - first + 1)}
    given = {f"SLURM_ARRAY_TASK_{name}": value for name, value in array.items()}
    return [given | {"SLURM_ARRAY_TASK_ID": str(index)} for index in range(first, last + 1)]


@pytest.mark.parametrize("tasks", [gcp_tasks, aws_tasks, kubernetes_tasks, slurm_tasks])
def test_each_array_makes_the_sixteen_tasks(tasks: Callable[[], list[dict[str, str]]]) -> None:
    found = [task_of_environment(environment) for environment in tasks()]
    assert found == [ArrayTask(index, 16) for index in range(16)]


def test_the_slurm_script_says_how_to_do_some_tasks_again() -> None:
    told = re.search(r"--array=(\d+),(\d+) --export=ALL,(\w+)=(\d+)", slurm_text())
    assert told
    some, last, name, count = told.groups()
    assert name == TASK_COUNT
    again = {"SLURM_ARRAY_TASK_ID": some, "SLURM_ARRAY_TASK_MAX": last, name: count}
    assert task_of_environment(again) == ArrayTask(int(some), len(slurm_tasks()))


def slurm_text() -> str:
    return (FOLDER / "slurm-extract.sh").read_text("utf-8")


@pytest.mark.parametrize("name", ["gcp-batch-extract.yaml", "gcp-batch-shard.yaml"])
def test_gcp_knows_every_field(name: str) -> None:
    job = batch_v1.Job()
    json_format.ParseDict(manifest(name), batch_v1.Job.pb(job))
    (group,) = job.task_groups
    machine = job.allocation_policy.instances[0].policy.machine_type
    assert group.task_spec.compute_resource.cpu_milli == 1000 * int(machine.rsplit("-")[-1])
    assert job.logs_policy.destination == batch_v1.LogsPolicy.Destination.CLOUD_LOGGING


@pytest.mark.parametrize(
    ("name", "operation"),
    [
        ("aws-batch-definition.yaml", "RegisterJobDefinition"),
        ("aws-batch-extract.yaml", "SubmitJob"),
        ("aws-batch-shard.yaml", "SubmitJob"),
        ("aws-batch-verify.yaml", "SubmitJob"),
    ],
)
def test_aws_knows_every_field(name: str, operation: str) -> None:
    shape = get_session().get_service_model("batch").operation_model(operation).input_shape
    report = ParamValidator().validate(manifest(name), shape)
    assert not report.has_errors(), report.generate_report()
    submitted = operation == "SubmitJob"
    definition = manifest("aws-batch-definition.yaml")["jobDefinitionName"]
    assert manifest(name)["jobDefinition" if submitted else "jobDefinitionName"] == definition


@pytest.mark.parametrize("name", ["kubernetes-extract.yaml", "kubernetes-shard.yaml"])
@pytest.mark.parametrize("version", ["1.29", kubernetes_validate.latest_version()])
def test_kubernetes_knows_every_field(name: str, version: str) -> None:
    kubernetes_validate.validate(manifest(name), version, strict=True)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_the_scripts_are_sound(script: Path) -> None:
    subprocess.run(["bash", "-n", script], check=True)
    shellcheck = Path(sysconfig.get_path("scripts")) / "shellcheck"
    found = subprocess.run([shellcheck, script], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout


def test_what_may_go_well_another_time_is_tried_again_and_what_is_hopeless_is_not() -> None:
    group = manifest("gcp-batch-extract.yaml")["taskGroups"][0]["taskSpec"]
    (policy,) = group["lifecyclePolicies"]
    retried = set(policy["actionCondition"]["exitCodes"])
    assert policy["action"] == "RETRY_TASK"
    assert retried >= {50001, STOPPED} | OUT_OF_REACH
    assert not retried & HOPELESS
    assert 0 < group["maxRetryCount"] <= 10  # the most that it takes
    retry = manifest("aws-batch-definition.yaml")["retryStrategy"]
    lost, *codes, rest = retry["evaluateOnExit"]
    assert (lost["action"], rest) == ("RETRY", {"action": "EXIT", "onReason": "*"})
    assert {rule["action"] for rule in codes} == {"RETRY"}
    assert {int(rule["onExitCode"]) for rule in codes} == {STOPPED} | OUT_OF_REACH
    assert len(codes) + 2 <= 5  # the most that it takes
    spec = manifest("kubernetes-extract.yaml")["spec"]
    assert spec["backoffLimitPerIndex"] == 3
    disrupted, failed = spec["podFailurePolicy"]["rules"]
    assert disrupted["onPodConditions"][0]["type"] == "DisruptionTarget"
    assert failed["action"] == "FailJob"
    assert set(failed["onExitCodes"]["values"]) == HOPELESS
    assert f'"$code" -eq {STOPPED}' in slurm_text()


def test_there_is_time_to_end_in_order() -> None:
    pod = manifest("kubernetes-extract.yaml")["spec"]["template"]["spec"]
    assert pod["terminationGracePeriodSeconds"] == SPOT_NOTICE
    assert slurm_settings()["signal"] == f"TERM@{SPOT_NOTICE}"
    assert "requeue" in slurm_settings()


@pytest.mark.parametrize(
    ("code", "asked"), [(0, ""), (3, ""), (STOPPED, "requeue 41_7\n")], ids=str
)
def test_a_slurm_task_that_was_stopped_has_itself_requeued_and_no_other(
    tmp_path: Path, code: int, asked: str
) -> None:
    programs = {"srun": f"exit {code}", "scontrol": 'echo "$@"', "faceprep/bin/activate": ""}
    for name, text in programs.items():
        program = tmp_path / name
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(f"#!/bin/sh\n{text}\n")
        program.chmod(0o755)
    task = {"SLURM_JOB_ID": "41", "SLURM_ARRAY_JOB_ID": "41", "SLURM_ARRAY_TASK_ID": "7"}
    path = f"{tmp_path}:{os.environ['PATH']}"
    environment = task | {"HOME": str(tmp_path), "PATH": path, "SLURM_CPUS_PER_TASK": "8"}
    run = subprocess.run(
        ["bash", FOLDER / "slurm-extract.sh"], capture_output=True, text=True, env=environment
    )
    assert (run.returncode, run.stdout) == (code, asked)


def test_the_dask_script_says_what_it_can_be_told() -> None:
    script = FOLDER / "dask-cluster.sh"
    run = subprocess.run([script, "sheduler"], capture_output=True, text=True, check=False)
    assert run.returncode == 2
    assert "'sheduler' is none of scheduler, worker, run" in run.stderr


def test_the_dask_script_names_the_settings_that_make_dask_encrypt() -> None:
    text = " ".join((FOLDER / "dask-cluster.sh").read_text("utf-8").split())
    defaults = importlib.resources.files("distributed").joinpath("distributed.yaml").read_text()
    settings = yaml.safe_load(defaults)["distributed"]["comm"]
    assert {"require-encryption", "tls"} <= settings.keys()
    assert "`distributed.comm`" in text
    assert "require-encryption, and the files under tls" in text
    assert Cluster("tls://10.0.0.7:8786").scheduler.startswith("tls://")  # faceprep takes such too


def test_the_readme_has_a_place_for_every_file() -> None:
    readme = (FOLDER / "README.md").read_text("utf-8")
    files = {path.name for path in FOLDER.iterdir()} - {"README.md"}
    assert files == set(re.findall(r"`([\w-]*(?:Dockerfile|-\w+\.(?:yaml|sh))[.\w]*)`", readme))
