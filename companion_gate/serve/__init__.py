"""A companion on this machine: the deployed API as a real WebSocket server, its functions run as Lambda runs them."""
