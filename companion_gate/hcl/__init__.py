"""HCL source with positions: reading modules, finding lines, byte-exact rewriting, references and interfaces.

Everything python-hcl2 8 knows and Checkov's fork does not; its own types stay inside this package.
"""
