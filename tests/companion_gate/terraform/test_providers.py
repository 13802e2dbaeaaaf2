from __future__ import annotations

from pathlib import Path

import pytest

from companion_gate.errors import GateError
from companion_gate.terraform import providers
from companion_gate.terraform.providers import find_mirror, write_cli_config


@pytest.fixture(autouse=True)
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No mirror but those a test makes."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(providers, "_ADD_ON_FOLDERS", (str(tmp_path / "opt"),))


def home(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path / "home"), "XDG_DATA_DIRS": str(tmp_path / "share")}


def put_mirror(folder: Path, platform: str | None = None, *, packed: bool = False) -> Path:
    aws = folder / "registry.terraform.io" / "hashicorp" / "aws"
    target = platform or providers._platform()
    file = aws / f"terraform-provider-aws_5.100.0_{target}.zip" if packed else aws / "5.100.0" / target
    file = file if packed else file / "terraform-provider-aws_v5.100.0_x5"
    file.parent.mkdir(parents=True)
    file.touch()
    return folder


@pytest.mark.parametrize(
    "place",
    [
        "terraform.d/plugins",
        "home/.terraform.d/plugins",
        "home/.local/share/terraform/plugins",
        "share/terraform/plugins",
        "opt/mirror",
        "opt/vendor/product/mirror",
        "home/.local/share/tools/mirror",
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_finds_a_mirror_where_terraform_and_people_put_one(tmp_path: Path, place: str, packed: bool) -> None:
    mirror = put_mirror(tmp_path / place, packed=packed)
    assert find_mirror(home(tmp_path)) == mirror


def test_takes_them_in_terraforms_order(tmp_path: Path) -> None:
    put_mirror(tmp_path / "opt" / "mirror")
    implied = put_mirror(tmp_path / "home/.terraform.d/plugins")
    assert find_mirror(home(tmp_path)) == implied
    cache = put_mirror(tmp_path / "cache")
    assert find_mirror({**home(tmp_path), "TF_PLUGIN_CACHE_DIR": str(cache)}) == cache


def test_a_mirror_for_another_platform_or_too_deep_is_none(tmp_path: Path) -> None:
    put_mirror(tmp_path / "opt" / "mirror", platform="plan9_mips")
    put_mirror(tmp_path / "opt" / "a" / "b" / "c" / "mirror")
    assert find_mirror(home(tmp_path)) is None


def test_mirror_shuts_the_registry_out_and_keeps_it_as_fallback(tmp_path: Path) -> None:
    mirror = put_mirror(tmp_path / "opt" / "mir${ror}")
    config = write_cli_config(tmp_path, home(tmp_path))
    text = config.path.read_text(encoding="utf-8")
    assert config.description == "local mirror"
    assert f'"{str(mirror).replace("${", "$${")}"' in text
    assert 'exclude = ["registry.terraform.io/hashicorp/*"]' in text
    assert config.fallback is not None
    assert config.fallback.description == "public registry"
    assert "filesystem_mirror" not in config.fallback.path.read_text(encoding="utf-8")


def test_without_a_mirror_the_registry_is_the_source(tmp_path: Path) -> None:
    config = write_cli_config(tmp_path, home(tmp_path))
    assert (config.description, config.fallback) == ("public registry", None)
    assert config.plugin_cache == tmp_path / "plugin-cache"
    assert "disable_checkpoint = true" in config.path.read_text(encoding="utf-8")


@pytest.mark.parametrize("named", [True, False])
def test_the_users_own_installation_settings_are_used_as_they_are(tmp_path: Path, named: bool) -> None:
    put_mirror(tmp_path / "opt" / "mirror")
    users = tmp_path / ("own.tfrc" if named else "home/.terraformrc")
    users.parent.mkdir(exist_ok=True)
    users.write_text("provider_installation {\n  direct {}\n}\n", encoding="utf-8")
    env = home(tmp_path) | ({"TF_CLI_CONFIG_FILE": str(users)} if named else {})
    config = write_cli_config(tmp_path, env)
    assert (config.path, config.is_users, config.plugin_cache, config.fallback) == (users, True, None, None)
    assert users.read_text(encoding="utf-8") == "provider_installation {\n  direct {}\n}\n"


@pytest.mark.parametrize("text", [None, "# plugin_cache_dir = 'x'\ndisable_checkpoint = true\n"])
def test_a_users_file_that_is_absent_or_silent_is_no_source(tmp_path: Path, text: str | None) -> None:
    users = tmp_path / "own.tfrc"
    if text is not None:
        users.write_text(text, encoding="utf-8")
    config = write_cli_config(tmp_path, {**home(tmp_path), "TF_CLI_CONFIG_FILE": str(users)})
    assert config.description == "public registry"


def test_a_plugin_cache_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(GateError, match=r"TF_PLUGIN_CACHE_DIR names .*absent, which is no folder; make it"):
        write_cli_config(tmp_path, {**home(tmp_path), "TF_PLUGIN_CACHE_DIR": str(tmp_path / "absent")})
