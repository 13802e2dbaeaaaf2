"""API Gateway: the role by which the APIs of an account write logs.

Sources: AWS docs "UpdateAccount" (API Gateway API reference) and "Set up CloudWatch logging for REST APIs in API
Gateway" (developer guide).
"""

from __future__ import annotations

import json

from moto.apigateway.responses import APIGatewayResponse

from companion_gate.aws.registration import Answer, AwsError, Call, action


@action(APIGatewayResponse, "UpdateAccount")
def update_account(call: Call) -> Answer:
    for patch in call.params.get("patchOperations", []):
        if patch.get("path") == "/cloudwatchRoleArn" and patch.get("value"):
            _refuse_useless_role(call, patch["value"])
    return call.upstream()


def _refuse_useless_role(call: Call, arn: str) -> None:
    """API Gateway tries the role when it is set."""
    roles = call.backend("iam").roles.values()
    trusts = [role.assume_role_policy_document for role in roles if role.arn == arn]
    if not trusts or "apigateway.amazonaws.com" not in json.dumps(trusts):
        raise AwsError(
            "BadRequestException",
            "The role ARN does not have required permissions configured. Please grant trust permission for API Gateway "
            "and add the required role policy.",
        )
