"""API Gateway, as far as a companion needs it: a WebSocket API on loopback."""
