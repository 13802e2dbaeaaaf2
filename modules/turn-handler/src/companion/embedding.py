"""Vectors of texts: Titan Text Embeddings V2 (AWS docs: Amazon Titan Embeddings Text, request and response)."""

from __future__ import annotations

import json
import math

from companion import clients, settings
from companion.failures import HandlerError

FEATURE = "vectors"


def embed(text: str) -> list[float]:
    """The vector of a text, of length 1 where the index compares by inner product."""
    dimension = settings.number("VECTORS_DIMENSION")
    normalise = settings.flag("VECTORS_NORMALISE")
    answer = clients.bedrock().invoke_model(
        modelId=settings.text("EMBEDDING_MODEL_ID"),
        contentType="application/json",
        accept="application/json",
        body=json.dumps({"inputText": text, "dimensions": dimension, "normalize": normalise}),
    )
    vector = [float(value) for value in json.loads(answer["body"].read())["embedding"]]
    if len(vector) != dimension:
        raise HandlerError(f"the embedding has {len(vector)} dimensions, and the index {dimension}")
    if not normalise:
        return vector
    length = math.hypot(*vector)
    if not length:
        raise HandlerError("the embedding is all zeros")
    return [value / length for value in vector]
