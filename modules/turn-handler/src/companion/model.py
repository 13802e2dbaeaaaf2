"""The deployment's model: one of Bedrock's, or its own endpoint."""

from __future__ import annotations

from collections.abc import Iterator

from companion import model_bedrock, model_sagemaker, settings
from companion.answers import Piece
from companion.failures import HandlerError
from companion.prompt import Prompt


def answer(prompt: Prompt) -> Iterator[Piece]:
    """Pieces of the answer as they come. Raises HandlerError when there is not exactly one model."""
    has_bedrock, has_endpoint = bool(settings.optional("MODEL_ID")), bool(settings.optional("ENDPOINT_NAME"))
    if has_bedrock == has_endpoint:
        raise HandlerError("exactly one of MODEL_ID and ENDPOINT_NAME must be set")
    return model_bedrock.answer(prompt) if has_bedrock else model_sagemaker.answer(prompt)
