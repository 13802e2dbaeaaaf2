"""Where `terraform init` gets the AWS provider: a mirror on this machine if there is one, else the public registry."""

from __future__ import annotations

import json
import os
import platform
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from companion_gate.errors import GateError

REGISTRY_HOST = "registry.terraform.io"
MIRROR = "local mirror"
"""How a run says that its provider came from a folder of this machine."""
_AWS = Path(REGISTRY_HOST, "hashicorp", "aws")
_HASHICORP = f"{REGISTRY_HOST}/hashicorp/*"
_ADD_ON_FOLDERS = ("/opt", "/usr/local/lib", "/usr/local/share", "/usr/share", "/srv")
# Counted from an add-on folder to the mirror: <folder>/<vendor>/<product>/<mirror>.
_SEARCH_DEPTH = 3
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "i386": "386", "i686": "386"}


@dataclass(frozen=True)
class CliConfig:
    """A Terraform CLI configuration file; `fallback` is tried when a provider cannot be had with this one."""

    path: Path
    description: str
    # The user's own configuration may name a plugin cache of its own, which ours must not override.
    plugin_cache: Path | None = None
    is_users: bool = False
    fallback: CliConfig | None = None


def write_cli_config(into: Path, env: Mapping[str, str]) -> CliConfig:
    """Choose the source of providers for this machine and write its configuration into the existing folder `into`.

    A CLI configuration of the user that speaks of provider installation is used as it is. `plugin_cache` of the
    result is the user's TF_PLUGIN_CACHE_DIR, or a folder made under `into`.
    """
    users = users_cli_config(env)
    if users is not None:
        return CliConfig(users, f"the user's CLI configuration {users}", is_users=True)
    asked = env.get("TF_PLUGIN_CACHE_DIR")
    cache = Path(asked).absolute() if asked else into / "plugin-cache"
    if not asked:
        cache.mkdir(exist_ok=True)
    elif not cache.is_dir():
        raise GateError(f"TF_PLUGIN_CACHE_DIR names {cache}, which is no folder; make it, or unset the variable")
    registry = CliConfig(_written(into / "registry.tfrc", "  direct {}"), "public registry", plugin_cache=cache)
    mirror = find_mirror(env)
    if mirror is None:
        return registry
    # Terraform asks every source that may hold a provider and fails if one does not answer, so the registry must be
    # excluded here for an offline machine to work; the fallback asks it alone.
    text = (
        f"  filesystem_mirror {{\n    path    = {_quoted(mirror)}\n"
        f'    include = ["{_HASHICORP}"]\n  }}\n'
        f'  direct {{\n    exclude = ["{_HASHICORP}"]\n  }}'
    )
    # A mirror is not put through the plugin cache: linking it is faster than caching it.
    return CliConfig(_written(into / "mirror.tfrc", text), MIRROR, fallback=registry)


def users_cli_config(env: Mapping[str, str]) -> Path | None:
    """The user's CLI configuration, if it exists and says how providers are installed (Terraform docs: "CLI
    Configuration File")."""
    named = env.get("TF_CLI_CONFIG_FILE") or env.get("TERRAFORM_CONFIG")
    path = Path(named) if named else Path(env.get("HOME", "/nonexistent"), ".terraformrc")
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise GateError(f"Terraform CLI configuration {path} cannot be read: {error}; mend or remove it") from error
    speaks = re.search(r"^\s*(provider_installation|plugin_cache_dir)\b", text, flags=re.MULTILINE)
    return path.absolute() if speaks else None


def find_mirror(env: Mapping[str, str]) -> Path | None:
    """The first folder that holds hashicorp/aws for this machine's platform in Terraform's mirror layout."""
    return next((folder for folder in _candidates(env) if _serves(folder)), None)


def _candidates(env: Mapping[str, str]) -> Iterator[Path]:
    if cache := env.get("TF_PLUGIN_CACHE_DIR"):
        yield Path(cache).absolute()
    # Terraform docs: "Implied Local Mirror Directories", in its order.
    home = Path(env["HOME"]) if env.get("HOME") else None
    data_home = Path(env["XDG_DATA_HOME"]) if env.get("XDG_DATA_HOME") else home and home / ".local" / "share"
    yield Path.cwd() / "terraform.d" / "plugins"
    if home is not None:
        yield home / ".terraform.d" / "plugins"
        if sys.platform == "darwin":
            yield home / "Library" / "Application Support" / "io.terraform" / "plugins"
            yield Path("/Library/Application Support/io.terraform/plugins")
    if data_home is not None:
        yield data_home / "terraform" / "plugins"
    for folder in (env.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share").split(os.pathsep):
        if folder:
            yield Path(folder, "terraform", "plugins")
    for add_on in _ADD_ON_FOLDERS:
        yield from _below(Path(add_on), _SEARCH_DEPTH)
    if home is not None:
        yield from _below(home / ".local" / "share", _SEARCH_DEPTH)


def _below(folder: Path, depth: int) -> Iterator[Path]:
    """Folders under `folder` that hold a registry folder; one that does is not searched deeper."""
    if (folder / _AWS).is_dir():
        yield folder
        return
    if depth == 0:
        return
    try:
        entries = sorted(entry.path for entry in os.scandir(folder) if entry.is_dir(follow_symlinks=False))
    except OSError:
        # A folder that is absent or closed to this user holds no mirror for them.
        return
    for entry in entries:
        yield from _below(Path(entry), depth - 1)


def _serves(mirror: Path) -> bool:
    """Whether the mirror holds any version for this platform, unpacked or as an archive."""
    target = _platform()
    aws = mirror / _AWS
    layouts = (f"*/{target}/terraform-provider-aws*", f"terraform-provider-aws_*_{target}.zip")
    return any(any(aws.glob(layout)) for layout in layouts)


def _platform() -> str:
    machine = platform.machine().lower()
    system = "windows" if sys.platform == "win32" else sys.platform
    return f"{system}_{_ARCHITECTURES.get(machine, machine)}"


def _written(path: Path, installation: str) -> Path:
    path.write_text(f"disable_checkpoint = true\n\nprovider_installation {{\n{installation}\n}}\n", encoding="utf-8")
    return path


def _quoted(path: Path) -> str:
    # A JSON string is an HCL string but for the start of an interpolation, which HCL doubles.
    return json.dumps(str(path)).replace("${", "$${").replace("%{", "%%{")
