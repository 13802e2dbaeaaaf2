"""Runs Terraform for the gate: hermetic, in private folders, with typed results."""
