"""The reference stack in the forms that Terraform allows: counted, by key, called as a module, of dynamic blocks."""
