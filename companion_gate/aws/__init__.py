"""AWS without AWS: the embedded server, the choice of an endpoint, and what no endpoint here can exercise."""

from __future__ import annotations

# The account of every request that names no other: moto's, and the one that AWS's own examples use.
DEFAULT_ACCOUNT = "123456789012"
