from __future__ import annotations

from pathlib import Path

import pytest

from companion_gate.hcl.documents import HclError
from companion_gate.hcl.references import local_references, references


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("aws_x.y.arn", ("aws_x.y.arn",)),
        ("data.aws_x.y.id", ("data.aws_x.y.id",)),
        ("module.m.out.inner", ("module.m.out.inner",)),
        ("[local.a, var.b, each.value.c, count.index]", ("local.a", "var.b", "each.value.c", "count.index")),
        ("aws_x.y[0].arn", ("aws_x.y[0].arn",)),
        ("aws_x.y.0.arn", ("aws_x.y[0].arn",)),
        ('aws_x.y["eu"].arn', ('aws_x.y["eu"].arn',)),
        ("aws_x.y[*].arn", ("aws_x.y",)),
        ("aws_x.y.*.arn", ("aws_x.y",)),
        ("aws_x.y[var.region].arn", ("aws_x.y", "var.region")),
        ('aws_x.y["${var.region}-a"].arn', ("aws_x.y", "var.region")),
        ('lookup(var.map, "k", local.fallback).name', ("var.map", "local.fallback")),
        ("provider::aws::arn_parse(var.arn).region", ("var.arn",)),
        ("(var.a).b", ("var.a",)),
        ("!local.off && var.a == var.b ? -var.c : null", ("local.off", "var.a", "var.b", "var.c")),
        ('"x-${var.a}-${upper("${local.b}")}"', ("var.a", "local.b")),
        ('"var.a $${local.b} %%{ if var.c }"', ()),
        ('{ var = 1, "local.a" = var.b, (var.c) = 2, "${var.d}" = 3 }', ("var.b", "var.c", "var.d")),
        ("[for k, v in var.m : v.name if k.x != local.y]", ("var.m", "local.y")),
        ("{ for v in var.m : v.k => v.z... }", ("var.m",)),
        ("[[for v in var.m : v.a], v.b]", ("var.m", "v.b")),
        ('"%{ for v in var.l ~}${v.a}${local.b}%{ endfor ~}${v.c}"', ("var.l", "local.b", "v.c")),
        ("var.a + var.a", ("var.a",)),
        ("[tags, string]", ()),
        ("names[var.a]", ("var.a",)),
        ("null", ()),
    ],
)
def test_an_expression_refers_to(expression: str, expected: tuple[str, ...]) -> None:
    assert references(expression) == expected


def test_a_heredoc_is_a_template() -> None:
    heredoc = """<<-EOT
      a "quoted" ${aws_x.y["k"].arn} } and $${var.no}
      %{ for r in var.rules ~}
      ${jsonencode({ a = { b = "}" }, c = r.name, d = local.d })}
      %{ endfor ~}
      EOT
    """

    assert references(heredoc) == ('aws_x.y["k"].arn', "var.rules", "local.d")


def test_long_operations_do_not_exhaust_the_stack() -> None:
    assert len(references(" && ".join(f"var.a{number}" for number in range(900)))) == 900


@pytest.mark.parametrize("expression", ["", "var.", "var.a var.b", "1\nb = var.c", "<<EOT\n${var.a\nEOT\n"])
def test_what_is_not_one_expression_is_refused(expression: str) -> None:
    with pytest.raises(HclError):
        references(expression)


def test_every_local_of_a_module_is_mapped(module: Path) -> None:
    assert local_references(module) == {
        "prefix": ("var.stage",),
        "tags": ("var.tags", "aws_dynamodb_table.memory.arn"),
        "policy": ("module.queue.arn",),
    }


def test_a_broken_template_names_its_file_and_line(module: Path) -> None:
    (module / "locals.tf").write_text("locals {\n  a = 1\n  b = <<EOT\n${var.x\nEOT\n}\n")

    with pytest.raises(HclError, match=r"modules/memory/locals\.tf:3: local\.b: .* has no end; close it with '}'"):
        local_references(module)
