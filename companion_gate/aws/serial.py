"""One request after the other, for the services whose state in moto does not bear two at once.

moto's DynamoDB copies the tables of a transaction and puts the copies back when it fails, and its SQS builds the list
of a queue's messages anew for each deletion: what another thread wrote meanwhile is lost.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from threading import RLock

from companion_gate.aws.calls import Operation

# Of the process, as moto's state is.
_LOCKS = {"dynamodb": RLock(), "sqs": RLock()}
# It may wait for a message that is still to be sent, so its action takes its turn for each look.
WAITING = Operation("sqs", "ReceiveMessage")


def turn(service: str) -> AbstractContextManager[object]:
    """Wait until no other request of the service is answered."""
    return _LOCKS.get(service) or nullcontext()


def turn_of(operation: Operation) -> AbstractContextManager[object]:
    """As `turn`, for a request as it comes in."""
    return nullcontext() if operation == WAITING else turn(operation.service)
