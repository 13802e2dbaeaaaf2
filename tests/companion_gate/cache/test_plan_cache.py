"""A kept plan is given back only where Terraform would make the same one."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from companion_gate.cache.inputs import NotKept, PlanInputs, closure_of, surroundings
from companion_gate.cache.plans import PlanCache
from companion_gate.cache.store import ContentCache
from companion_gate.errors import GateError
from companion_gate.terraform.binary import TerraformBinary
from companion_gate.terraform.diagnostics import Diagnostic
from companion_gate.terraform.plan import PlanRun
from companion_gate.terraform.providers import MIRROR

BINARY = TerraformBinary(Path("/bin/terraform"), "1.11.4")
RUN = PlanRun(
    json={"resource_changes": [], "format_version": "1.2"},
    folders={"": Path("/x"), "memory": Path("/x/memory")},
    root_text="",
    seconds_init=1.0,
    seconds_plan=2.0,
    terraform_version="1.11.4",
    provider_versions={"aws": "5.100.0"},
    provider_source=MIRROR,
    not_fast="an alias",
    warnings=(Diagnostic("warning", "Deprecated", "use the other", Path("/x/main.tf"), 3),),
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    files = {
        "stack/main.tf": 'module "memory" {\n  source = "../memory"\n  x = file("${path.module}/texts/hello.txt")\n}\n',
        "stack/texts/hello.txt": "hello",
        "stack/texts/other.txt": "other",
        "stack/terraform.tfvars": "a = 1\n",
        "memory/main.tf": 'locals {\n  body = templatefile("${path.module}/body.tpl", { a = 1 })\n}\n',
        "memory/body.tpl": "body of ${a}",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path / "stack"


@pytest.fixture
def store(tmp_path: Path) -> ContentCache:
    return ContentCache(tmp_path / "cache")


def cache(store: ContentCache, env: Mapping[str, str] | None = None, **changes: Any) -> PlanCache:
    settings = {"binary": BINARY, "env": env or {}, "engine": "fast", "aws": "embedded", **changes}
    return PlanCache(store, surroundings(**settings))


def test_a_plan_comes_back_whole(root: Path, store: ContentCache) -> None:
    assert cache(store).get(PlanInputs((root,))) is None
    assert cache(store).put(PlanInputs((root,)), RUN) == ""
    found = cache(store).get(PlanInputs((root,)))
    assert found is not None
    assert found.kept
    for name in ("json", "folders", "root_text", "terraform_version", "provider_versions", "not_fast", "warnings"):
        assert getattr(found, name) == getattr(RUN, name)


CHANGES: dict[str, Callable[[Path], object]] = {
    "a file of the root": lambda root: (root / "main.tf").open("a").write("\n"),
    "a new file": lambda root: (root / "more.tf").write_text(""),
    "a renamed file": lambda root: (root / "terraform.tfvars").rename(root / "x.auto.tfvars"),
    "a removed file": lambda root: (root / "terraform.tfvars").unlink(),
    "a module beside the root": lambda root: (root / "../memory/main.tf").open("a").write("\n"),
    "a file that is read": lambda root: (root / "texts/hello.txt").write_text("good-bye"),
    "a file that is read and gone": lambda root: (root / "texts/hello.txt").unlink(),
    "a template of a module": lambda root: (root / "../memory/body.tpl").write_text("another ${a}"),
    "a hidden lock file": lambda root: (root / ".terraform.lock.hcl").write_text(""),
    "a link's target": lambda root: (
        (root / "texts/hello.txt").unlink() or (root / "texts/hello.txt").symlink_to(root / "texts/other.txt")
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_any_change_of_what_terraform_reads_asks_it_again(
    root: Path, store: ContentCache, change: Callable[[Path], object]
) -> None:
    cache(store).put(PlanInputs((root,)), RUN)
    change(root)
    assert cache(store).get(PlanInputs((root,))) is None


def test_what_terraform_does_not_read_changes_nothing(root: Path, store: ContentCache) -> None:
    cache(store).put(PlanInputs((root,)), RUN)
    (root / "texts" / "other.txt").write_text("changed")
    (root / "terraform.tfstate").write_text("{}")
    os.utime(root / "main.tf", (1, 1))
    assert cache(store).get(PlanInputs((root,))) is not None


def test_a_change_taken_back_finds_the_first_plan(root: Path, store: ContentCache) -> None:
    cache(store).put(PlanInputs((root,)), RUN)
    before = (root / "main.tf").read_text()
    (root / "main.tf").write_text(before.replace("../memory", "./texts/../../memory"))
    assert cache(store).get(PlanInputs((root,))) is None
    (root / "main.tf").write_text(before)
    assert cache(store).get(PlanInputs((root,))) is not None


@pytest.mark.parametrize(
    ("env", "changes"),
    [
        ({"TF_VAR_name": "other"}, {}),
        ({"TF_CLI_ARGS_plan": "-destroy"}, {}),
        ({"LC_ALL": "de_DE"}, {}),
        ({}, {"binary": TerraformBinary(Path("/bin/terraform"), "1.12.0")}),
        ({}, {"engine": "stock"}),
    ],
    ids=["variable", "arguments", "locale", "terraform", "engine"],
)
def test_other_surroundings_ask_terraform_again(
    root: Path, store: ContentCache, env: dict[str, str], changes: dict[str, Any]
) -> None:
    cache(store).put(PlanInputs((root,)), RUN)
    assert cache(store, env, **changes).get(PlanInputs((root,))) is None


def test_other_inputs_ask_terraform_again(root: Path, store: ContentCache) -> None:
    kept = PlanInputs((root,), {"main.tf": "# one"}, {"name": "a", "count": 1})
    cache(store).put(kept, RUN)
    for other in (
        PlanInputs((root,), {"main.tf": "# two"}, kept.variables),
        PlanInputs((root,), {"main.tf": "# one", "x.tf": ""}, kept.variables),
        PlanInputs((root,), kept.texts, {"name": "a", "count": "1"}),
        PlanInputs((root, root.parent / "memory"), kept.texts, kept.variables),
    ):
        assert cache(store).get(other) is None
    assert cache(store).get(kept) is not None


def test_another_provider_in_the_mirror_asks_terraform_again(root: Path, store: ContentCache, tmp_path: Path) -> None:
    def with_mirror(name: str) -> dict[str, str]:
        folder = tmp_path / name
        program = folder / "registry.terraform.io/hashicorp/aws/5.100.0" / platform_folder() / "terraform-provider-aws"
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(name)
        return {"TF_PLUGIN_CACHE_DIR": str(folder)}

    cache(store, with_mirror("first")).put(PlanInputs((root,)), RUN)
    assert cache(store, with_mirror("second-longer")).get(PlanInputs((root,))) is None


def platform_folder() -> str:
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine().lower(), platform.machine().lower())
    return f"{platform.system().lower()}_{machine}"


READS = "main.tf reads a file"
NOT_KEPT = {
    "x = timestamp()": "timestamp",
    "x = plantimestamp ()": "plantimestamp",
    "x = uuid()": "uuid",
    'x = bcrypt("a")': "bcrypt",
    'x = fileset(path.module, "*")': "fileset",
    "x = templatestring(local.text, {})": "templatestring",
    "x = path.cwd": "path.cwd",
    "x = path . root": "path.root",
    'x = file("/etc/hostname")': "does not name",
    'x = file("${path.module}/../x")': "does not name",
    'x = file("${path.module}/${local.name}")': "does not name",
    'x = filebase64sha256("${path.module}/texts/\\u002e./x")': "does not name",
}


@pytest.mark.parametrize(("line", "reason"), NOT_KEPT.items(), ids=NOT_KEPT)
def test_what_may_differ_in_the_next_run_is_not_kept(root: Path, store: ContentCache, line: str, reason: str) -> None:
    (root / "more.tf").write_text(f"locals {{\n  {line}\n}}\n")
    assert reason in cache(store).put(PlanInputs((root,)), RUN)
    assert cache(store).get(PlanInputs((root,))) is None
    generated = PlanInputs((root.parent / "memory",), {"main.tf": line})
    assert cache(store).put(generated, RUN) in (f"main.tf uses {reason}, which is not the same in every run", READS)


@pytest.mark.parametrize(
    "text",
    [
        'data "aws_region" "here" {}\n',
        'check "up" {\n  data "aws_region" "here" {}\n  assert {\n    condition = true\n  }\n}\n',
        'ephemeral "aws_secretsmanager_secret_version" "s" {\n  secret_id = "x"\n}\n',
        'module "x" {\n  source = "hashicorp/x/aws"\n}\n',
    ],
    ids=["data", "data in a check", "ephemeral", "module from elsewhere"],
)
def test_what_asks_somebody_else_is_not_kept(root: Path, store: ContentCache, text: str) -> None:
    (root / "../memory/more.tf").write_text(text)
    assert cache(store).put(PlanInputs((root,)), RUN) != ""


@pytest.mark.parametrize("text", ['${file("/etc/hostname")}', '${file /* far away */ ("x")}'])
def test_a_template_that_reads_is_not_kept(root: Path, text: str) -> None:
    (root / "../memory/body.tpl").write_text(text)
    with pytest.raises(NotKept, match="may read another file"):
        closure_of(PlanInputs((root,)))


def test_an_aws_that_is_not_the_gates_own_may_answer_otherwise() -> None:
    with pytest.raises(NotKept, match="not the gate's own"):
        surroundings(BINARY, {}, engine="fast", aws="http://127.0.0.1:4566")


def test_a_provider_of_the_registry_is_kept_only_under_a_lock_file(root: Path, store: ContentCache) -> None:
    registry = replace(RUN, provider_source="public registry")
    assert "no lock file" in cache(store).put(PlanInputs((root,)), registry)
    (root / ".terraform.lock.hcl").write_text("")
    assert cache(store).put(PlanInputs((root,)), registry) == ""


def test_a_provider_under_development_is_not_kept(tmp_path: Path) -> None:
    config = tmp_path / "cli.tfrc"
    config.write_text('provider_installation {\n  dev_overrides {\n    "hashicorp/aws" = "/x"\n  }\n  direct {}\n}\n')
    with pytest.raises(NotKept, match="under development"):
        surroundings(BINARY, {"TF_CLI_CONFIG_FILE": str(config)}, engine="fast", aws="embedded")


SENSITIVE = {
    "resource": {"resource_changes": [{"change": {"after": {"a": ["x"]}, "after_sensitive": {"a": [True]}}}]},
    "before": {"resource_changes": [{"change": {"before": {"a": "x"}, "before_sensitive": {"a": True}}}]},
    "drift": {"resource_drift": [{"change": {"before": {"a": "x"}, "before_sensitive": True}}]},
    "output": {"output_changes": {"o": {"after": "x", "after_sensitive": True}}},
    "variable": {"configuration": {"root_module": {"variables": {"v": {"sensitive": True}}}}},
    "variable of a module": {
        "configuration": {"root_module": {"module_calls": {"m": {"module": {"variables": {"v": {"sensitive": True}}}}}}}
    },
}


@pytest.mark.parametrize("plan", SENSITIVE.values(), ids=SENSITIVE.keys())
def test_sensitive_values_are_never_written(
    root: Path, store: ContentCache, tmp_path: Path, plan: dict[str, Any]
) -> None:
    assert "sensitive" in cache(store).put(PlanInputs((root,)), replace(RUN, json=plan))
    assert cache(store).get(PlanInputs((root,))) is None
    assert not list((tmp_path / "cache").rglob("plan-*"))


def test_a_mark_on_what_nobody_set_hides_nothing(root: Path, store: ContentCache) -> None:
    change = {"after": {"password": None, "user": []}, "after_sensitive": {"password": True, "user": [{"x": True}]}}
    plan = {"resource_changes": [{"change": change}]}
    assert cache(store).put(PlanInputs((root,)), replace(RUN, json=plan)) == ""


def test_a_root_that_cannot_be_read_is_left_to_the_plan(root: Path, store: ContentCache) -> None:
    (root / "main.tf").write_text("module {")
    assert cache(store).get(PlanInputs((root,))) is None
    with pytest.raises(GateError):
        closure_of(PlanInputs((root,)))


def test_a_module_that_was_not_called_before_counts_from_then_on(root: Path, store: ContentCache) -> None:
    cache(store).put(PlanInputs((root,)), RUN)
    (root.parent / "other").mkdir()
    (root.parent / "other" / "main.tf").write_text("locals {}\n")
    (root / "more.tf").write_text('module "other" {\n  source = "../other"\n}\n')
    cache(store).put(PlanInputs((root,)), RUN)
    (root.parent / "other" / "main.tf").write_text("locals {\n  a = 1\n}\n")
    assert cache(store).get(PlanInputs((root,))) is None
