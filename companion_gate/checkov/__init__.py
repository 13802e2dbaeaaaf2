"""Checkov as an engine: one child process per gate run, and a reading of its answer that cannot be fooled."""
