"""Requests and errors of the AWS API as they stand on the wire, for what sits in front of moto."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from companion_gate.aws.calls import Operation
from companion_gate.aws.session import isolated_botocore_session

_CREDENTIAL = re.compile(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/aws4_request")
_ACCOUNT = re.compile(r"\d{12}")
_FORM = "application/x-www-form-urlencoded"
# botocore's names for the services that sign under another one (botocore's models: endpointPrefix and signingName).
_SIGNED_AS = {
    "aoss": ("opensearchserverless",),
    "apigateway": ("apigatewayv2", "apigateway"),
    "bedrock": ("bedrock", "bedrock-runtime"),
    "es": ("opensearch", "es"),
    "execute-api": ("apigatewaymanagementapi",),
    "monitoring": ("cloudwatch",),
}
_LABEL = re.compile(r"\\\{(\w+)(\\\+)?\\\}")


@dataclass(frozen=True)
class Signer:
    """Who signed a request: its access key, and the region and signing name of its credential scope."""

    access_key: str
    region: str
    service: str

    @property
    def account(self) -> str | None:
        """The account that the key stands for: an emulator's caller may use the twelve digits themselves as the key."""
        return self.access_key if _ACCOUNT.fullmatch(self.access_key) else None


def signer(environ: dict[str, Any]) -> Signer | None:
    """The signer of a WSGI request; None where it carries no signature of version 4."""
    found = _CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
    return Signer(*found.groups()) if found else None


def operation(environ: dict[str, Any], signed_by: Signer) -> Operation:
    """What a WSGI request asks for. A form is read and put back."""
    services = _SIGNED_AS.get(signed_by.service, (signed_by.service,))
    # As it was sent: an ARN in a path keeps its escaped slashes.
    path, _, query = environ.get("RAW_URI", environ.get("PATH_INFO", "")).partition("?")
    named: str = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2] or _rpc(path) or _form_action(environ)
    if named:
        return Operation(services[0], named)
    method = environ["REQUEST_METHOD"]
    for service in services:
        for verb, pattern, wanted, name in _rest_operations(service):
            if verb == method and pattern.fullmatch(path) and wanted <= set(query.split("&")):
                return Operation(service, name)
    return Operation(services[0], f"{method} {path}")


def _rpc(path: str) -> str:
    """The operation of a request by Smithy's RPC protocols (Smithy docs: "RPC v2 CBOR")."""
    parts = path.split("/")
    return parts[4] if len(parts) == 5 and parts[1] == "service" and parts[3] == "operation" else ""


def _form_action(environ: dict[str, Any]) -> str:
    if not environ.get("CONTENT_TYPE", "").startswith(_FORM):
        return ""
    body: bytes = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = BytesIO(body)
    return parse_qs(body.decode("utf-8", "replace")).get("Action", [""])[0]


@cache
def _rest_operations(service: str) -> tuple[tuple[str, re.Pattern[str], frozenset[str], str], ...]:
    """Method, path, constant query parts and name of each operation of a service, the most exact first."""
    return tuple(sorted(_read_operations(service), key=lambda row: (-len(row[2]), row[1].pattern.count("[^"))))


def _read_operations(service: str) -> Iterator[tuple[str, re.Pattern[str], frozenset[str], str]]:
    session = isolated_botocore_session()
    if service not in session.get_available_services():
        return
    model = session.get_service_model(service)
    for name in model.operation_names:
        http = model.operation_model(name).http
        path, _, query = http.get("requestUri", "/").partition("?")
        pattern = _LABEL.sub(lambda label: ".+" if label[2] else "[^/]+", re.escape(path.rstrip("/")))
        yield http.get("method", "POST"), re.compile(pattern + "/?"), frozenset(query.split("&")) - {""}, name


def error(service: str, content_type: str, code: str, message: str) -> tuple[bytes, str]:
    """The body of an error in the form that the service's SDKs read, and its content type; `service` as signed."""
    if service == "ec2":
        return f"<Response><Errors>{_xml(code, message)}</Errors></Response>".encode(), "text/xml"
    if service == "s3":
        return _xml(code, message).encode(), "text/xml"
    if service in ("cloudfront", "route53") or content_type.startswith(_FORM):
        return f"<ErrorResponse>{_xml(code, message)}</ErrorResponse>".encode(), "text/xml"
    return json.dumps({"__type": code, "message": message}).encode(), "application/json"


def _xml(code: str, message: str) -> str:
    return f"<Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
