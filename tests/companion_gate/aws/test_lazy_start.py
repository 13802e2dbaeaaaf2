"""The embedded AWS costs nothing until somebody asks it something; each script is a process that imported nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAD = """
import json, os, sys, threading, urllib.error, urllib.request
from concurrent.futures import ThreadPoolExecutor
from companion_gate.aws.target import aws_target

def heavy():
    return sorted(name for name in ("boto3", "botocore", "flask", "moto", "werkzeug") if name in sys.modules)

def asked(url, service="sts", action="GetCallerIdentity"):
    scope = f"Credential=x/20250101/eu-west-1/{service}/aws4_request"
    headers = {"Authorization": f"AWS4-HMAC-SHA256 {scope}"}
    body = f"Action={action}&Version=2011-06-15".encode()
    with urllib.request.urlopen(urllib.request.Request(url, body, headers)) as answer:
        return answer.read().decode()
"""


def run(script: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Hung is failed: whatever a script does, it ends within a minute."""
    return subprocess.run(
        [sys.executable, "-W", "error::ResourceWarning", "-c", HEAD + script],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def said(script: str, **environment: str) -> list[str]:
    done = run(script, **environment)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout.splitlines()


def test_an_aws_that_nobody_asks_imports_nothing() -> None:
    script = """
with aws_target("embedded") as aws:
    assert aws.url.startswith("http://127.0.0.1:")
print(heavy())
"""
    assert said(script) == ["[]"]


def test_the_first_connection_starts_it_and_gets_its_answer() -> None:
    script = """
with aws_target("embedded") as aws:
    print(heavy())
    print("123456789012" in asked(aws.url))
    print("moto" in heavy(), "moto.ec2" in sys.modules)
"""
    assert said(script) == ["[]", "True", "True False"]


def test_eight_threads_that_race_for_the_start_are_all_answered() -> None:
    script = """
barrier = threading.Barrier(8)
def ask(number):
    barrier.wait()
    if number % 2:
        return aws.client("sts").get_caller_identity()["Account"]
    return "123456789012" if "123456789012" in asked(aws.url) else "wrong"
with aws_target("embedded") as aws, ThreadPoolExecutor(8) as threads:
    print(set(threads.map(ask, range(8))))
    print(sum("embedded-aws" in thread.name for thread in threading.enumerate()))
"""
    assert said(script) == ["{'123456789012'}", "1"]


def test_it_can_be_stopped_while_it_starts() -> None:
    script = """
import socket
with aws_target("embedded") as aws:
    port = int(aws.url.rsplit(":", 1)[1])
    waiting = socket.create_connection(("127.0.0.1", port))
    while "moto" not in sys.modules:
        pass
waiting.close()
print(socket.socket().connect_ex(("127.0.0.1", port)) != 0)
print([thread.name for thread in threading.enumerate() if "embedded-aws" in thread.name])
"""
    assert run(script).stdout.splitlines() == ["True", "[]"]


@pytest.fixture
def broken_moto(tmp_path: Path) -> dict[str, str]:
    """An environment in which moto was not installed whole."""
    (tmp_path / "moto.py").write_text("raise ImportError('moto lacks a part')\n", encoding="utf-8")
    return {"PYTHONPATH": str(tmp_path)}


def test_an_aws_that_cannot_start_says_why_at_once(broken_moto: dict[str, str]) -> None:
    script = """
from botocore.exceptions import ClientError
from companion_gate.aws.session import loopback_client
from companion_gate.errors import GateError
with aws_target("embedded") as aws:
    asked = {"sts": "get_caller_identity", "dynamodb": "list_tables", "es": "list_domain_names"}
    for service, operation in asked.items():
        client = loopback_client(aws.url, service, "eu-west-1", "123456789012")
        try:
            getattr(client, operation)()
        except ClientError as error:
            print(error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]["Message"])
    try:
        aws.client("sts")
    except GateError as error:
        print(error)
    print(*aws.gaps)
"""
    why = (
        "the embedded AWS cannot start: moto lacks a part; install companion-gate again, with the versions it asks for"
    )
    assert said(script, **broken_moto) == [f"501 {why}"] * 3 + [why, why]


def test_a_service_whose_module_is_broken_says_so_and_others_answer() -> None:
    script = """
from botocore.exceptions import ClientError
sys.modules["companion_gate.aws.backends.kms"] = None
with aws_target("embedded") as aws:
    try:
        aws.client("kms").list_keys()
    except ClientError as error:
        print(error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]["Message"])
    print(len(aws.gaps), "install companion-gate again" in aws.gaps[0])
    print(aws.client("sts").get_caller_identity()["Account"])
"""
    refused, *others = said(script)
    assert refused.startswith("501 ")
    assert "backends.kms" in refused
    assert others == ["1 True", "123456789012"]


def test_services_are_imported_under_a_profile_that_does_not_exist() -> None:
    script = """
with aws_target("embedded") as aws:
    ec2 = aws.client("ec2", "eu-central-1")
    print(len(ec2.describe_availability_zones()["AvailabilityZones"]))
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    endpoint = aws.client("opensearchserverless", "eu-central-1").create_vpc_endpoint(
        name="vectors", vpcId=vpc, subnetIds=[subnet])
    print(endpoint["createVpcEndpointDetail"]["status"])
    print(aws.client("eks").list_clusters()["clusters"], aws.gaps)
"""
    assert said(script, AWS_PROFILE="does-not-exist") == ["3", "ACTIVE", "[] []"]


def test_a_service_that_needs_another_imports_it_under_a_profile_that_does_not_exist() -> None:
    script = """
from botocore.exceptions import ClientError
with aws_target("embedded") as aws:
    vectors = aws.client("opensearchserverless", "eu-central-1")
    assert vectors.list_vpc_endpoints()["vpcEndpointSummaries"] == []
    print("moto.ec2" in sys.modules)
    try:
        vectors.create_vpc_endpoint(name="vectors", vpcId="vpc-1234abcd", subnetIds=["subnet-1234abcd"])
    except ClientError as error:
        print(error.response["Error"]["Message"], "moto.ec2" in sys.modules)
"""
    assert said(script, AWS_PROFILE="does-not-exist") == ["False", "The VPC vpc-1234abcd does not exist. True"]


def test_a_forked_process_is_answered_by_its_parent_and_leaves_it_running() -> None:
    script = """
import warnings
warnings.simplefilter("ignore", DeprecationWarning)
context = aws_target("embedded")
aws = context.__enter__()
child = os.fork()
if child == 0:
    print(aws.client("sts").get_caller_identity()["Account"], "moto" in heavy(), flush=True)
    context.__exit__(None, None, None)
    os._exit(0)
os.waitpid(child, 0)
print(aws.client("sts").get_caller_identity()["Account"], "moto" in heavy())
context.__exit__(None, None, None)
"""
    assert said(script) == ["123456789012 False", "123456789012 True"]


def test_cloudformation_makes_endpoint_configurations_as_our_sagemaker_does() -> None:
    script = """
from botocore.exceptions import ClientError
variant = {"InitialInstanceCount": 1, "InitialVariantWeight": 1, "ModelName": "none", "VariantName": "v"}
properties = {"ProductionVariants": [variant | {"InstanceType": "ml.g6.xlarge"}]}
resource = {"Type": "AWS::SageMaker::EndpointConfig", "Properties": properties}
template = json.dumps({"Resources": {"E": resource}})
with aws_target("embedded") as aws:
    try:
        aws.client("cloudformation").create_stack(StackName="s", TemplateBody=template)
    except ClientError as error:
        print(error.response["Error"]["Message"])
"""
    # Not the instance type, which moto alone refuses.
    assert said(script) == ["Could not find model 'arn:aws:sagemaker:us-east-1:123456789012:model/none'."]


ASK_FOR_VERSIONS = """
from botocore.exceptions import ClientError
from companion_gate.aws.session import loopback_client
def versions_of(name, url):
    try:
        return loopback_client(url, "opensearch", "eu-west-1", "123456789012").get_compatible_versions(DomainName=name)
    except ClientError as error:
        return error.response["Error"], error.response["ResponseMetadata"]["HTTPStatusCode"]
"""


def test_an_empty_aws_answers_a_plan_of_a_domain_as_moto_does_and_without_it() -> None:
    script = """
with aws_target("embedded") as aws:
    light = [versions_of("memory", aws.url) for _ in range(3)]
    print("moto" in sys.modules, aws.embedded.asked, aws.embedded.loaded)
    aws.client("sts")
    print(aws.embedded.loaded, light == [versions_of("memory", aws.url)] * 3)
    print(*light[0])
    print(aws.gaps)
"""
    error = "{'Message': 'Domain not found: memory', 'Code': 'ResourceNotFoundException'}"
    assert said(ASK_FOR_VERSIONS + script) == ["False True False", "True True", f"{error} 409", "[]"]


def test_a_domain_that_another_server_of_the_process_made_is_known() -> None:
    script = """
with aws_target("embedded") as one, aws_target("embedded") as other:
    one.client("opensearch", "eu-west-1").create_domain(DomainName="memory", EngineVersion="OpenSearch_2.19")
    print(len(versions_of("memory", other.url)["CompatibleVersions"]) > 1)
"""
    assert said(ASK_FOR_VERSIONS + script) == ["True"]
