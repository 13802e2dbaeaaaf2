"""The command ``companion-gate``: one module for each verb."""
