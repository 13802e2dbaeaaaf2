"""Failures that can be logged: what went wrong, and never what a user wrote or who the user is."""

from __future__ import annotations

import logging

from botocore.exceptions import ClientError

log = logging.getLogger("companion")


class HandlerError(Exception):
    """Something that stops the work; its message holds no personal data."""


def code_of(error: ClientError) -> str:
    """AWS's code of an error, such as "ThrottlingException"."""
    return str(error.response.get("Error", {}).get("Code", ""))


def name_of(error: BaseException) -> str:
    """An error without its message, which may quote a parameter: AWS's operation and code, or the class."""
    if isinstance(error, ClientError):
        return f"{error.operation_name}: {code_of(error)}"
    if isinstance(error, HandlerError):
        return str(error)
    return type(error).__name__


def report(what: str, error: BaseException) -> None:
    """Log a failure by name."""
    log.error("%s: %s", what, name_of(error))


def is_overload(error: BaseException) -> bool:
    """Whether AWS refuses for lack of capacity or quota, so that trying again later helps."""
    if not isinstance(error, ClientError):
        return False
    code = code_of(error).lower()
    return "throttl" in code or code in ("modelnotreadyexception", "serviceunavailable", "serviceunavailableexception")
