"""Which resource an argument names: by reference where it can be followed, by name where it is written out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from aic_engine.graph import Graph, Resource
from aic_engine.iam import IDENTITY_POLICIES, Statement, policies_of, statements
from aic_engine.values import Known, Unknown, Value

_NAMES = ("arn", "id", "url", "name", "function_name", "invoke_arn", "stream_arn", "domain_name", "endpoint_name")
"""Attributes by which AWS arguments name another resource."""


HARMLESS = (
    "AWSXRayDaemonWriteAccess",
    "CloudWatchLambdaInsightsExecutionRolePolicy",
    "service-role/AWSLambdaBasicExecutionRole",
    "service-role/AWSLambdaDynamoDBExecutionRole",
    "service-role/AWSLambdaSQSQueueExecutionRole",
    "service-role/AWSLambdaVPCAccessExecutionRole",
)
"""AWS managed policies that allow logs, traces and reading from event sources only (AWS docs: AWS managed policy
reference). What any other policy allows that is not part of the configuration is not known."""


@dataclass(frozen=True)
class Link:
    """The resource that an argument names; ``None`` and not ``doubtful``: it is not part of this configuration."""

    resource: Resource | None
    doubtful: bool = False


def link(resource: Resource, path: str, graph: Graph, *types: str) -> Link:
    """The resource of ``types`` that the argument at ``path`` names."""
    return graph.once(("link", id(resource), path, types), lambda: _link(resource, path, graph, *types))


def _link(resource: Resource, path: str, graph: Graph, *types: str) -> Link:
    value = resource.get(path)
    target = graph.target(value)
    if target is None and isinstance(value, Unknown) and value.gaps:
        found = [each for gap in value.gaps if (each := graph.target(gap)) is not None and each.resource.type in types]
        target = found[0] if len(found) == 1 else None
    if target is not None:
        mine = target.resource.type in types
        return Link(target.resource if mine else None)
    if isinstance(value, Known):
        named = graph.once(("names", id(graph.root_of(resource)), types), lambda: _by_name(resource, graph, types))
        if isinstance(value.value, str) and value.value in named:
            return Link(named[value.value])
    if isinstance(value, Unknown) and (value.conditional or any(gap.conditional for gap in value.gaps)):
        return Link(None, doubtful=True)
    resolution = graph.references(resource, path)
    candidates = {found.resource for found in resolution.found if found.resource.type in types}
    if len(candidates) == 1:
        return Link(candidates.pop())
    return Link(None, doubtful=bool(candidates) or isinstance(value, Unknown))


def _by_name(resource: Resource, graph: Graph, types: tuple[str, ...]) -> dict[str, Resource]:
    """The resources of ``types`` in the same root by whatever AWS arguments may call them."""
    found: dict[str, Resource] = {}
    for other in graph.beside(resource, *types):
        for name in _NAMES:
            value = other.get(name)
            if isinstance(value, Known) and isinstance(value.value, str):
                found.setdefault(value.value, other)
    return found


def pointing_at(resource: Resource, graph: Graph, type_: str, path: str) -> tuple[list[Resource], list[Resource]]:
    """The resources of a type whose argument at ``path`` names ``resource``, and those that may."""
    key = ("pointing", id(graph.root_of(resource)), type_, path, resource.type)
    named, doubtful = graph.once(key, lambda: _pointing(resource, graph, type_, path))
    found = named.get(id(resource), [])
    sure = [other for other in found if other.exists is True]
    return sure, [*(other for other in found if other.exists is not True), *doubtful]


def _pointing(
    resource: Resource, graph: Graph, type_: str, path: str
) -> tuple[dict[int, list[Resource]], list[Resource]]:
    named: dict[int, list[Resource]] = {}
    doubtful: list[Resource] = []
    for other in graph.beside(resource, type_):
        if other.exists is False:
            continue
        found = link(other, path, graph, resource.type)
        if found.resource is not None:
            named.setdefault(id(found.resource), []).append(other)
        elif found.doubtful:
            doubtful.append(other)
    return named, doubtful


def role_statements(role: Resource, graph: Graph) -> tuple[list[Statement], list[str]]:
    """All statements of a role's inline and attached policies, and what could not be read."""
    return graph.once(("role", id(role)), lambda: _role_statements(role, graph))


def _role_statements(role: Resource, graph: Graph) -> tuple[list[Statement], list[str]]:
    found: list[Statement] = []
    doubts: list[str] = []
    for policy, path in _policies(role, graph, doubts):
        read = statements(policy.get(path))
        if isinstance(read, Unknown):
            doubts.append(f"{policy.address}.{path}: {read.reason}")
        else:
            found += read
    return found, doubts


def _policies(role: Resource, graph: Graph, doubts: list[str]) -> Iterator[tuple[Resource, str]]:
    inline = policies_of(role)
    if isinstance(inline, Unknown):
        doubts.append(f"{role.address}.inline_policy: {inline.reason}")
    else:
        yield from ((role, path) for path in inline)
    sure, maybe = pointing_at(role, graph, "aws_iam_role_policy", "role")
    doubts.extend(f"{policy.address}.role cannot be told" for policy in maybe)
    yield from ((policy, IDENTITY_POLICIES[policy.type]) for policy in sure)
    for attachment, path in _attachments(role, graph, doubts):
        attached = link(attachment, path, graph, "aws_iam_policy")
        if attached.resource is not None:
            yield attached.resource, "policy"
        elif not _is_harmless(attachment.get(path)):
            doubts.append(f"what {attachment.address}.{path} attaches is not part of this configuration")


def _attachments(role: Resource, graph: Graph, doubts: list[str]) -> Iterator[tuple[Resource, str]]:
    """Where a policy is attached to a role: the resource, and the path of the policy's ARN."""
    sure, maybe = pointing_at(role, graph, "aws_iam_role_policy_attachment", "role")
    doubts.extend(f"{attachment.address}.role cannot be told" for attachment in maybe)
    yield from ((attachment, "policy_arn") for attachment in sure)
    managed = role.get("managed_policy_arns")
    if isinstance(managed, Unknown):
        doubts.append(f"{role.address}.managed_policy_arns: {managed.reason}")
    elif isinstance(managed, Known):
        yield from ((role, f"managed_policy_arns[{at}]") for at in range(len(managed.value)))
    for attachment in graph.beside(role, "aws_iam_policy_attachment"):
        roles = attachment.get("roles")
        named = roles.value if isinstance(roles, Known) else []
        if isinstance(roles, Unknown) or any(isinstance(each, Unknown) for each in named):
            if graph.references(attachment, "roles").to(role):
                yield attachment, "policy_arn"
            elif isinstance(roles, Unknown):
                doubts.append(f"{attachment.address}.roles cannot be told")
        elif role.get("name") in [Known(each) for each in named]:
            yield attachment, "policy_arn"


def _is_harmless(arn: Value) -> bool:
    return isinstance(arn, Known) and str(arn.value).rpartition(":policy/")[2] in HARMLESS
