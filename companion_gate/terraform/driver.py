"""tftest's API, mended where it is unfit for a gate."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import tftest

from companion_gate.errors import GateError
from companion_gate.terraform.configuration import declared_variables
from companion_gate.terraform.diagnostics import (
    VALUES_FILE,
    Diagnostic,
    TerraformFailed,
    in_order,
    json_lines,
    read_diagnostics,
)
from companion_gate.terraform.process import Completed, Processes
from companion_gate.terraform.redaction import Redaction

# Made to report in JSON, so that their failures are typed; tftest's callers get the messages as text.
_JSON_COMMANDS = frozenset({"init", "apply", "destroy", "refresh"})
_KEPT_IF_FOUND = (".terraform.lock.hcl", "terraform.tfstate")


class Terraform(tftest.TerraformTest):  # type: ignore[misc]  # tftest is untyped
    """Runs Terraform in one folder, in exactly the environment it is given.

    `init_envs` are tried in order by `init`: the next one only when a provider cannot be had with the one before.
    `original` maps a file of `tfdir` to the user's file, for messages; `timeout` is in seconds per command.
    Differences from tftest: every failure raises TerraformFailed (a TerraformTestError), nothing is cached or logged,
    plan files and variable values lie in a private folder for the length of one call, and a lock file or state that
    was there before is kept.
    """

    def __init__(
        self,
        tfdir: str | os.PathLike[str],
        *,
        binary: str | os.PathLike[str],
        env: Mapping[str, str],
        init_envs: Sequence[Mapping[str, str]] = (),
        original: Callable[[Path], Path] = lambda path: path,
        processes: Processes | None = None,
        timeout: float | None = None,
    ) -> None:
        folder = Path(tfdir).absolute()
        # Without a cache folder tftest would look for its caller's file on the stack.
        super().__init__(str(folder), binary=str(binary), env={}, enable_cache=False, cache_dir=folder / ".terraform")
        self.env = dict(env)
        self.init_env_used = 0
        self.hooks: list[dict[str, Any]] = []
        """What the last apply or destroy did to each resource, as Terraform's machine-readable UI reports it."""
        self._folder = folder
        self._init_envs = [dict(each) for each in init_envs] or [self.env]
        self._original = original
        self._processes = processes or Processes()
        self._timeout = timeout
        self._variables: Mapping[str, Any] = {}

    def setup(self, *, disable_prevent_destroy: bool = False, cleanup_on_exit: bool = True, **kw: Any) -> str:
        """As tftest's, but it refuses to rewrite source files and keeps a lock file and a state it did not make."""
        if disable_prevent_destroy:
            raise GateError(
                "disable_prevent_destroy would rewrite the module's source files; put an override file with "
                "prevent_destroy = false into a copied workspace instead"
            )
        made = [name for name in _KEPT_IF_FOUND if not (self._folder / name).exists()] if cleanup_on_exit else []
        output = super().setup(cleanup_on_exit=False, **kw)
        if cleanup_on_exit:
            self._made = weakref.finalize(self, _remove, self._folder, made)
        return str(output)

    def plan(
        self,
        *,
        output: bool = False,
        tf_vars: Mapping[str, Any] | None = None,
        tf_var_file: str | Sequence[str] | None = None,
        **kw: Any,
    ) -> Any:
        """As tftest's: the text of the plan, or with `output` a TerraformPlanOutput."""
        if output:
            with self.planned(tf_vars, tf_var_file, **kw) as (plan_json, _):
                return self._plan_formatter(plan_json)
        with self._variable_file(tf_vars, tf_var_file) as files:
            return super().plan(tf_var_file=files, **kw)

    @contextmanager
    def planned(
        self, tf_vars: Mapping[str, Any] | None = None, tf_var_file: str | Sequence[str] | None = None, **kw: Any
    ) -> Iterator[tuple[str, list[Diagnostic]]]:
        """Plan, and give the text of `show -json` with the warnings; the plan file is gone when the block begins."""
        flags = {"input": False, "color": False, **kw}
        with self._variable_file(tf_vars, tf_var_file) as files, self._private_folder() as private:
            plan_file = str(private / "plan")
            arguments = tftest.parse_args(tf_var_file=files, json_format=True, **flags)
            result = self._checked("plan", [*(str(argument) for argument in arguments), f"-out={plan_file}"])
            shown = self._checked("show", ["-no-color", "-json", plan_file])
        yield shown.stdout, self.diagnostics(result.stdout)

    def apply(
        self, *, tf_vars: Mapping[str, Any] | None = None, tf_var_file: str | Sequence[str] | None = None, **kw: Any
    ) -> str:
        """As tftest's."""
        with self._variable_file(tf_vars, tf_var_file) as files:
            return str(super().apply(tf_var_file=files, **kw))

    def destroy(
        self, *, tf_vars: Mapping[str, Any] | None = None, tf_var_file: str | Sequence[str] | None = None, **kw: Any
    ) -> str:
        """As tftest's."""
        with self._variable_file(tf_vars, tf_var_file) as files:
            return str(super().destroy(tf_var_file=files, **kw))

    def refresh(
        self, *, tf_vars: Mapping[str, Any] | None = None, tf_var_file: str | Sequence[str] | None = None, **kw: Any
    ) -> str:
        """As tftest's."""
        with self._variable_file(tf_vars, tf_var_file) as files:
            return str(super().refresh(tf_var_file=files, **kw))

    def output(self, name: str | None = None, *, json_format: bool = True, **kw: Any) -> Any:
        """All outputs as tftest's dict, or the value of the one named; text without `json_format`."""
        flags = tftest.parse_args(json_format=json_format, **{"color": False, **kw})
        # Terraform wants the name behind the flags; tftest puts it before them.
        text = self.execute_command("output", *flags, *([name] if name else [])).out
        if not json_format:
            return text
        return json.loads(text) if name else self._output_formatter(text)

    def execute_command(self, cmd: str, *cmd_args: object) -> Any:
        """Run one command; TerraformFailed for any exit code but 0 (and 2 where -detailed-exitcode is asked)."""
        arguments = [str(argument) for argument in cmd_args]
        typed = cmd in _JSON_COMMANDS and "-json" not in arguments
        result = self._checked(cmd, ["-json", *arguments] if typed else arguments)
        events = list(json_lines(result.stdout)) if typed else []
        self.hooks = [event for event in events if "hook" in event]
        text = "".join(f"{event.get('@message', '')}\n" for event in events) if typed else None
        return tftest.TerraformCommandOutput(result.returncode, result.stdout if text is None else text, result.stderr)

    def diagnostics(self, stdout: str) -> list[Diagnostic]:
        """The diagnostics of a -json command's output, in terms of the user's files, without secrets."""
        redact = Redaction(self._folder, self.env, self._variables)
        return read_diagnostics(stdout, cwd=self._folder, original=self._original, redact=redact)

    def _checked(self, command: str, arguments: Sequence[str]) -> Completed:
        environments = self._init_envs if command == "init" else [self.env]
        failures: list[TerraformFailed] = []
        for position, env in enumerate(environments):
            result = self._processes.run(
                [self.binary, command, *arguments], cwd=self._folder, env=env, timeout=self._timeout
            )
            if result.returncode == 0 or (result.returncode == 2 and "-detailed-exitcode" in arguments):
                self.init_env_used = position if command == "init" else self.init_env_used
                return result
            failures.append(self._failure(command, result))
            if not any(item.provider_missing for item in failures[-1].diagnostics):
                break
        # The first source may have lacked a version and the last be out of reach: both belong into the message.
        causes = [item for failure in failures for item in failure.diagnostics]
        raise failures[-1] if len(failures) == 1 else TerraformFailed(command, failures[-1].returncode, causes)

    def _failure(self, command: str, result: Completed) -> TerraformFailed:
        errors = in_order(item for item in self.diagnostics(result.stdout) if item.severity == "error")
        redact = Redaction(self._folder, self.env, self._variables)
        text = re.sub(r"\x1b\[[0-9;]*m|[╷│╵]", "", result.stderr)
        return TerraformFailed(command, result.returncode, errors, redact(text))

    @contextmanager
    def _variable_file(
        self, tf_vars: Mapping[str, Any] | None, given: str | Sequence[str] | None
    ) -> Iterator[list[str]]:
        """Values as a JSON file: types survive, and no secret stands in the process list."""
        files = [given] if isinstance(given, str) else [str(file) for file in given or ()]
        if not tf_vars:
            yield files
            return
        # Terraform only warns of an undeclared variable in a file, and the value would be lost.
        if unknown := sorted(set(tf_vars) - set(declared_variables(self._folder))):
            place = self._original(self._folder)
            raise GateError(f"{place} declares no variable {', '.join(unknown)}; correct the name or declare it")
        self._variables = tf_vars
        try:
            with self._private_folder() as private:
                file = private / VALUES_FILE
                try:
                    file.write_text(json.dumps(dict(tf_vars)), encoding="utf-8")
                except TypeError as error:
                    raise GateError(
                        f"a Terraform variable cannot be written as JSON: {error}; pass plain data"
                    ) from None
                yield [*files, str(file)]
        finally:
            self._variables = {}

    @contextmanager
    def _private_folder(self) -> Iterator[Path]:
        # mkdtemp gives a folder that only this user can read.
        with tempfile.TemporaryDirectory(prefix="run-", dir=self.env.get("TMPDIR")) as folder:
            yield Path(folder)


def _remove(folder: Path, made: Sequence[str]) -> None:
    shutil.rmtree(folder / ".terraform", ignore_errors=True)
    for name in made:
        (folder / name).unlink(missing_ok=True)
