"""Benchmark of the plan engine: ``python -m benchmarks.plan_engine`` from the repository's folder."""
