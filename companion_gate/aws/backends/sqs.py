"""SQS: addresses as AWS gives them, policies as they were sent, and the attributes that AWS refuses.

Sources: AWS docs "CreateQueue", "SetQueueAttributes", "GetQueueAttributes" (API reference) and "Amazon SQS
identifiers" (developer guide).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from time import monotonic, sleep
from typing import Any

from moto.sqs.models import Queue
from moto.sqs.responses import SQSResponse

from companion_gate.aws.registration import Answer, AwsError, Call, action
from companion_gate.aws.serial import turn

# AWS docs, "SetQueueAttributes".
_RANGES = {
    "DelaySeconds": (0, 900),
    "KmsDataKeyReusePeriodSeconds": (60, 86_400),
    "MaximumMessageSize": (1024, 1_048_576),
    "MessageRetentionPeriod": (60, 1_209_600),
    "ReceiveMessageWaitTimeSeconds": (0, 20),
    "VisibilityTimeout": (0, 43_200),
}
# JSON that AWS gives back as it got it; moto writes it anew, or forgets it.
_TEXTS = ("Policy", "RedrivePolicy", "RedriveAllowPolicy")
_PERMISSIONS = ("allowAll", "denyAll", "byQueue")
# AWS docs, "SetQueueAttributes", sourceQueueArns.
_MAX_SOURCES = 10
_LOOK_SECONDS = 0.02


def _url(self: Any, request_url: Any) -> str:
    domain = "amazonaws.com.cn" if self.region.startswith("cn-") else "amazonaws.com"
    return f"https://sqs.{self.region}.{domain}/{self.account_id}/{self.name}"


# moto gives the address of its own server, which no caller of AWS would ever see.
Queue.url = _url


@action(SQSResponse, "CreateQueue")
def create_queue(call: Call) -> Answer:
    attributes = call.params.get("Attributes", {})
    texts = _checked_texts(call, attributes)
    name = call.params["QueueName"]
    known = name in call.response.sqs_backend.queues
    kept = _texts(call, name)
    if known and any(kept.get(text) != value for text, value in texts.items()):
        raise AwsError("QueueAlreadyExists", "A queue already exists with the same name and a different value.")
    answer = call.upstream()
    if not known:
        call.table("sqs texts")[name] = texts
    return answer


@action(SQSResponse, "SetQueueAttributes")
def set_queue_attributes(call: Call) -> Answer:
    queue = _queue(call)
    attributes = call.params.get("Attributes", {})
    texts = _checked_texts(call, attributes)
    answer = call.upstream()
    kept = {name: text for name, text in {**_texts(call, queue.name), **texts}.items() if text}
    call.table("sqs texts")[queue.name] = kept
    # moto drops the policy with every change of another attribute.
    queue.policy = kept.get("Policy")
    return answer


@action(SQSResponse, "GetQueueAttributes")
def get_queue_attributes(call: Call) -> Answer:
    queue = _queue(call)
    asked = set(call.params.get("AttributeNames", []))
    # moto refuses a name that it does not know.
    call.response.params["AttributeNames"] = [name for name in asked if name != "RedriveAllowPolicy"]
    attributes = dict(call.upstream().get("Attributes", {})) if asked - {"RedriveAllowPolicy"} else {}
    texts = _texts(call, queue.name)
    attributes = {name: value for name, value in attributes.items() if name not in _TEXTS}
    attributes |= {name: text for name, text in texts.items() if {name, "All"} & asked}
    # AWS docs, "SetQueueAttributes": one of the two kinds of encryption at a time.
    if queue.kms_master_key_id and "SqsManagedSseEnabled" in attributes:
        attributes["SqsManagedSseEnabled"] = "false"
    return {"Attributes": attributes} if attributes else {}


@action(SQSResponse, "ReceiveMessage")
def receive_message(call: Call) -> Answer:
    """A long poll in short looks, so that others can send meanwhile."""
    wait = call.params.get("WaitTimeSeconds")
    until = monotonic() + float(_queue(call).receive_message_wait_time_seconds if wait is None else wait)
    # moto refuses what AWS refuses, which is more than it may wait.
    if wait is None or 0 <= int(wait) <= _RANGES["ReceiveMessageWaitTimeSeconds"][1]:
        call.response.params["WaitTimeSeconds"] = 0
    while True:
        with turn("sqs"):
            answer = call.upstream()
        if answer.get("Messages") or monotonic() >= until:
            return answer
        sleep(_LOOK_SECONDS)


@action(SQSResponse, "DeleteQueue")
def delete_queue(call: Call) -> Answer:
    name = _queue(call).name
    answer = call.upstream()
    call.table("sqs texts").pop(name, None)
    return answer


def _queue(call: Call) -> Any:
    return call.response.sqs_backend.get_queue(call.params["QueueUrl"].rsplit("/", 1)[-1])


def _texts(call: Call, queue: str) -> dict[str, str]:
    texts: dict[str, str] = call.table("sqs texts").get(queue, {})
    return texts


def _checked_texts(call: Call, attributes: Mapping[str, Any]) -> dict[str, str]:
    """The JSON attributes of a request; raises AwsError for any attribute that AWS would not take."""
    for name, (low, high) in _RANGES.items():
        value = str(attributes.get(name, low))
        if not (value.isdecimal() and low <= int(value) <= high):
            raise _invalid(name, value)
    texts = {name: attributes[name] for name in _TEXTS if name in attributes}
    for name, text in texts.items():
        document = _document(name, text) if text else {}
        if name == "RedrivePolicy" and document:
            _check_redrive(call, document)
        elif name == "RedriveAllowPolicy" and document:
            _check_redrive_allow(document)
    return {name: _compact(text) for name, text in texts.items()}


def _document(name: str, text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except ValueError:
        raise _invalid(name, text) from None
    if not isinstance(document, dict):
        raise _invalid(name, text)
    return document


def _check_redrive(call: Call, document: Mapping[str, Any]) -> None:
    count = str(document.get("maxReceiveCount", ""))
    target = str(document.get("deadLetterTargetArn", ""))
    # AWS docs, "SetQueueAttributes": maxReceiveCount is 1 to 1,000.
    if not (count.isdecimal() and 1 <= int(count) <= 1000):
        raise _invalid("RedrivePolicy", json.dumps(document))
    allowed = json.loads(_texts(call, target.rsplit(":", 1)[-1]).get("RedriveAllowPolicy") or "{}")
    source = call.params.get("QueueName") or call.params["QueueUrl"].rsplit("/", 1)[-1]
    permission = allowed.get("redrivePermission", "allowAll")
    if permission == "denyAll" or (
        permission == "byQueue" and call.arn("sqs", source) not in allowed["sourceQueueArns"]
    ):
        raise _invalid("RedrivePolicy", json.dumps(document))


def _check_redrive_allow(document: Mapping[str, Any]) -> None:
    sources = document.get("sourceQueueArns")
    permission = document.get("redrivePermission")
    fits = isinstance(sources, list) and 1 <= len(sources) <= _MAX_SOURCES if permission == "byQueue" else not sources
    if permission not in _PERMISSIONS or not fits:
        raise _invalid("RedriveAllowPolicy", json.dumps(document))


def _compact(text: str) -> str:
    return json.dumps(json.loads(text), separators=(",", ":")) if text else ""


def _invalid(name: str, value: str) -> AwsError:
    return AwsError("InvalidAttributeValue", f"Invalid value {value} for the parameter {name}.")
