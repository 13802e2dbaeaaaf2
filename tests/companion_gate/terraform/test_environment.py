from __future__ import annotations

from pathlib import Path

import pytest

from companion_gate.errors import GateError
from companion_gate.terraform.environment import hermetic_environment, init_environment, is_loopback

USERS = {
    "PATH": "/bin",
    "LANG": "C.UTF-8",
    "LC_TIME": "C",
    "TF_VAR_owner": "team",
    "HOME": "/home/user",
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SESSION_TOKEN": "token",
    "AWS_PROFILE": "prod",
    "AWS_CA_BUNDLE": "/ca.pem",
    "AWS_ENDPOINT_URL": "http://192.0.2.1",
    "AWS_ENDPOINT_URL_STS": "http://192.0.2.1",
    "AWS_REGION": "eu-west-1",
    "HTTPS_PROXY": "http://192.0.2.1:3128",
    "https_proxy": "http://192.0.2.1:3128",
    "NO_PROXY": "*",
    "SSL_CERT_FILE": "/ca.pem",
    "TF_LOG": "trace",
    "TF_CLI_ARGS_plan": "-destroy",
    "TF_WORKSPACE": "prod",
    "TF_REATTACH_PROVIDERS": "{}",
    "TF_DATA_DIR": "/data",
    "TF_TOKEN_app_terraform_io": "secret",
    "LD_PRELOAD": "/evil.so",
}


def hermetic(tmp_path: Path, endpoint_url: str | None = None) -> dict[str, str]:
    return hermetic_environment(
        USERS, endpoint_url=endpoint_url, cli_config=tmp_path / "rc", home=tmp_path, tmp=tmp_path / "tmp"
    )


def test_nothing_of_the_user_but_path_language_and_variables_survives(tmp_path: Path) -> None:
    built = hermetic(tmp_path)
    assert {name for name in USERS if built.get(name) == USERS[name]} == {"PATH", "LANG", "LC_TIME", "TF_VAR_owner"}
    assert set(built) - set(USERS) == {
        "AWS_CONFIG_FILE", "AWS_DEFAULT_REGION", "AWS_EC2_METADATA_DISABLED", "AWS_SECRET_ACCESS_KEY",
        "AWS_SHARED_CREDENTIALS_FILE", "CHECKPOINT_DISABLE", "HTTP_PROXY", "TF_CLI_CONFIG_FILE", "TF_INPUT",
        "TF_IN_AUTOMATION", "TMPDIR", "http_proxy", "no_proxy",
    }  # fmt: skip


def test_aws_files_are_empty_and_every_way_out_is_dead(tmp_path: Path) -> None:
    built = hermetic(tmp_path)
    assert Path(built["AWS_CONFIG_FILE"]).read_bytes() == Path(built["AWS_SHARED_CREDENTIALS_FILE"]).read_bytes() == b""
    assert built["AWS_REGION"] == "us-east-1"
    assert all(is_loopback(built[name]) for name in ("AWS_ENDPOINT_URL", "HTTP_PROXY", "HTTPS_PROXY", "https_proxy"))
    assert built["NO_PROXY"] == "localhost,127.0.0.1,::1"


@pytest.mark.parametrize("url", ["http://127.0.0.1:4566", "http://localhost:5000", "https://[::1]:4566"])
def test_loopback_endpoint_is_used(tmp_path: Path, url: str) -> None:
    assert hermetic(tmp_path, url)["AWS_ENDPOINT_URL"] == url


@pytest.mark.parametrize(
    "url",
    [
        "https://sts.amazonaws.com",
        "http://192.0.2.1",
        "http://127.0.0.1@192.0.2.1/",
        "http://localhost.example.com",
        "http://0.0.0.0:80",
        "ftp://127.0.0.1",
        "127.0.0.1:4566",
        "http://[broken",
        "",
    ],
)
def test_any_other_endpoint_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(GateError, match="is not a loopback URL"):
        hermetic(tmp_path, url)


def test_init_may_use_the_users_proxy_and_ca_but_holds_no_aws_key(tmp_path: Path) -> None:
    built = init_environment(USERS, cli_config=tmp_path / "rc", home=tmp_path, tmp=tmp_path, plugin_cache=tmp_path)
    assert (built["HTTPS_PROXY"], built["SSL_CERT_FILE"], built["NO_PROXY"]) == (
        "http://192.0.2.1:3128",
        "/ca.pem",
        "*",
    )
    assert {name for name in built if name.startswith("AWS_")} == {
        "AWS_CONFIG_FILE",
        "AWS_SHARED_CREDENTIALS_FILE",
        "AWS_EC2_METADATA_DISABLED",
    }
    assert not {"TF_TOKEN_app_terraform_io", "TF_CLI_ARGS_plan", "LD_PRELOAD", "TF_WORKSPACE"} & set(built)
    assert built["TF_PLUGIN_CACHE_DIR"] == str(tmp_path)
