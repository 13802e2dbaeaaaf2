"""The gate itself: stacks, what is asked of each, and the pytest items that ask it."""
