"""An online service whose author had nothing but `docs/api/asyncapi.json`: nothing of the hub here.

Reads the document from stdin; arguments: the broker's address, an authority. Says how it went.
"""

import asyncio
import json
import sys
from copy import deepcopy
from typing import Any
from uuid import uuid4

import aio_pika
import jsonschema_rs

SENDER = {
    "key": "alp:000001",
    "name": "Ein Onlinedienst",
    "address": {
        "kind": "building",
        "street": "Musterstraße",
        "house_number": "1",
        "postcode": "00000",
        "town": "Musterstadt",
    },
}
PERSON = {
    "first_name": {"text": "Erika"},
    "family_name": {"text": "Muster"},
    "gender": "w",
    "birth": {"place": "Musterort", "state": "121", "day": {"year": 1990, "month": 5, "day": 17}},
    "marital_status": "LD",
    "nationalities": ["121"],
    "address": SENDER["address"],
}


def an_application(authority: str) -> dict[str, Any]:
    return {
        "type": "submission",
        "id": str(uuid4()),
        "created_at": "2026-11-02T08:15:00Z",
        "application_id": "DIENST-1",
        "authority": authority,
        "sender": SENDER,
        "back_channel": False,
        "details": {
            "service": "employment",
            "application_date": "2026-11-02",
            "person": deepcopy(PERSON),
            "application_reason": "01",
        },
    }


def payload_schema(document: dict[str, Any], message: str) -> dict[str, Any]:
    payload = document["components"]["messages"][message]["payload"]
    return {**payload, "components": document["components"]}


async def main(document: dict[str, Any], url: str, authority: str) -> None:
    submissions, refusals = (document["channels"][name] for name in ("submissions", "refusals"))
    check = jsonschema_rs.validator_for(payload_schema(document, "submission"))
    check_refusal = jsonschema_rs.validator_for(payload_schema(document, "refusal"))
    good, bad = an_application(authority), an_application(authority)
    del bad["details"]["person"]["family_name"]
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel(on_return_raises=True)
        refusing = refusals["bindings"]["amqp"]["exchange"]["name"]
        queue = await channel.declare_queue("service.refusals", exclusive=True)
        for each in (good, bad):
            await queue.bind(refusing, refusals["address"].format(correlation=each["id"]))
        exchange = await channel.get_exchange(
            submissions["bindings"]["amqp"]["exchange"]["name"], ensure=False
        )
        name = document["components"]["messages"]["submission"]
        for each in (good, bad):
            key = submissions["address"].format(service="employment", destination=authority)
            message = aio_pika.Message(
                json.dumps(each).encode(),
                content_type=name["contentType"],
                type=name["bindings"]["amqp"]["messageType"],
                delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
                message_id=str(uuid4()),
                reply_to=refusing,
                correlation_id=each["id"],
            )
            await exchange.publish(message, key, mandatory=True)
        async with asyncio.timeout(60), queue.iterator() as messages:
            refusal = await anext(messages)
            await refusal.ack()
    told = json.loads(refusal.body)
    sys.stdout.write(
        json.dumps(
            {
                "good": good["id"],
                "bad": bad["id"],
                "good_is_valid": check.is_valid(good),
                "bad_is_valid": check.is_valid(bad),
                "refusal": told,
                "refusal_is_valid": check_refusal.is_valid(told),
                "knows_the_hub": any(name.split(".")[0] == "hub" for name in sys.modules),
            }
        )
    )


if __name__ == "__main__":
    asyncio.run(main(json.load(sys.stdin), *sys.argv[1:]))
