"""Typed access to a Terraform plan, for assertions that read like English and fail with the HCL line."""

from companion_gate.plan.attribute import Attribute, UnknownAtPlan
from companion_gate.plan.view import Plan, ResourceView

__all__ = ["Attribute", "Plan", "ResourceView", "UnknownAtPlan"]
