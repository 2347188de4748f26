"""How those who are not asynchronous deliver: one pool of connections for all threads."""

from typing import Final

import urllib3

from bench.contestants.pipeline import XML_TYPE, translate
from bench.contestants.place import AT_ONCE, SYSTEM_URL
from hub.model.downward import Submission

__all__ = ["deliver_now"]

_POOL: Final = urllib3.PoolManager(maxsize=AT_ONCE, block=True, retries=False)


def deliver_now(submission: Submission) -> None:
    """Translate, validate, deliver.

    Raises:
        RuntimeError: the system did not accept it.
    """
    for uuid, xml in translate(submission):
        headers = {"Idempotency-Key": uuid, "Content-Type": XML_TYPE}
        url = f"{SYSTEM_URL}/{submission.authority}"
        answer = _POOL.request("POST", url, body=xml, headers=headers)
        if answer.status >= 300:
            raise RuntimeError(f"the system answered {answer.status}")
