"""Terraform that looks as if a practice held: no policy passes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from aic_engine.rule import Rule, Verdict
from tests.policies.mutation import on_hcl

GUARDED = """
resource "aws_bedrock_guardrail" "this" {}
resource "aws_bedrock_guardrail_version" "this" {
  guardrail_arn = aws_bedrock_guardrail.this.guardrail_arn
}
variable "unset" {}
"""


def _role(statements: str) -> str:
    document = f'jsonencode({{ Version = "2012-10-17", Statement = {statements} }})'
    return f'{GUARDED}resource "aws_iam_role_policy" "it" {{\n  policy = {document}\n}}\n'


def _call(
    condition: str, *, more: str = "", resource: str = '"arn:aws:bedrock:eu-central-1::foundation-model/x"'
) -> str:
    call = f'{{ Effect = "Allow", Action = "bedrock:InvokeModel", Resource = {resource}{condition} }}'
    return _role(f"[{call}{more}]")


def _condition(operator: str, value: str) -> str:
    return f', Condition = {{ "{operator}" = {{ "bedrock:GuardrailIdentifier" = {value} }} }}'


PINNED = '"${aws_bedrock_guardrail.this.guardrail_arn}:${aws_bedrock_guardrail_version.this.version}"'
DENY = '{{ Effect = "Deny", Action = "bedrock:InvokeModel*", Resource = "*", Condition = {{ {} }} }}'
EXACT = f'"bedrock:GuardrailIdentifier" = {PINNED}'

CALLS = {
    "no Effect": _role('[{ Action = "bedrock:InvokeModel", Resource = "*" }]'),
    "effect in another case": _role('[{ Effect = "allow", Action = "bedrock:InvokeModel", Resource = "*" }]'),
    "elements in another case": (
        'resource "aws_iam_role_policy" "it" {\n  policy = jsonencode({ statement = [{ effect = "Allow", '
        'action = "bedrock:InvokeModel", resource = "*" }] })\n}\n'
    ),
    "no statement": 'resource "aws_iam_role_policy" "it" {\n  policy = jsonencode({ Version = "2012-10-17" })\n}\n',
    "a list": 'resource "aws_iam_role_policy" "it" {\n  policy = jsonencode([])\n}\n',
    "the draft": _call(_condition("StringEquals", "aws_bedrock_guardrail.this.guardrail_arn")),
    "the draft by its version": _call(
        _condition(
            "StringEquals", '"${aws_bedrock_guardrail.this.guardrail_arn}:${aws_bedrock_guardrail.this.version}"'
        )
    ),
    "any guardrail": _call(_condition("StringLike", '"arn:aws:bedrock:*:*:guardrail/*:*"')),
    "a version that is not known": _call(
        _condition("StringEquals", '"${aws_bedrock_guardrail.this.guardrail_arn}:${var.unset}"')
    ),
    "if the key exists": _call(_condition("StringEqualsIfExists", PINNED)),
    "for all values": _call(_condition("ForAllValues:StringEquals", PINNED)),
    "any action but one": _role('[{ Effect = "Allow", NotAction = "iam:*", Resource = "*" }]'),
    "a wildcard in the action": _role('[{ Effect = "Allow", Action = "bedrock:Invoke*", Resource = "*" }]'),
    "a chat model that is called embed": _call(
        "", resource='"arn:aws:bedrock:eu-central-1:111122223333:application-inference-profile/embed-chat"'
    ),
    "a deny that asks for more": _call(
        "",
        more=", " + DENY.format(f'StringNotEquals = {{ {EXACT} }}, Bool = {{ "aws:MultiFactorAuthPresent" = "true" }}'),
    ),
    "a deny for any value": _call("", more=", " + DENY.format(f'"ForAnyValue:StringNotEquals" = {{ {EXACT} }}')),
    "a deny with an exception": _call(
        "",
        more=', { Effect = "Deny", Action = "bedrock:InvokeModel", NotResource = "arn:aws:bedrock:*:*:'
        f'inference-profile/embed-chat", Condition = {{ StringNotEquals = {{ {EXACT} }} }} }}',
    ),
    "a deny of one of two actions": _role(
        '[{ Effect = "Allow", Action = "bedrock:InvokeModel*", Resource = "*" }, { Effect = "Deny", '
        f'Action = "bedrock:InvokeModel", Resource = "*", Condition = {{ StringNotEquals = {{ {EXACT} }} }} }}]'
    ),
}

EVERYBODY = {
    "over TLS": ', Condition = { Bool = { "aws:SecureTransport" = "true" } }',
    "of any organization": ', Condition = { StringLike = { "aws:PrincipalOrgID" = "*" } }',
    "of any but one account": ', Condition = { StringNotEquals = { "aws:SourceAccount" = "111122223333" } }',
    "if the account is known": ', Condition = { StringEqualsIfExists = { "aws:SourceAccount" = "111122223333" } }',
    "without a condition": "",
}
PRINCIPALS = ('Principal = "*"', 'Principal = { AWS = ["arn:aws:iam::111122223333:root", "*"] }', 'NotPrincipal = "x"')
RESOURCE_POLICIES = {
    "kms-not-public": ("aws_kms_key", "policy"),
    "queue-not-public": ("aws_sqs_queue_policy", "policy"),
    "vectors-access-policy": ("aws_opensearch_domain_policy", "access_policies"),
}

OTHERS = {
    "every model of a Region that is not known": (
        "invoke-least-models",
        _call("", resource='"arn:aws:bedrock:${var.unset}::foundation-model/*"'),
    ),
    "everything of Bedrock": ("invoke-least-models", _call("", resource='"arn:aws:bedrock:*"')),
    "everything that has an ARN": ("invoke-least-models", _call("", resource='"arn:*"')),
    "no resource at all": (
        "invoke-least-models",
        _role('[{ Effect = "Allow", Action = "bedrock:InvokeModel" }]'),
    ),
    "managed policies that are not known": (
        "invoke-least-models",
        'variable "unset" {}\nresource "aws_iam_role" "it" {\n  managed_policy_arns = var.unset\n}\n',
    ),
    "a scan with leading keys": (
        "memory-no-scan",
        _role(
            '[{ Effect = "Allow", Action = "dynamodb:Scan", Resource = "*", Condition = { "ForAllValues:StringLike" = '
            '{ "dynamodb:LeadingKeys" = ["*"] } } }]'
        ),
    ),
    "a key of AWS": (
        "memory-cmk",
        'resource "aws_dynamodb_table" "it" {\n  server_side_encryption {\n    enabled = true\n'
        '    kms_key_arn = "arn:aws:kms:eu-central-1:111122223333:alias/aws/dynamodb"\n  }\n}\n',
    ),
    "a table that says of itself that it holds nothing": (
        "memory-by-user",
        'resource "aws_dynamodb_table" "it" {\n  hash_key = "created_at"\n  tags = { data = "none" }\n}\n',
    ),
    "a mapping in the old way of writing": (
        "worker-concurrency-capped",
        'resource "aws_sqs_queue" "q" {}\nresource "aws_lambda_event_source_mapping" "it" {\n'
        '  event_source_arn = "${aws_sqs_queue.q.arn}"\n}\n',
    ),
    "a mapping whose source is not known": (
        "worker-concurrency-capped",
        'variable "unset" {}\nresource "aws_lambda_event_source_mapping" "it" {\n'
        '  event_source_arn = "arn:aws:${var.unset}"\n}\n',
    ),
    "a queue that is called a dead-letter queue and read": (
        "queue-has-dlq",
        'resource "aws_sqs_queue" "it" {\n  name = "turn-failures"\n}\n'
        'resource "aws_lambda_event_source_mapping" "m" {\n  event_source_arn = aws_sqs_queue.it.arn\n}\n',
    ),
    "a disclosure that only has the letters": (
        "disclosure-given",
        _role('[{ Effect = "Allow", Action = "bedrock:InvokeModel", Resource = "*" }]').replace(
            '"aws_iam_role_policy" "it" {', '"aws_iam_role_policy" "p" {\n  role = aws_iam_role.r.id'
        )
        + 'resource "aws_iam_role" "r" {}\nresource "aws_lambda_function" "it" {\n  role = aws_iam_role.r.arn\n'
        '  environment {\n    variables = {\n      DISCLOSURE = "J\'ai toujours du temps pour toi, si tu veux."\n'
        "    }\n  }\n}\n",
    ),
    "everybody's API": (
        "permission-names-source",
        'resource "aws_lambda_permission" "it" {\n  principal = "apigateway.amazonaws.com"\n  source_arn = "*"\n}\n',
    ),
    "clients that are not known": (
        "vectors-access-policy",
        'variable "unset" {}\nresource "aws_opensearchserverless_access_policy" "it" {\n  policy = jsonencode([{ '
        'Rules = [{ ResourceType = "index", Permission = ["aoss:ReadDocument"] }], Principal = var.unset }])\n}\n',
    ),
}

DEAD = """
resource "aws_sqs_queue" "it" {{
  name = "turns-dlq"
}}
resource "aws_cloudwatch_metric_alarm" "a" {{
  namespace           = "{namespace}"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = {{ QueueName = aws_sqs_queue.it.name }}
  comparison_operator = "{comparison}"
  threshold           = {threshold}
  alarm_actions       = ["arn:aws:sns:eu-central-1:111122223333:oncall"]
  {more}
}}
variable "unset" {{}}
"""
GOOD = {"namespace": "AWS/SQS", "comparison": "GreaterThanThreshold", "threshold": "0", "more": ""}
ALARMS = {
    "switched off": {"more": "actions_enabled = false"},
    "of a metric of somebody else": {"namespace": "Mine"},
    "for a million dead letters": {"threshold": "1000000"},
    "for few dead letters": {"comparison": "LessThanThreshold"},
    "that may not be there": {"more": 'count = var.unset == "" ? 0 : 1'},
}


def _edge(statements: str, *, role: str = "", more: str = "", uri: str = "aws_lambda_function.it.invoke_arn") -> str:
    return f"""
resource "aws_lambda_function" "it" {{
  role = aws_iam_role.r.arn
}}
resource "aws_lambda_function" "worker" {{
  role = aws_iam_role.w.arn
}}
resource "aws_iam_role" "r" {{
  {role}
}}
resource "aws_iam_role" "w" {{}}
resource "aws_iam_role_policy" "r" {{
  role   = aws_iam_role.r.id
  policy = jsonencode({{ Statement = {statements} }})
}}
resource "aws_iam_role_policy" "w" {{
  role   = aws_iam_role.w.id
  policy = jsonencode({{ Statement = [{{ Effect = "Allow", Action = "bedrock:InvokeModel", Resource = "*" }}] }})
}}
resource "aws_apigatewayv2_integration" "i" {{
  integration_uri = {uri}
}}
resource "aws_apigatewayv2_route" "it" {{
  route_key = "send"
  target    = "integrations/${{aws_apigatewayv2_integration.i.id}}"
}}
{more}
"""


QUEUES = '[{ Effect = "Allow", Action = "sqs:SendMessage", Resource = "*" }]'
FULL = '"arn:aws:iam::aws:policy/AmazonBedrockFullAccess"'
ATTACHED = 'resource "aws_iam_role_policy_attachment" "a" {{\n  role = aws_iam_role.r.name\n  policy_arn = {}\n}}'
EDGES = {
    "a managed policy that is attached": _edge(
        QUEUES,
        more=ATTACHED.format(FULL),
    ),
    "a managed policy in the role": _edge(QUEUES, role=f"managed_policy_arns = [{FULL}]"),
    "a policy attached the old way": _edge(
        QUEUES,
        more=f'resource "aws_iam_policy_attachment" "a" {{\n  roles = [aws_iam_role.r.name]\n  policy_arn = {FULL}\n}}',
    ),
    "the gateway calls the model": _edge(
        QUEUES, uri='"arn:aws:apigateway:eu-central-1:runtime.sagemaker:path//endpoints/chat/invocations"'
    ),
}
ENTRIES = {
    "a REST API": 'resource "aws_api_gateway_integration" "it" {\n  uri = aws_lambda_function.worker.invoke_arn\n}\n',
    "a load balancer": (
        'resource "aws_lb_target_group_attachment" "it" {\n  target_id = aws_lambda_function.worker.arn\n}\n'
    ),
    "a function's URL": (
        'resource "aws_lambda_function_url" "it" {\n  function_name = aws_lambda_function.worker.arn\n}\n'
    ),
}


def _verdicts(folder: Path, rules: tuple[Rule, ...], name: str, hcl: str, block: str = ".it") -> set[Verdict]:
    (folder / "main.tf").write_text(hcl, encoding="utf-8")
    (rule,) = (each for each in rules if each.name == name)
    return {each.verdict for each in rule.evaluate(on_hcl.read(folder)) if each.block.endswith(block)}


def _assert_not_passed(verdicts: set[Verdict]) -> None:
    assert verdicts
    assert verdicts <= {Verdict.FAIL, Verdict.UNKNOWN}


@pytest.mark.parametrize("hcl", CALLS.values(), ids=CALLS)
def test_a_call_without_the_pinned_guardrail(hcl: str, tmp_path: Path, rules: tuple[Rule, ...]) -> None:
    _assert_not_passed(_verdicts(tmp_path, rules, "invoke-requires-guardrail", hcl))


def test_a_call_with_the_pinned_guardrail(tmp_path: Path, rules: tuple[Rule, ...]) -> None:
    allowed = _call(_condition("StringEquals", PINNED))
    denied = _call("", more=", " + DENY.format(f"StringNotEquals = {{ {EXACT} }}"))
    for hcl in (allowed, denied):
        assert _verdicts(tmp_path, rules, "invoke-requires-guardrail", hcl) == {Verdict.PASS}


@pytest.mark.parametrize("condition", EVERYBODY.values(), ids=EVERYBODY)
@pytest.mark.parametrize("principal", PRINCIPALS)
@pytest.mark.parametrize("name", RESOURCE_POLICIES)
def test_a_policy_for_everybody(
    name: str, principal: str, condition: str, tmp_path: Path, rules: tuple[Rule, ...]
) -> None:
    type_, argument = RESOURCE_POLICIES[name]
    statement = f'{{ Effect = "Allow", {principal}, Action = "*", Resource = "*"{condition} }}'
    hcl = f'resource "{type_}" "it" {{\n  {argument} = jsonencode({{ Statement = [{statement}] }})\n}}\n'
    assert _verdicts(tmp_path, rules, name, hcl) == {Verdict.FAIL}


@pytest.mark.parametrize("name", RESOURCE_POLICIES)
def test_a_policy_for_one_account(name: str, tmp_path: Path, rules: tuple[Rule, ...]) -> None:
    type_, argument = RESOURCE_POLICIES[name]
    condition = 'Condition = { StringEquals = { "aws:SourceAccount" = "111122223333" } }'
    statement = f'{{ Effect = "Allow", Principal = "*", Action = "*", Resource = "*", {condition} }}'
    hcl = f'resource "{type_}" "it" {{\n  {argument} = jsonencode({{ Statement = [{statement}] }})\n}}\n'
    assert _verdicts(tmp_path, rules, name, hcl) == {Verdict.PASS}


@pytest.mark.parametrize(("name", "hcl"), OTHERS.values(), ids=OTHERS)
def test_what_only_looks_right(name: str, hcl: str, tmp_path: Path, rules: tuple[Rule, ...]) -> None:
    _assert_not_passed(_verdicts(tmp_path, rules, name, hcl))


@pytest.mark.parametrize("changes", ALARMS.values(), ids=ALARMS)
def test_an_alarm_that_tells_nobody(changes: dict[str, str], tmp_path: Path, rules: tuple[Rule, ...]) -> None:
    hcl = DEAD.format(**{**GOOD, **changes})
    _assert_not_passed(_verdicts(tmp_path, rules, "dead-letters-alarmed", hcl))


def test_an_alarm_that_tells_somebody(tmp_path: Path, rules: tuple[Rule, ...]) -> None:
    assert _verdicts(tmp_path, rules, "dead-letters-alarmed", DEAD.format(**GOOD)) == {Verdict.PASS}


@pytest.mark.parametrize("hcl", EDGES.values(), ids=EDGES)
def test_a_way_round_the_queue(hcl: str, tmp_path: Path, rules: tuple[Rule, ...]) -> None:
    _assert_not_passed(_verdicts(tmp_path, rules, "queue-between-edge-and-model", hcl, "aws_apigatewayv2_route.it"))


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
def test_another_way_in(entry: str, tmp_path: Path, rules: tuple[Rule, ...]) -> None:
    type_ = entry.split('"')[1]
    hcl = _edge(QUEUES, more=entry)
    verdicts = _verdicts(tmp_path, rules, "queue-between-edge-and-model", hcl, f"{type_}.it")
    assert verdicts == {Verdict.FAIL}


def test_the_way_through_the_queue(tmp_path: Path, rules: tuple[Rule, ...]) -> None:
    logs = '"arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"'
    hcl = _edge(
        QUEUES,
        more=ATTACHED.format(logs),
    )
    verdicts = _verdicts(tmp_path, rules, "queue-between-edge-and-model", hcl, "aws_apigatewayv2_route.it")
    assert verdicts == {Verdict.PASS}


def test_a_resource_that_is_made_of_itself_is_no_endless_question(tmp_path: Path, rules: tuple[Rule, ...]) -> None:
    hcl = (
        'resource "aws_sqs_queue" "it" {\n  for_each = toset(["a"])\n'
        '  kms_master_key_id = join("", [for key, queue in aws_sqs_queue.it : queue.kms_master_key_id])\n}\n'
    )
    _assert_not_passed(_verdicts(tmp_path, rules, "queue-encrypted", hcl))
