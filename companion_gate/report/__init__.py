"""Reporters: they read the records that items leave in their test reports, and nothing else."""
