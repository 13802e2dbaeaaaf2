"""What an AWS that holds nothing answers to what is asked while Terraform plans, without loading moto for it.

AWS provider 5.100 asks for the versions that an aws_opensearch_domain could be upgraded to, also before it exists. The
answer is moto's own for a domain that does not exist; AWS docs, "GetCompatibleVersions": ResourceNotFoundException.
"""

from __future__ import annotations

import json
import re

_COMPATIBLE_VERSIONS = re.compile(
    rb"GET /2021-01-01/opensearch/compatibleVersions\?domainName=([a-z0-9-]+) HTTP/1\.1\r\n"
    rb"(?:[^\r\n]+\r\n)*Authorization: AWS4-HMAC-SHA256 Credential=[^/\s]+/\d+/[^/\s]+/es/aws4_request,[^\r\n]+\r\n"
    rb"(?:[^\r\n]+\r\n)*\r\n"
)


def answer(request: bytes) -> bytes | None:
    """The HTTP response to one whole request; None for any other, which only moto can answer."""
    asked = _COMPATIBLE_VERSIONS.fullmatch(request)
    if asked is None:
        return None
    error = {"__type": "ResourceNotFoundException", "message": f"Domain not found: {asked[1].decode()}"}
    body = json.dumps(error).encode()
    head = (
        "HTTP/1.1 409 CONFLICT\r\nX-Amzn-ErrorType: ResourceNotFoundException\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body
