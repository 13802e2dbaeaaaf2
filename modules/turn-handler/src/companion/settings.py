"""What Terraform tells a function: its environment, read when it is needed, so that a missing value names itself."""

from __future__ import annotations

import json
import os
import re

from companion.failures import HandlerError


def optional(name: str) -> str:
    """The value, or "" where the deployment has no such thing."""
    return os.environ.get(name, "")


def text(name: str) -> str:
    """The value. Raises HandlerError where it is missing."""
    value = optional(name)
    if not value:
        raise HandlerError(f"{name} is not set: deploy the function with modules/turn-handler")
    return value


def number(name: str) -> int:
    """The value as a whole number from 1. Raises HandlerError where it is none."""
    value = text(name)
    if not re.fullmatch(r"[1-9][0-9]{0,8}", value):
        raise HandlerError(f"{name} is {value!r}, and must be a whole number from 1")
    return int(value)


def flag(name: str) -> bool:
    """The value as a boolean, which must be "true" or "false". Raises HandlerError where it is neither."""
    value = text(name)
    if value not in ("true", "false"):
        raise HandlerError(f'{name} is {value!r}, and must be "true" or "false"')
    return value == "true"


def by_language(name: str) -> dict[str, dict[str, str]]:
    """A JSON object from language code to what holds for that language. Raises HandlerError where it is none."""
    try:
        value = json.loads(text(name))
        return {str(language): {str(key): str(part) for key, part in of.items()} for language, of in value.items()}
    except (AttributeError, ValueError):
        raise HandlerError(f"{name} must be a JSON object of objects by language code") from None
