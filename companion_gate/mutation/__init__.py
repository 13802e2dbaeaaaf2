"""Weakens plans in memory, as the policies declare it, and asks whether they notice."""
