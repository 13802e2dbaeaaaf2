"""LocalStack as the AWS of a run: started on loopback, isolated, gone afterwards; or the one that is there already."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from companion_gate.aws.localstack import FORGETS, LocalStack, localstack
from companion_gate.aws.localstack.environment import PYTHON_VARIABLE, interpreter
from companion_gate.aws.localstack.services import ASKED, UNFIT_TYPES
from companion_gate.aws.session import loopback_client
from companion_gate.aws.target import AwsTarget, aws_target
from companion_gate.errors import GateError
from tests.modules.roots import REPOSITORY

OTHER = "222222222222"


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """This process's environment, with a folder for the installation that all tests here share."""
    return dict(os.environ) | {"XDG_CACHE_HOME": str(tmp_path_factory.mktemp("localstack"))}


@pytest.fixture(scope="module")
def running(cache: dict[str, str]) -> Iterator[LocalStack]:
    try:
        interpreter(cache)
    except GateError as error:
        pytest.skip(str(error))
    with localstack(cache) as started:
        yield started


def test_two_accounts_do_not_see_each_others_resources(running: LocalStack) -> None:
    here, there = (loopback_client(running.url, "kms", "eu-central-1", account) for account in ("111122223333", OTHER))
    key = here.create_key()["KeyMetadata"]["KeyId"]
    assert key in {each["KeyId"] for each in here.list_keys()["Keys"]}
    assert key not in {each["KeyId"] for each in there.list_keys()["Keys"]}


def test_listens_on_loopback_only(running: LocalStack) -> None:
    port = int(running.url.rsplit(":", 1)[1])
    for table in ("tcp", "tcp6"):
        lines = [line.split() for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]]
        mine = [fields[1] for fields in lines if fields[1].endswith(f":{port:04X}") and fields[3] == "0A"]
        assert mine == ([f"0100007F:{port:04X}"] if table == "tcp" else [])


def test_what_is_missing_says_why(running: LocalStack) -> None:
    assert set(running.missing) - set(UNFIT_TYPES) < set(ASKED)
    assert running.missing["apigatewayv2"] == "not in this edition"
    assert running.missing["bedrock"] == "not in this edition"
    assert not {"dynamodb", "iam", "kms", "lambda", "logs", "sqs"} & running.missing.keys()


def test_found_one_is_used_and_left_running(running: LocalStack) -> None:
    with localstack({"LOCALSTACK_ENDPOINT": running.url + "/"}) as found:
        assert (found.url, found.version) == (running.url, running.version)
        assert found.how == "found at LOCALSTACK_ENDPOINT"
        assert found.missing == running.missing
    assert loopback_client(running.url, "sts", "eu-central-1", OTHER).get_caller_identity()["Account"] == OTHER


def test_target_tells_its_limits(running: LocalStack) -> None:
    with aws_target("localstack", environ={"LOCALSTACK_ENDPOINT": running.url}) as target:
        assert target.name == f"LocalStack {running.version}, found at LOCALSTACK_ENDPOINT"
        assert "apigatewayv2: not in this edition" in target.limits
        assert target.client("sts").get_caller_identity()["Account"] == target.account


@pytest.mark.parametrize("url", ["http://10.0.0.5:4566", "https://sts.amazonaws.com", "127.0.0.1:4566"])
def test_endpoint_off_this_machine_is_refused(url: str) -> None:
    with (
        pytest.raises(GateError, match=r"LOCALSTACK_ENDPOINT=.*not a URL on this machine"),
        localstack({"LOCALSTACK_ENDPOINT": url}),
    ):
        pass


def test_endpoint_of_something_else_is_refused() -> None:
    with (
        aws_target("embedded") as other,
        pytest.raises(GateError, match="no LocalStack answers at"),
        localstack({"LOCALSTACK_ENDPOINT": other.url}),
    ):
        pass


def test_python_that_is_none_is_refused(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path), "PATH": "", PYTHON_VARIABLE: str(tmp_path / "python")}
    with pytest.raises(GateError, match=f"{PYTHON_VARIABLE}=.* is no Python of 3.12"):
        interpreter(environ)


KILLED = """
import os, sys, time
from companion_gate.aws.localstack import localstack
with localstack(os.environ) as running:
    print(running.url, flush=True)
    time.sleep(600)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
@pytest.mark.usefixtures("running")
def test_ends_with_the_process_that_started_it(cache: dict[str, str], how: signal.Signals, tmp_path: Path) -> None:
    environ = cache | {"TMPDIR": str(tmp_path)}
    parent = subprocess.Popen([sys.executable, "-c", KILLED], env=environ, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    url = parent.stdout.readline().strip()
    assert url.startswith("http://127.0.0.1:")
    parent.send_signal(how)
    parent.wait()
    parent.stdout.close()
    port = f":{int(url.rsplit(':', 1)[1]):04X}"
    end = time.monotonic() + 20
    while any(f"{port} " in line and " 0A " in line for line in Path("/proc/net/tcp").read_text().splitlines()):
        assert time.monotonic() < end, f"{url} still listens after its parent was ended by {how.name}"
        time.sleep(0.2)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("change", "explained"),
    [
        ("update module.memory_hot.aws_dynamodb_table.memory (point_in_time_recovery)", True),
        ('update module.h.aws_lambda_function.this["worker"] (kms_key_arn)', True),
        ("update aws_dynamodb_table.memory (point_in_time_recovery, ttl)", False),
        ("update aws_sqs_queue.turns (point_in_time_recovery)", False),
        ("delete+create aws_dynamodb_table.memory (point_in_time_recovery)", False),
    ],
)
def test_only_what_it_forgets_is_explained(change: str, explained: bool) -> None:
    assert AwsTarget("LocalStack", "", forgets=FORGETS).explains(change) is explained


def test_the_same_tests_run_on_it_and_its_limits_are_shown(running: LocalStack) -> None:
    command = [sys.executable, "-m", "pytest", "tests/modules/test_every_aws.py", "--aws", "localstack"]
    done = subprocess.run(
        [*command, "-p", "no:cacheprovider"],
        cwd=REPOSITORY,
        env=dict(os.environ) | {"LOCALSTACK_ENDPOINT": running.url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "6 passed" in done.stdout
    assert f"AWS: LocalStack {running.version}, found at LOCALSTACK_ENDPOINT" in done.stdout
    assert "apigatewayv2: not in this edition" in done.stdout
