"""What would run code or leave this machine, found before Terraform starts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from companion_gate.errors import GateError
from companion_gate.hcl.syntax import Block, Value, shown
from companion_gate.terraform.configuration import attribute_value, literal, local_source, module_blocks, module_closure
from companion_gate.terraform.environment import is_loopback
from companion_gate.terraform.workspace import Workspace

ALLOWED_PROVIDERS = frozenset({"registry.terraform.io/hashicorp/aws", "terraform.io/builtin/terraform"})
_MAKES_OBJECTS = ("resource", "data", "ephemeral")
_URL_ARGUMENTS = frozenset({"http_proxy", "https_proxy", "ec2_metadata_service_endpoint"})
_ACCOUNT_ARGUMENTS = frozenset(
    {
        "profile",
        "access_key",
        "secret_key",
        "token",
        "shared_config_files",
        "shared_credentials_file",
        "shared_credentials_files",
        "custom_ca_bundle",
        "no_proxy",
    }
)
_ACCOUNT_BLOCKS = frozenset({"assume_role", "assume_role_with_web_identity"})


@dataclass(frozen=True)
class Unsafe:
    """One construct; `line` counts from 1."""

    file: Path
    line: int
    what: str
    cure: str
    provider: str = ""
    """Full source address of the provider that it is about, if it is about one."""

    def __str__(self) -> str:
        return f"{shown(self.file)}:{self.line}: {self.what}; {self.cure}"


def safe(workspace: Workspace, providers: Iterable[str] = ()) -> Workspace:
    """The same workspace. Raises GateError for whatever would run code or leave the machine, before Terraform can.

    ``providers`` are the sources that the team has allowed beside hashicorp/aws.
    """
    unsafe = unsafe_constructs(workspace.root, providers)
    found = [replace(each, file=workspace.original(each.file)) for each in unsafe]
    if found:
        raise GateError("Terraform was not started:\n" + "\n".join(map(str, found)))
    return workspace


def unsafe_constructs(root: Path, providers: Iterable[str] = ()) -> list[Unsafe]:
    """Every unsafe construct of the root and of the modules it calls by local paths, in order of file and line.

    Raises GateError for what cannot be read: an unparsable file, JSON configuration, a missing module folder.
    """
    allowed = {_full_source(each) for each in providers}
    found = [unsafe for folder in module_closure(root) for unsafe in _in_module(module_blocks(folder))]
    refused = {unsafe for unsafe in found if unsafe.provider not in allowed}
    return sorted(refused, key=lambda unsafe: (str(unsafe.file), unsafe.line, unsafe.what))


def _in_module(blocks: tuple[Block, ...]) -> Iterator[Unsafe]:
    sources = _required_providers(blocks)
    for block in (inner for outer in blocks for inner in _with_checks(outer)):
        if block.kind in _MAKES_OBJECTS:
            yield from _object(block, sources)
        elif block.kind == "module":
            yield from _module_call(block)
        elif block.kind == "provider":
            yield from _provider(block, sources)
        elif block.kind == "terraform":
            yield from _requirements(block)


def _with_checks(block: Block) -> Iterable[Block]:
    """A block itself, or the scoped data sources of a `check` block."""
    return block.blocks if block.kind == "check" else (block,)


def _object(block: Block, sources: dict[str, str]) -> Iterator[Unsafe]:
    address = f"{block.type}.{block.name}" if block.kind == "resource" else f"{block.kind}.{block.type}.{block.name}"
    yield from _provisioners(block, address)
    if block.kind == "data" and block.type == "external":
        yield _at(block, f"{address} runs a program of its choice", "pass its result in as a variable")
    elif block.kind == "data" and block.type == "http":
        yield _at(block, f"{address} calls a web address", "pass its result in as a variable")
    elif block.kind == "data" and block.type == "terraform_remote_state":
        yield from _remote_state(block, address)
    else:
        named = attribute_value(block, "provider")
        local_name = named.text.strip('"').split(".")[0] if named else block.type.split("_")[0]
        yield from _not_allowed(block, local_name, sources, f"{address} needs")


def _provisioners(block: Block, address: str) -> Iterator[Unsafe]:
    for inner in block.blocks:
        if inner.kind == "provisioner":
            yield _at(
                inner,
                f'{address} has a "{inner.type}" provisioner, which runs commands',
                "do that step outside of Terraform",
            )


def _remote_state(block: Block, address: str) -> Iterator[Unsafe]:
    if literal(attribute_value(block, "backend")) != "local":
        yield _at(block, f"{address} reads a state outside this machine", "pass the values in as variables")


def _module_call(block: Block) -> Iterator[Unsafe]:
    if local_source(block) is None:
        source = attribute_value(block, "source")
        written = source.text if source else "no source"
        yield _at(
            block,
            f'module "{block.name}" is not local ({written})',
            'vendor it into the repository and name it by a path that begins with "./" or "../"',
        )


def _provider(block: Block, sources: dict[str, str]) -> Iterator[Unsafe]:
    yield from _not_allowed(block, block.type, sources, f'provider "{block.type}" is')
    for attribute in block.attributes:
        name, value = attribute.name, attribute.value
        if value.text == "null":
            continue
        if name in _ACCOUNT_ARGUMENTS:
            yield _in(
                block,
                attribute.line,
                f'provider "{block.type}" sets {name}',
                "remove it and give it to Terraform from outside, as an AWS_ environment variable",
            )
        elif name in _URL_ARGUMENTS:
            yield from _off_loopback(block, name, value)
    for inner in block.blocks:
        # A dynamic block has the kind of what it makes as its label.
        kind, bodies = (inner.type, inner.blocks) if inner.kind == "dynamic" else (inner.kind, (inner,))
        if kind == "endpoints":
            for endpoint in (attribute for body in bodies for attribute in body.attributes):
                yield from _off_loopback(block, f"endpoints.{endpoint.name}", endpoint.value)
        elif kind in _ACCOUNT_BLOCKS:
            yield _in(
                block,
                inner.line,
                f'provider "{block.type}" sets {kind}',
                "remove it and let the environment of the deployment assume the role",
            )


def _off_loopback(block: Block, name: str, value: Value) -> Iterator[Unsafe]:
    url = literal(value)
    if url == "" or (url is not None and is_loopback(url)):
        return
    what = "is known only when Terraform runs" if url is None else f"is {url!r}, off this machine"
    yield _in(
        block,
        value.line,
        f'{name} of provider "{block.type}" {what}',
        "remove it; the gate sets the endpoint itself, through AWS_ENDPOINT_URL",
    )


def _required_providers(blocks: tuple[Block, ...]) -> dict[str, str]:
    """Full source addresses by local name; what names no source is hashicorp's (Terraform docs: "Provider
    Requirements")."""
    sources = {"terraform": "terraform.io/builtin/terraform"}
    for block in blocks:
        for required in (inner for inner in block.blocks if block.kind == "terraform"):
            for attribute in required.attributes if required.kind == "required_providers" else ():
                written = next((member.value for member in attribute.value.members if member.name == "source"), None)
                if written is not None:
                    sources[attribute.name] = _full_source(literal(written) or written.text)
    return sources


def _full_source(source: str) -> str:
    parts = source.lower().split("/")
    return "/".join(("registry.terraform.io", "hashicorp", parts[-1])[: 3 - len(parts)] + tuple(parts))


def _requirements(block: Block) -> Iterator[Unsafe]:
    sources = _required_providers((block,))
    for required in block.blocks:
        for attribute in required.attributes if required.kind == "required_providers" else ():
            for unsafe in _not_allowed(block, attribute.name, sources, "required_providers names"):
                yield replace(unsafe, line=attribute.line)


def _not_allowed(block: Block, local_name: str, sources: dict[str, str], subject: str) -> Iterator[Unsafe]:
    source = sources.get(local_name) or _full_source(local_name)
    if source not in ALLOWED_PROVIDERS:
        yield replace(
            _at(
                block,
                f"{subject} provider {source}, a program the gate does not know",
                "use hashicorp/aws only, and pass other values in as variables, or allow it with --gate-provider",
            ),
            provider=source,
        )


def _at(block: Block, what: str, cure: str) -> Unsafe:
    return _in(block, block.line, what, cure)


def _in(block: Block, line: int, what: str, cure: str) -> Unsafe:
    return Unsafe(block.file, line, what, cure)
