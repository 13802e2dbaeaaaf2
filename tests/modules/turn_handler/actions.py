"""What each request needs of IAM (AWS docs: Service Authorization Reference; the API reference of the request)."""

from __future__ import annotations

# What each request needs (AWS docs: Service Authorization Reference; where it differs from the request's name, the
# API reference of the request). None: the calls' own arguments decide.
ACTIONS: dict[tuple[str, str], tuple[str, ...] | None] = {
    ("apigatewaymanagementapi", "PostToConnection"): ("execute-api:ManageConnections",),
    ("bedrock-runtime", "ApplyGuardrail"): ("bedrock:ApplyGuardrail",),
    ("bedrock-runtime", "ConverseStream"): None,
    ("bedrock-runtime", "InvokeModel"): ("bedrock:InvokeModel",),
    ("dynamodb", "BatchGetItem"): ("dynamodb:BatchGetItem",),
    ("dynamodb", "BatchWriteItem"): ("dynamodb:BatchWriteItem",),
    ("dynamodb", "DeleteItem"): ("dynamodb:DeleteItem",),
    ("dynamodb", "GetItem"): ("dynamodb:GetItem",),
    ("dynamodb", "PutItem"): ("dynamodb:PutItem",),
    ("dynamodb", "Query"): ("dynamodb:Query",),
    ("dynamodb", "TransactWriteItems"): None,
    ("dynamodb", "UpdateItem"): ("dynamodb:UpdateItem",),
    ("kms", "VerifyMac"): ("kms:VerifyMac",),
    ("polly", "SynthesizeSpeech"): ("polly:SynthesizeSpeech",),
    ("sagemaker-runtime", "InvokeEndpointWithResponseStream"): ("sagemaker:InvokeEndpointWithResponseStream",),
    ("sqs", "SendMessage"): ("sqs:SendMessage",),
}
# A signed address is a request that somebody else makes.
SIGNED = {"transcribe": ("transcribe:StartStreamTranscriptionWebSocket",)}
# A transaction needs the right to each of its parts.
TRANSACTION = {
    "ConditionCheck": "dynamodb:ConditionCheckItem",
    "Delete": "dynamodb:DeleteItem",
    "Put": "dynamodb:PutItem",
    "Update": "dynamodb:UpdateItem",
}
# What AWS does on behalf of the function, and asks its role for: nothing in the code shows it.
IMPLIED = {
    "dynamodb": ("kms:Decrypt", "kms:DescribeKey"),
    "sqs": ("kms:Decrypt", "kms:GenerateDataKey"),
    "guardrail": ("kms:Decrypt",),
}
# Ways out that calls.py could not see through; and the package's own, which must be called in the way that it reads.
FORBIDDEN_MODULES = ("asyncio", "http", "importlib", "requests", "socket", "subprocess", "urllib.request", "urllib3")
SOCKET_OPTIONS = {"IPPROTO_TCP", "TCP_NODELAY"}
WAYS_OUT = ("clients", "opensearch")
NUMBERS = ("PATIENT_SECONDS", "QUICK_SECONDS")
ALLOWED_IN = {
    "boto3": ("clients",),
    "botocore.httpsession": ("opensearch",),
    "botocore.session": ("opensearch", "listen"),
}
