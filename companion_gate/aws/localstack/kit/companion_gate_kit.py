"""What LocalStack's own environment holds of ours: it ends with its parent, and needs no download.

Written into that environment beside an entry point for each plugin; LocalStack's plugin interfaces (plux) find them.
"""

from __future__ import annotations

import os
import runpy
import shutil
import sys
import threading

from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin
from localstack.services.lambda_.invocation.runtime_executor import RuntimeExecutor
from localstack.services.plugins import Service, aws_provider


class _NoFunctionRuns(RuntimeExecutor):
    """Functions are stored; LocalStack's executor would download a program and start containers for them."""

    def start(self, env_vars):
        raise RuntimeError("no function runs in this LocalStack: companion-gate starts it without containers")

    def stop(self):
        """There is nothing to stop."""

    def get_address(self):
        return "127.0.0.1"

    def get_endpoint_from_executor(self):
        return "127.0.0.1"

    def get_runtime_endpoint(self):
        return "http://127.0.0.1"

    def invoke(self, payload):
        raise RuntimeError("no function runs in this LocalStack: companion-gate starts it without containers")

    def get_logs(self):
        return ""

    @classmethod
    def prepare_version(cls, function_version):
        """There is nothing to prepare."""

    @classmethod
    def cleanup_version(cls, function_version):
        """There is nothing to clean up."""


class NoFunctionRuns(RuntimeExecutorPlugin):
    """LocalStack's plugin for LAMBDA_RUNTIME_EXECUTOR=none."""

    name = "none"

    def load(self, *args, **kwargs):
        return _NoFunctionRuns


@aws_provider(api="dynamodb", name="moto")
def dynamodb_moto():
    """DynamoDB by the moto inside LocalStack; its own is a download of DynamoDB Local."""
    from localstack.aws.api.dynamodb import DynamodbApi
    from localstack.services.moto import MotoFallbackDispatcher

    class _Provider(DynamodbApi):
        pass

    return Service.for_provider(_Provider(), dispatch_table_factory=MotoFallbackDispatcher)


def _end_with_the_parent():
    sys.stdin.buffer.read()
    # A parent that was killed had no time to remove the folder that it made for this process.
    shutil.rmtree(os.environ["HOME"], ignore_errors=True)
    os._exit(1)


if __name__ == "__main__":
    # The parent holds the other end of this pipe for as long as it lives, however it ends.
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    runpy.run_module("localstack.runtime.main", run_name="__main__")
