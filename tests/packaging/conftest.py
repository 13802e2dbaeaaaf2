"""Built distributions and fresh environments to install them into; both need the package index."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import uv

REPOSITORY = Path(__file__).parents[2]
UV = uv.find_uv_bin()

BUCKET = 'resource "aws_s3_bucket" "open" {\n  bucket = "open"\n  acl    = "public-read"\n}\n'
# Prints the version of the private python-hcl2 and a position that Checkov's fork does not know.
PARSE = (
    "from pathlib import Path; from companion_gate._vendor import hcl2; from companion_gate.hcl.locate import locate; "
    "print(hcl2.__version__, locate(Path('stack'), 'aws_s3_bucket', 'open', 'acl'))"
)


def run(*command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Runs a command as a user would: no Python settings of the test process reach it."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=cwd, env=environment, stdout=pipe, stderr=pipe, text=True, start_new_session=True
    ) as process:
        try:
            stdout, stderr = process.communicate(timeout=180)
        except subprocess.TimeoutExpired:
            # Checkov starts workers, which would outlive it.
            os.killpg(process.pid, signal.SIGKILL)
            raise
    return subprocess.CompletedProcess(command, process.returncode, stdout, stderr)


def succeed(*command: str, cwd: Path) -> None:
    """Runs what needs the package index; fails the test with one sentence if it does not succeed."""
    finished = run(*command, cwd=cwd)
    if finished.returncode:
        program, *arguments = command
        output = "\n".join((finished.stderr or finished.stdout).strip().splitlines()[-15:])
        pytest.fail(
            f"`{Path(program).name} {' '.join(arguments)}` failed; these tests need the package index, "
            f"so see that it can be reached. It said:\n{output}",
            pytrace=False,
        )


@dataclass(frozen=True)
class Built:
    """The distributions of this checkout."""

    wheel: Path
    sdist: Path


@dataclass(frozen=True)
class Environment:
    """A virtual environment; beside it the folder ``stack`` with an S3 bucket that is open to the world."""

    folder: Path

    @property
    def python(self) -> str:
        return str(self.folder / "env" / "bin" / "python")

    @property
    def packages(self) -> Path:
        """The site-packages folder."""
        return next((self.folder / "env" / "lib").glob("python*/site-packages"))

    def install(self, installer: str, *requirements: str) -> None:
        """Installs with ``uv`` or with ``pip``."""
        if installer == "uv":
            succeed(UV, "pip", "install", "--quiet", "--python", self.python, *requirements, cwd=self.folder)
        else:
            succeed(self.python, "-m", "pip", "install", "--quiet", *requirements, cwd=self.folder)

    def uninstall(self, *names: str) -> None:
        """Uninstalls packages."""
        succeed(UV, "pip", "uninstall", "--quiet", "--python", self.python, *names, cwd=self.folder)

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Runs one of the environment's programs."""
        return run(str(self.folder / "env" / "bin" / command[0]), *command[1:], cwd=self.folder)

    def assert_ours_parses(self) -> None:
        """The gate reads HCL with its own python-hcl2, with positions."""
        finished = self.run("python", "-c", PARSE)
        assert (finished.stdout, finished.stderr) == ('8.1.4 stack/main.tf:3: acl    = "public-read"\n', "")


@pytest.fixture(scope="session")
def build() -> Callable[..., None]:
    """``build(source, target, "--wheel")``: builds with uv in an isolated environment."""

    def build_from(source: Path, target: Path, *options: str) -> None:
        succeed(
            *(UV, "build", "--quiet", "--python", sys.executable, *options, "--out-dir", str(target), "."), cwd=source
        )

    return build_from


@pytest.fixture(scope="session")
def built(build: Callable[..., None], tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The sdist, and the wheel that is built from it."""
    folder = tmp_path_factory.mktemp("dist")
    build(REPOSITORY, folder)
    return Built(next(folder.glob("*.whl")), next(folder.glob("*.tar.gz")))


@pytest.fixture(scope="session")
def unpacked(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A source folder with just what the sdist holds."""
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(built.sdist) as archive:
        archive.extractall(folder, filter="data")
    return next(folder.iterdir())


@pytest.fixture(scope="session")
def new_environment(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Environment]:
    """Makes fresh environments that hold pip and nothing else (uv's ``--seed`` adds packages that disagree)."""

    def make() -> Environment:
        folder = tmp_path_factory.mktemp("environment")
        (folder / "stack").mkdir()
        (folder / "stack" / "main.tf").write_text(BUCKET)
        succeed(UV, "venv", "--quiet", "--python", sys.executable, "env", cwd=folder)
        environment = Environment(folder)
        environment.install("uv", "pip")
        return environment

    return make
