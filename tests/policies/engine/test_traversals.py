"""What counts as a reference in an expression of HCL."""

from __future__ import annotations

from pathlib import Path

import pytest

from aic_engine.traversals import ANY, Part, Traversal
from tests.policies.engine.worlds import hcl


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("aws_x.y.z", {"aws_x.y.z"}),
        ('"${aws_x.y.z}"', {"aws_x.y.z"}),
        ('"a ${aws_x.y.z} b ${var.c}"', {"aws_x.y.z", "var.c"}),
        ('"a aws_x.y.z b"', set()),
        ('"$${aws_x.y.z}"', set()),
        ('"$${aws_x.y.z} ${var.c}"', {"var.c"}),
        ('"say \\"aws_x.y.z\\""', set()),
        ('"${"${aws_x.y.z}"}"', {"aws_x.y.z"}),
        ('format("}%s", aws_x.y.z)', {"aws_x.y.z"}),
        ('"${format("}%s", aws_x.y.z)}-${var.c}"', {"aws_x.y.z", "var.c"}),
        ('"%{if var.c}${aws_x.y.z}%{endif}"', {"var.c", "aws_x.y.z"}),
        ('"%%{if var.c}"', set()),
        ("<<EOT\nis ${aws_x.y.z}, not aws_q.r.s\nEOT\n", {"aws_x.y.z"}),
        ("aws_x.y[0].z", {"aws_x.y[0].z"}),
        ("aws_x.y.0.z", {"aws_x.y[0].z"}),
        ('aws_x.y["a b"].z', {'aws_x.y["a b"].z'}),
        ("aws_x.y[var.key].z", {"aws_x.y[*].z", "var.key"}),
        ("aws_x.y[*].z", {"aws_x.y[*].z"}),
        ("(aws_x.y.z)", {"aws_x.y.z"}),
        ("-var.c", {"var.c"}),
        ("var.c ? aws_x.y.z : null", {"var.c", "aws_x.y.z"}),
        ("[aws_x.y.z, { a = aws_q.r.s }]", {"aws_x.y.z", "aws_q.r.s"}),
        ('jsonencode({ a = aws_x.y.z, b = "text aws_q.r.s ${aws_t.u.v}" })', {"aws_x.y.z", "aws_t.u.v"}),
        ('"${path.module}/x"', set()),
    ],
)
def test_references(expression: str, expected: set[str], tmp_path: Path) -> None:
    graph = hcl(tmp_path, f'resource "aws_a" "b" {{\n  c = {expression}\n}}')
    assert set(graph.resources[0].expression("c") or ()) == expected


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("aws_x.y.z", (Part("aws_x", None), Part("y", None), Part("z", None))),
        ('module.m["a.b"].o', (Part("module", None), Part("m", "a.b"), Part("o", None))),
        ("aws_x.y[2].z", (Part("aws_x", None), Part("y", 2), Part("z", None))),
        ("aws_x.y[each.key].z", (Part("aws_x", None), Part("y", ANY), Part("z", None))),
        ("aws_x.y[*].z", (Part("aws_x", None), Part("y", ANY), Part("z", None))),
    ],
)
def test_parts(text: str, parts: tuple[Part, ...]) -> None:
    assert Traversal.parse(text).parts == parts
