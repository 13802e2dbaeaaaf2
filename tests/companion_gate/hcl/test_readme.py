from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from companion_gate.errors import GateError
from companion_gate.hcl.interface import interface_table
from companion_gate.readme import main, readme_examples

README = """\
# memory

Before.

<!-- BEGIN interface -->
old
<!-- END interface -->

After.
"""


@pytest.fixture
def readme(module: Path) -> Path:
    file = module / "README.md"
    file.write_text(README)
    return file


def test_the_command_rewrites_only_what_stands_between_the_markers(readme: Path) -> None:
    command = [sys.executable, "-m", "companion_gate.readme", "modules/memory"]

    finished = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (finished.returncode, finished.stdout, finished.stderr) == (0, "modules/memory/README.md\n", "")
    table = interface_table(readme.parent)
    assert readme.read_text() == README.replace("old\n", "\n" + table + "\n")


def test_a_written_readme_passes_the_check_and_is_not_written_again(
    readme: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["modules/memory"])
    capsys.readouterr()

    assert main(["--check", "modules/memory"]) == 0
    assert main(["modules/memory"]) == 0
    assert capsys.readouterr() == ("", "")


def test_the_check_names_the_place_and_the_command_and_changes_nothing(
    readme: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--check", "modules/memory"]) == 1

    assert capsys.readouterr().err == (
        "modules/memory/README.md:5: the interface tables are out of date; "
        "run `python -m companion_gate.readme modules/memory`\n"
    )
    assert readme.read_text() == README


@pytest.mark.parametrize(
    "text",
    [
        "# memory\n",
        "<!-- BEGIN interface -->\n",
        "<!-- END interface -->\n<!-- BEGIN interface -->\n",
        README + README,
    ],
)
def test_a_readme_without_one_place_for_the_tables_is_refused(
    readme: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    readme.write_text(text)

    for arguments in (["modules/memory"], ["--check", "modules/memory"]):
        assert main(arguments) == 2
        assert "modules/memory/README.md: has no place for the interface tables; write" in capsys.readouterr().err
    assert readme.read_text() == text


def test_one_unreadable_module_leaves_every_readme_as_it_was(readme: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = readme.parent.parent / "other"
    other.mkdir()
    (other / "README.md").write_text(README)
    (other / "main.tf").write_text("broken {")

    assert main(["modules/memory", "modules/other"]) == 2

    assert capsys.readouterr().err.startswith("modules/other/main.tf:1: cannot be read as HCL")
    assert readme.read_text() == README


def test_a_missing_readme_is_refused(module: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check", "modules/memory"]) == 2
    assert capsys.readouterr().err.startswith("modules/memory/README.md: cannot be read: No such file")


def test_examples_are_the_hcl_blocks_that_call_a_module(readme: Path) -> None:
    readme.write_text(
        "# memory\n\n## Smallest\n\nText.\n\n"
        '```hcl\nmodule "memory" {\n  source = "./modules/memory"\n}\n```\n\n'
        "```hcl\nmemory = { ttl = true }\n```\n\n```json\n{}\n```\n\n"
        '## With a `key`\n\n- in a list\n\n  ```terraform\n  module "two" {}\n  ```\n'
    )

    first, second = readme_examples(readme)

    assert (first.index, first.title, first.line) == (1, "Smallest", 8)
    assert first.text == 'module "memory" {\n  source = "./modules/memory"\n}\n'
    assert (second.index, second.title, second.line, second.text) == (2, "With a `key`", 26, 'module "two" {}\n')


def test_an_example_that_is_no_hcl_is_refused_at_its_line_of_the_readme(readme: Path) -> None:
    readme.write_text('# memory\n\n```hcl\nmodule "memory" {\n  source = = 1\n}\n```\n')

    with pytest.raises(GateError, match=re.escape("modules/memory/README.md:5: cannot be read as HCL: unexpected '='")):
        readme_examples(readme)
