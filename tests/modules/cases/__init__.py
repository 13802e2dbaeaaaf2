"""Good and bad inputs of each module, by the module's folder name."""

from __future__ import annotations

from ..suites import Suite
from . import inference_endpoint, memory_hot, memory_vectors, moderation

SUITES: dict[str, Suite] = {
    "inference-endpoint": inference_endpoint.SUITE,
    "memory-hot": memory_hot.SUITE,
    "memory-vectors": memory_vectors.SUITE,
    "moderation": moderation.SUITE,
}
