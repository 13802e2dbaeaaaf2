from __future__ import annotations

from pathlib import Path

import pytest

from companion_gate.hcl.documents import HclError
from companion_gate.hcl.interface import interface_faults, interface_table, read_interface


def test_variables_and_outputs_are_read(module: Path) -> None:
    interface = read_interface(module)

    ttl, limits = interface.variables
    assert (ttl.type, ttl.default, ttl.required, ttl.sensitive, ttl.nullable) == ("bool", "true", False, False, False)
    assert limits.type == "object({turns = number, any = optional(bool, false)})"
    assert (limits.default, limits.required, limits.sensitive) == (None, True, True)
    assert [(output.name, output.description) for output in interface.outputs] == [("arn", "ARN of the table.")]


def test_the_table_shows_what_a_caller_needs(module: Path) -> None:
    assert interface_table(module) == (
        "| Variable | Type | Default | Description |\n"
        "| --- | --- | --- | --- |\n"
        "| `ttl_enabled` | `bool` | `true` | Whether memories expire. |\n"
        "| `limits` | `object({turns = number, any = optional(bool, false)})` | required |"
        " Turns \\| waits, per user. (sensitive) |\n"
        "\n"
        "| Output | Description |\n"
        "| --- | --- |\n"
        "| `arn` | ARN of the table. |\n"
    )


@pytest.mark.parametrize(
    ("default", "shown"),
    [
        ('"a|b"', '`"a\\|b"`'),
        ("null", "`null`"),
        ("1.50", "`1.50`"),
        ('[\n    "a",\n    "b",\n  ]', '`["a", "b"]`'),
        ('{\n    "a-b" = true # why\n    c = 1\n  }', '`{"a-b" = true, c = 1}`'),
        ('"`x`"', '`` "`x`" ``'),
        ("<<EOT\nfirst\nsecond\nEOT", "`<<EOT first second EOT`"),
    ],
)
def test_a_default_of_any_layout_fits_its_cell(module: Path, default: str, shown: str) -> None:
    (module / "variables.tf").write_text(f'variable "v" {{\n  type    = string\n  default = {default}\n}}\n')

    row = interface_table(module).splitlines()[2]

    assert row == f"| `v` | `string` | {shown} |  |"


def test_a_description_of_several_lines_fits_its_cell(module: Path) -> None:
    (module / "variables.tf").write_text(
        'variable "v" {\n  type = string\n  description = <<-EOT\n    Says "what"\n    and why.\n  EOT\n}\n'
    )

    assert interface_table(module).splitlines()[2] == '| `v` | `string` | required | Says "what" and why. |'


def test_a_module_that_keeps_the_rules_has_no_faults(module: Path) -> None:
    assert interface_faults(module) == []


@pytest.mark.parametrize(
    ("block", "fault"),
    [
        (
            'variable "v" {\n  type = string\n  nullable = false\n}\n',
            'modules/memory/faulty.tf:2: variable "v" has no description; add one',
        ),
        (
            'variable "v" {\n  description = "D."\n  nullable = false\n}\n',
            'modules/memory/faulty.tf:2: variable "v" has no type; add one',
        ),
        (
            'variable "v" {\n  description = "D."\n  type = map(object({ a = any }))\n  nullable = false\n}\n',
            'modules/memory/faulty.tf:2: variable "v" has the type any, which accepts everything; '
            "name the type that it needs",
        ),
        (
            'variable "v" {\n  description = "D."\n  type = string\n}\n',
            'modules/memory/faulty.tf:2: variable "v" leaves nullable open; '
            "write nullable = false, or true where null has a meaning",
        ),
        (
            'variable "v" {\n  description = " "\n  type = string\n  nullable = true\n}\n',
            'modules/memory/faulty.tf:2: variable "v" has no description; add one',
        ),
        ('output "o" {\n  value = 1\n}\n', 'modules/memory/faulty.tf:2: output "o" has no description; add one'),
    ],
)
def test_each_broken_rule_is_one_sentence(module: Path, block: str, fault: str) -> None:
    (module / "faulty.tf").write_text("# One fault.\n" + block)

    assert interface_faults(module) == [fault]


def test_a_flag_that_is_no_literal_is_refused(module: Path) -> None:
    (module / "faulty.tf").write_text('variable "v" {\n  sensitive = "yes"\n}\n')

    with pytest.raises(HclError, match=r"modules/memory/faulty\.tf:2: sensitive is not true or false"):
        read_interface(module)
