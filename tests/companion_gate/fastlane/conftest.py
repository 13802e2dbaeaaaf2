"""What the fast lane is tried on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from companion_gate.fastlane.lane import FastLane
from companion_gate.terraform.session import TerraformSession
from companion_gate.terraform.workspace import Workspace, generated

PROVIDER = """
terraform {
  required_version = ">= 1.9"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7.0"
    }
  }
}
"""

MakeRoot = Callable[[str], Workspace]


@pytest.fixture(scope="module")
def session() -> Iterator[TerraformSession]:
    """A session without an AWS endpoint."""
    with TerraformSession.open() as opened:
        yield opened


@pytest.fixture(scope="module")
def lane(session: TerraformSession) -> Iterator[FastLane]:
    """A fast lane in that session."""
    with FastLane(session) as opened:
        yield opened


@pytest.fixture
def root(session: TerraformSession) -> MakeRoot:
    """Makes an isolated root of one text, with the provider required."""

    def make(text: str) -> Workspace:
        workspace = generated({"main.tf": text, "versions.tf": PROVIDER}, {}, session.new_folder())
        workspace.isolate(aws_calls=False)
        return workspace

    return make


@pytest.fixture(scope="session")
def repository() -> Path:
    return Path(__file__).resolve().parents[3]
