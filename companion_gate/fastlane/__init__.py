"""Plans through a provider that keeps running, behind a proxy that hands Terraform only the schema it needs.

Needs the extra `companion-gate[fast]`; without it, and for every root it is not made for, plans are made as always.
"""
