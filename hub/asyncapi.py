"""The contract at the broker as an AsyncAPI 3.0 document: for whoever sends to the hub over AMQP.

Everything in it comes from what the hub itself runs on: exchanges from the topology, payloads
from the models that check them. Queues are the hub's own affair, except those a sender makes.
"""

from collections.abc import Iterator, Mapping, Set
from typing import Any, Final, get_args

from pydantic.json_schema import models_json_schema

from hub.broker import REFUSALS, RETURNS, SUBMISSIONS, topology
from hub.model.details import Service
from hub.model.downward import (
    AgreementReply,
    ReceiptConfirmation,
    Reply,
    Submission,
    Withdrawal,
)
from hub.model.record import Record
from hub.model.refused import RefusedMessage
from hub.traceparent import TRACEPARENT, TRACEPARENT_SHAPE

__all__ = ["VERSION", "asyncapi"]

VERSION: Final = "1.0.0"
"""Of the contract, not of the hub: the first number grows when something that was right before
is refused, or when something that was sent before is not."""

_DOWNWARD: Final[Mapping[str, type[Record]]] = {
    "submission": Submission,
    "reply": Reply,
    "withdrawal": Withdrawal,
    "agreement_reply": AgreementReply,
    "receipt_confirmation": ReceiptConfirmation,
}
_SCHEMAS: Final = "#/components/schemas/"
_MESSAGES: Final = "#/components/messages/"


def asyncapi() -> dict[str, Any]:
    """The document, as it goes into `docs/api/asyncapi.json`."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Residence hub at the broker",
            "version": VERSION,
            "description": (
                "Online services send applications and what follows them, and learn of refusals;"
                " systems that speak AMQP bring updates. Publish with confirms, mandatory and"
                " persistent: a message is the hub's once the broker has confirmed it and did not"
                " return it. Sending the same message again, with the same id, changes nothing."
            ),
        },
        "defaultContentType": "application/json",
        "servers": {
            "broker": {
                "host": "{host}",
                "protocol": "amqp",
                "protocolVersion": "0.9.1",
                "description": "RabbitMQ, as the hub's operator tells you: amqps, if not local.",
                "variables": {"host": {"default": "localhost:5672"}},
            }
        },
        "channels": {
            "submissions": _channel(
                SUBMISSIONS,
                "{service}.{destination}",
                "What online services send. Give each message its id as correlation_id: a refusal"
                " names it, however little of the message could be read.",
                tuple(_DOWNWARD),
                {
                    "service": {
                        "description": "The online service; of a message that follows another,"
                        " the one of its case.",
                        "enum": list(get_args(Service)),
                    },
                    "destination": {
                        "description": "Six digits of the authority, or twelve of the place."
                    },
                },
            ),
            "refusals": _channel(
                REFUSALS,
                "{correlation}",
                "What the hub did not take. To receive it, bind a queue of your own to this"
                " exchange with your correlation ids as keys and name the exchange in reply_to,"
                " or name an exchange of your own there.",
                ("refusal",),
                {
                    "correlation": {
                        "description": "The correlation_id of what was sent; without one its id,"
                        " or its message_id if it was refused before the hub had taken it in."
                        " The property correlation_id of the refusal is the same."
                    }
                },
            ),
            "returns": _channel(
                RETURNS,
                "{adapter}.{authority}",
                "What systems have to say to applicants.",
                ("update",),
                {
                    "adapter": {"description": "As routing.yaml names it."},
                    "authority": {"description": "Six digits of the authority that speaks."},
                },
            ),
        },
        "operations": {
            "takeSubmission": _operation(
                "receive", "submissions", "The hub takes what an online service sends."
            ),
            "tellOfRefusal": _operation(
                "send", "refusals", "The hub tells the sender that it did not take a message."
            ),
            "takeUpdate": _operation(
                "receive", "returns", "The hub takes what an authority's system sends."
            ),
        },
        "components": {
            "messages": _messages(),
            "schemas": _schemas(),
        },
    }


def _channel(
    exchange: str,
    key: str,
    description: str,
    messages: tuple[str, ...],
    parameters: Mapping[str, Any],
) -> dict[str, Any]:
    declared = {each.name: each for each in topology((), ()).exchanges}[exchange]
    binding = {
        "is": "routingKey",
        "exchange": {
            "name": exchange,
            "type": declared.type,
            "durable": True,
            "autoDelete": False,
            "vhost": "/",
        },
        "bindingVersion": "0.3.0",
    }
    return {
        "address": key,
        "description": description,
        "parameters": dict(parameters),
        "messages": {name: {"$ref": f"{_MESSAGES}{name}"} for name in messages},
        "bindings": {"amqp": binding},
    }


def _operation(action: str, channel: str, summary: str) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "summary": summary,
        "bindings": {"amqp": {"deliveryMode": 2, "mandatory": True, "bindingVersion": "0.3.0"}},
    }


def _messages() -> dict[str, Any]:
    update = {
        **_message("update", "One XML message of the vendor's format, in UTF-8."),
        "contentType": "application/xml",
        "payload": {"type": "string", "description": "Proven against the XSD of its adapter."},
        "headers": {
            "type": "object",
            "required": ["authority"],
            "properties": {
                **_headers()["properties"],
                "authority": {
                    "type": "string",
                    "pattern": "^[0-9]{6}$",
                    "description": "Who speaks; user_id must be the system's own at the broker.",
                },
            },
        },
    }
    return {
        **{name: _record(name, model) for name, model in _DOWNWARD.items()},
        "refusal": _record("refusal", RefusedMessage),
        "update": update,
    }


def _record(name: str, model: type[Record]) -> dict[str, Any]:
    summary = (model.__doc__ or "").strip().partition("\n")[0]
    payload = {"$ref": f"{_SCHEMAS}{model.__name__}"}
    return {**_message(name, summary), "headers": _headers(), "payload": payload}


def _message(name: str, summary: str) -> dict[str, Any]:
    return {
        "name": name,
        "summary": summary,
        "contentType": "application/json",
        "bindings": {"amqp": {"messageType": name, "bindingVersion": "0.3.0"}},
    }


def _headers() -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            TRACEPARENT: {
                "type": "string",
                "pattern": f"^{TRACEPARENT_SHAPE.pattern}$",
                "description": "W3C Trace Context, if you trace.",
            }
        },
    }


def _schemas() -> dict[str, Any]:
    """Every payload, and what it consists of, by the name of its model."""
    models: list[type[Record]] = [*_DOWNWARD.values(), RefusedMessage]
    _, schemas = models_json_schema(
        [(model, "validation") for model in models], ref_template=_SCHEMAS + "{model}"
    )
    definitions: dict[str, Any] = schemas["$defs"]
    telling = {"type", *_telling(definitions)}  # by its type INTAKE knows what a message is
    return {name: _as_sent(each, telling) for name, each in definitions.items()}


def _telling(schema: Any) -> Iterator[str]:
    """The fields by which kinds are told apart."""
    match schema:
        case {"discriminator": {"propertyName": str(name)}, **rest}:
            yield name
            yield from _telling(rest)
        case dict():
            for each in schema.values():
                yield from _telling(each)
        case list():
            for each in schema:
                yield from _telling(each)


def _as_sent(schema: Any, telling: Set[str]) -> Any:
    """The schema without OpenAPI's discriminator, and with what it discriminates by required.

    pydantic says that only there. A keyword of that name means something else in AsyncAPI.
    """
    match schema:
        case dict():
            kept = {
                key: _as_sent(each, telling)
                for key, each in schema.items()
                if key != "discriminator"
            }
            fixed = [
                name
                for name, each in schema.get("properties", {}).items()
                if name in telling and "const" in each
            ]
            if fixed:
                kept["required"] = sorted({*schema.get("required", ()), *fixed})
            return kept
        case list():
            return [_as_sent(each, telling) for each in schema]
    return schema
