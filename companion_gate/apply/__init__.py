"""Applying Terraform on an emulated AWS: a root's whole life, from the first apply to an empty account."""
