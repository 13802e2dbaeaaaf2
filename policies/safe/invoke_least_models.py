"""Nobody may call every model, or do everything that Bedrock can."""

from __future__ import annotations

from typing import Any

from aic_engine.graph import Graph, Resource
from aic_engine.guardrails import INVOKE, INVOKE_ENDPOINT
from aic_engine.iam import IDENTITY_POLICIES, Statement, matches_any, policies_of, statements
from aic_engine.rule import Decision, Rule, Severity, failed, not_applicable, passed, undecided, worst
from aic_engine.values import GAP, Known, Unknown
from aic_engine.weakening import edit

EXPECTED = "the named models, profiles or endpoints, and only the actions that call them"
CURE = "name the inference profile, model or endpoint by its ARN, and bedrock:InvokeModel… as the action"
MANAGED = (
    "AdministratorAccess",
    "AmazonBedrockFullAccess",
    "AmazonBedrockLimitedAccess",
    "AmazonSageMakerFullAccess",
    "PowerUserAccess",
)
"""AWS managed policies that allow calls of every model (AWS docs: AWS managed policy reference)."""

ATTACHMENTS = (
    "aws_iam_role_policy_attachment",
    "aws_iam_policy_attachment",
    "aws_iam_user_policy_attachment",
    "aws_iam_group_policy_attachment",
)
PROBES = (
    "arn:aws:bedrock:eu-central-1::foundation-model/unnamed.model-v1:0",
    "arn:aws:bedrock:eu-central-1:111122223333:inference-profile/unnamed",
    "arn:aws:bedrock:eu-central-1:111122223333:application-inference-profile/unnamed",
    "arn:aws:bedrock:eu-central-1:111122223333:provisioned-model/unnamed",
    "arn:aws:sagemaker:eu-central-1:111122223333:endpoint/unnamed",
)
"""Models that nobody has named: what matches one of them names none."""

_MANAGING = ("bedrock:DeleteGuardrail", "bedrock:UpdateGuardrail")


def decide(policy: Resource, graph: Graph) -> Decision:
    if policy.type in ATTACHMENTS:
        return _attached(policy, "policy_arn", policy.get("policy_arn"))
    paths = policies_of(policy)
    if isinstance(paths, Unknown):
        return undecided("inline_policy", expected=EXPECTED, value=paths)
    decisions = [decision for path in paths for decision in _document(policy, path)]
    managed = policy.get("managed_policy_arns") if policy.type == "aws_iam_role" else None
    if isinstance(managed, Unknown):
        decisions.append(undecided("managed_policy_arns", expected=EXPECTED, value=managed))
    elif isinstance(managed, Known):
        decisions += [_attached(policy, "managed_policy_arns", Known(arn)) for arn in managed.value]
    return worst(decisions) if decisions else not_applicable("it allows no call of a model")


def _attached(policy: Resource, path: str, arn: object) -> Decision:
    if isinstance(arn, Known) and str(arn.value).rpartition("/")[2] in MANAGED:
        return failed(path, expected=EXPECTED, actual=arn, cure="attach a policy of your own that names the models")
    return not_applicable("it is no AWS managed policy that reaches models")


def _document(policy: Resource, path: str) -> list[Decision]:
    read = statements(policy.get(path))
    if isinstance(read, Unknown):
        return [undecided(path, expected=EXPECTED, value=read)]
    return [_judge(each, path) for each in read if each.allows(*INVOKE, *INVOKE_ENDPOINT) is not False]


def _judge(statement: Statement, path: str) -> Decision:
    allows = statement.allows(*INVOKE, *INVOKE_ENDPOINT)
    if allows is None:
        reason = Unknown(f"{statement.label} may allow calls of models", "write its actions out")
        return undecided(path, expected=EXPECTED, value=reason)
    if statement.allows(*_MANAGING):
        actual = f"{statement.label} also allows to change or delete guardrails"
        return failed(path, expected=EXPECTED, actual=actual, cure=CURE)
    broad = [_is_every_model(each) for each in statement.resources]
    if statement.not_resources or True in broad:
        return failed(path, expected=EXPECTED, actual=f"{statement.label} names no model", cure=CURE)
    if None in broad:
        return undecided(path, expected=EXPECTED, value=Unknown(f"resources of {statement.label} are not known"))
    return passed(path, statement.label)


def _is_every_model(resource: Any) -> bool | None:
    """``…:foundation-model/*`` and ``*`` reach a model that nobody named; ``…/anthropic.*`` names a family."""
    if isinstance(resource, Unknown):
        if resource.text is None:
            return False if resource.origin is not None else None
        head, slash, name = resource.text.rpartition("/")
        # What is not known may be any Region or account, and is one name.
        resource = (
            head.replace(GAP, "*") + slash + name.replace(GAP, "named") if slash else resource.text.replace(GAP, "*")
        )
    return any(matches_any((resource,), probe) for probe in PROBES)


def every_model(document: Any) -> Any:
    """Calls of models are allowed on everything."""
    calling = [each for each in document["Statement"] if _calls(each)]
    if not calling:
        return None
    return {**document, "Statement": [{**e, "Resource": "*"} if e in calling else e for e in document["Statement"]]}


def every_action(document: Any) -> Any:
    """Whoever calls models may do everything in Bedrock."""
    calling = [each for each in document["Statement"] if _calls(each)]
    if not calling:
        return None
    return {
        **document,
        "Statement": [{**e, "Action": "bedrock:*"} if e in calling else e for e in document["Statement"]],
    }


def _calls(statement: Any) -> bool:
    return statement["Effect"] == "Allow" and "bedrock:InvokeModel" in str(statement.get("Action"))


RULE = Rule(
    id="CKV_AIC_SAFE_012",
    name="invoke-least-models",
    title="Roles may call the models they need, and no others",
    severity=Severity.HIGH,
    types=(*IDENTITY_POLICIES, *ATTACHMENTS),
    why=(
        "Whoever may call any model may call one that was never evaluated with this persona, and pay "
        "for it without a bound."
    ),
    fix="""
Action   = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"]
Resource = [aws_bedrock_inference_profile.chat.arn]
""",
    sources=("AWS docs, Service Authorization Reference: Amazon Bedrock; Amazon SageMaker",),
    controls={
        "OWASP-LLM06": "A function that is talked into something can only call the models it was given.",
        "GENSEC01-BP01": "Access to foundation models follows least privilege.",
    },
    breaks=(edit("aws_iam_role_policy", "policy", every_model), edit("aws_iam_role_policy", "policy", every_action)),
    decide=decide,
)
