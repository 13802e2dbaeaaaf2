"""The slow lane of the mutants: real Terraform plans each of them, and the policies judge that plan."""
