"""What the wheel and the sdist hold, and how they come about."""

from __future__ import annotations

import shutil
import tarfile
import zipfile
from collections.abc import Callable
from email import message_from_bytes
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.packaging.conftest import Built, Environment


def names(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def content(wheel: Path, name: str) -> bytes:
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(name)


def test_the_wheel_holds_the_gate_the_policies_and_nothing_else(built: Built) -> None:
    present = names(built.wheel)

    assert "companion_policies/__init__.py" in present
    assert "companion_gate/py.typed" in present
    # What LocalStack's own environment is made of.
    localstack = "companion_gate/aws/localstack"
    assert {f"{localstack}/requirements.lock", f"{localstack}/kit/companion_gate_kit.py"} <= set(present)
    tops = {name.split("/")[0] for name in present}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"companion_gate", "companion_policies"}
    assert not [name for name in present if "test" in Path(name).name or name.endswith((".pyc", ".bin"))]
    assert len(present) == len(set(present))


def test_every_policy_file_is_in_the_wheel(built: Built, unpacked: Path) -> None:
    files = [path for path in (unpacked / "policies").rglob("*") if path.is_file() and path.suffix != ".pyc"]
    policies = {path.relative_to(unpacked / "policies").as_posix() for path in files}
    assert "aic_engine/profiles.toml" in policies

    assert policies == {
        name.removeprefix("companion_policies/")
        for name in names(built.wheel)
        if name.startswith("companion_policies/")
    }


def test_the_controls_are_in_the_wheel(built: Built) -> None:
    assert b"[GDPR-17]" in content(built.wheel, "companion_gate/controls/controls.toml").replace(b'"', b"")


def test_the_wheel_carries_python_hcl2_under_a_private_name_with_its_licence(built: Built) -> None:
    licence = content(built.wheel, "companion_gate/_vendor/hcl2/LICENSE").decode()
    metadata = message_from_bytes(content(built.wheel, "companion_gate-0.1.0.dist-info/METADATA"))

    assert "Permission is hereby granted" in licence
    assert "companion_gate/_vendor/hcl2/__main__.py" not in names(built.wheel)
    requirements = metadata.get_all("Requires-Dist") or []
    assert not [requirement for requirement in requirements if "hcl2" in requirement]
    # What the private python-hcl2 itself imports has to come from somewhere.
    for needed in ("lark", "regex"):
        assert [requirement for requirement in requirements if requirement.startswith(needed)]


def test_the_sdist_holds_no_third_party_code(built: Built) -> None:
    with tarfile.open(built.sdist) as archive:
        assert not [name for name in archive.getnames() if "_vendor" in name]


def test_a_wheel_from_the_source_folder_is_the_same_and_leaves_the_folder_alone(
    built: Built, unpacked: Path, build: Callable[..., None], tmp_path: Path
) -> None:
    build(unpacked, tmp_path, "--wheel")

    assert not (unpacked / "companion_gate" / "_vendor").exists()
    assert not (unpacked / "companion_policies").exists()
    assert next(tmp_path.glob("*.whl")).read_bytes() == built.wheel.read_bytes()


def test_an_editable_install_reads_the_source_folder(
    unpacked: Path, new_environment: Callable[[], Environment], tmp_path: Path
) -> None:
    source = shutil.copytree(unpacked, tmp_path / "source")
    environment = new_environment()

    environment.install("uv", "lark", "regex")
    environment.install("uv", "--no-deps", "--editable", str(source))

    assert (source / "companion_gate" / "_vendor" / "hcl2" / "LICENSE").exists()
    environment.assert_ours_parses()
    # A copy of the policies would not follow a change of them.
    finished = environment.run("python", "-c", "import companion_policies")
    assert "No module named 'companion_policies'" in finished.stderr


def test_a_build_among_mixed_up_files_is_refused(unpacked: Path, new_environment: Callable[[], Environment]) -> None:
    environment = new_environment()
    environment.install("uv", "hatchling", "python-hcl2==8.1.4")
    environment.install("uv", "--no-deps", "bc-python-hcl2")

    finished = environment.run("python", "-m", "pip", "wheel", "--no-build-isolation", "--no-deps", str(unpacked))

    assert finished.returncode != 0
    assert "is not the file that python-hcl2 installed; build in an isolated environment" in finished.stderr


def test_a_build_with_another_python_hcl2_is_refused(
    unpacked: Path, new_environment: Callable[[], Environment]
) -> None:
    environment = new_environment()
    environment.install("uv", "hatchling", "python-hcl2==7.3.1")

    finished = environment.run("python", "-m", "pip", "wheel", "--no-build-isolation", "--no-deps", str(unpacked))

    assert finished.returncode != 0
    assert "python-hcl2 7.3.1 is installed; build with python-hcl2==8.1.4" in finished.stderr
