"""Where a weakening applies: the paths of a resource that its selectors mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from aic_engine.graph import Resource
from aic_engine.values import Known
from aic_engine.weakening import Weakening

_SELECTOR = re.compile(r"\[(?:\*|(\w+)=([^\]]+))\]")
_KEYS = re.compile(r"\[[^\]]*\]")


def applies_to(weakening: Weakening, resource: Resource) -> bool:
    address = resource.address
    return resource.type == weakening.type and (
        not weakening.only
        or re.search(weakening.only, address) is not None
        or re.search(weakening.only, _KEYS.sub("", address)) is not None
    )


def places(path: str, count: Callable[[str], int], resource: Resource) -> Iterator[str]:
    """``filters_config[type=SEXUAL].action`` -> ``filters_config[0].action``, as far as there are such blocks."""
    match = _SELECTOR.search(path)
    if match is None:
        yield path
        return
    name, rest = path[: match.start()], path[match.end() :]
    for at in range(count(name)):
        block = f"{name}[{at}]"
        if match.group(1) and resource.get(f"{block}.{match.group(1)}") != Known(match.group(2)):
            continue
        yield from places(f"{block}{rest}", count, resource)
