from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from companion_gate.errors import GateError
from companion_gate.terraform.plan import TerraformSession, make_plan
from companion_gate.terraform.workspace import Workspace, copied, generated, mirror

from .conftest import WriteTree

ROOT = """
terraform {
  cloud {
    organization = "nobody"
    workspaces { name = "prod" }
  }
}
module "x" { source = "../../modules/x" }
output "x" { value = module.x.seen }
output "near" { value = trimspace(file("${path.module}/near.txt")) }
output "far" { value = trimspace(file("../../top.txt")) }
output "variable" { value = var.name }
variable "name" { type = string }
"""
MODULE = """
module "y" { source = "../y" }
output "seen" {
  value = [path.module, module.y.path, trimspace(file("${path.module}/data/x.txt")), fileset(path.module, "**/*.txt")]
}
"""
FILES = {
    "infra/prod/main.tf": ROOT,
    "infra/prod/near.txt": "near",
    "infra/prod/terraform.tfvars": 'name = "from tfvars"\n',
    "infra/prod/zz_override.tf": 'terraform {\n  backend "s3" {\n    bucket = "real"\n  }\n}\n',
    "infra/prod/.terraform/terraform.tfstate": "{}",
    "infra/prod/terraform.tfstate": '{"not": "a state"}',
    "infra/prod/.terraform.lock.hcl": "# the user's lock file\n",
    "modules/x/main.tf": MODULE,
    "modules/x/data/x.txt": "data",
    "modules/y/main.tf": 'output "path" {\n  value = path.module\n}\n',
    "top.txt": "top",
}


def snapshot(folder: Path) -> dict[Path, tuple[bytes, int]]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


@pytest.mark.parametrize("make", [mirror, copied])
def test_plans_like_the_users_folder_and_leaves_it_as_it_was(
    session: TerraformSession, tree: WriteTree, make: Callable[[Path, Path], Workspace]
) -> None:
    checkout = tree(FILES)
    before = snapshot(checkout)
    folder = session.new_folder()
    workspace = make(checkout / "infra/prod", folder)
    # Terraform would contact the cloud or the bucket here if the override did not win over zz_override.tf.
    outputs = make_plan(workspace, session).json["planned_values"]["outputs"]
    assert outputs["x"]["value"] == ["../../modules/x", "../../modules/y", "data", ["data/x.txt"]]
    assert (outputs["near"]["value"], outputs["far"]["value"]) == ("near", "top")
    assert outputs["variable"]["value"] == "from tfvars"
    assert snapshot(checkout) == before
    assert (workspace.root / ".terraform").is_dir()


def test_state_and_data_folder_stay_out_and_the_lock_file_is_a_copy(tree: WriteTree, tmp_path: Path) -> None:
    workspace = mirror(tree(FILES) / "infra/prod", tmp_path / "into")
    names = {path.name for path in workspace.root.iterdir()}
    assert not {".terraform", "terraform.tfstate"} & names
    lock_file = workspace.root / ".terraform.lock.hcl"
    assert (lock_file.is_symlink(), lock_file.read_text()) == (False, "# the user's lock file\n")
    assert (workspace.root / "main.tf").is_symlink()


def test_maps_back_to_the_users_files(tree: WriteTree, tmp_path: Path) -> None:
    checkout = tree(FILES)
    workspace = mirror(checkout / "infra/prod", tmp_path / "into")
    assert workspace.original(Path("main.tf")) == checkout / "infra/prod/main.tf"
    assert workspace.original(workspace.root / "../../modules/x/main.tf") == checkout / "modules/x/main.tf"
    (override,) = workspace.root.glob("*companion_gate_override.tf")
    assert workspace.original(override) == override
    assert workspace.original(tmp_path) == tmp_path


def test_a_copy_takes_override_files_in_module_folders(session: TerraformSession, tree: WriteTree) -> None:
    checkout = tree(FILES)
    workspace = copied(checkout / "infra/prod", session.new_folder())
    module = workspace.root / "../../modules/y"
    (module / "y_override.tf").write_text('output "path" {\n  value = "overridden"\n}\n', encoding="utf-8")
    (module / "main.tf").write_text((module / "main.tf").read_text() + "\n", encoding="utf-8")
    assert make_plan(workspace, session).json["planned_values"]["outputs"]["x"]["value"][1] == "overridden"
    assert {path.name for path in (checkout / "modules/y").iterdir()} == {"main.tf"}
    assert (checkout / "modules/y/main.tf").read_text() == FILES["modules/y/main.tf"]


def test_works_outside_of_a_git_checkout(session: TerraformSession, tmp_path: Path) -> None:
    root = tmp_path / "bare" / "prod"
    root.mkdir(parents=True)
    (root / "main.tf").write_text('output "up" {\n  value = file("../up.txt")\n}\n', encoding="utf-8")
    (root.parent / "up.txt").write_text("up", encoding="utf-8")
    plan = make_plan(mirror(root, session.new_folder()), session)
    assert plan.json["planned_values"]["outputs"]["up"]["value"] == "up"


def test_a_generated_root_calls_linked_modules_by_their_own_paths(session: TerraformSession, tree: WriteTree) -> None:
    checkout = tree(FILES)
    text = 'module "x" {\n  source = "./modules/x"\n}\noutput "x" {\n  value = module.x.seen\n}\n'
    workspace = generated({"main.tf": text}, {"modules": checkout / "modules"}, session.new_folder())
    value = make_plan(workspace, session).json["planned_values"]["outputs"]["x"]["value"]
    assert value == ["modules/x", "modules/y", "data", ["data/x.txt"]]
    assert workspace.original(Path("modules/x/main.tf")) == checkout / "modules/x/main.tf"


@pytest.mark.parametrize(
    ("files", "links", "message"),
    [
        ({"../main.tf": ""}, {}, "does not name a file inside a generated root"),
        ({"main.tf": ""}, {"modules": Path("/nonexistent/modules")}, "to be linked as modules, does not exist"),
        ({"main.tf": "x = {"}, {}, r"main\.tf:"),
    ],
)
def test_a_generated_root_that_cannot_be_made_says_why(
    tmp_path: Path, files: dict[str, str], links: dict[str, Path], message: str
) -> None:
    with pytest.raises(GateError, match=message):
        generated(files, links, tmp_path / "into")


def test_a_file_with_the_gates_own_name_is_never_overwritten(tree: WriteTree, tmp_path: Path) -> None:
    root = tree({"main.tf": "", "companion_gate_override.tf": "# mine"})
    with pytest.raises(GateError, match=r"companion_gate_override\.tf: the gate uses this file name itself; rename"):
        mirror(root, tmp_path / "into")
    assert (root / "companion_gate_override.tf").read_text() == "# mine"
