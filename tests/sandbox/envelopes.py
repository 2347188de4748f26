"""Messages, statuses and envelopes for the simulated ZBP, made by hand."""

import base64
import hashlib
import json
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from joserfc import jwt
from joserfc.jwk import RSAKey

from hub.sandbox.zbp.authors import AuthorFiles

PAGE = b"%PDF-1.7 a page"
Json = dict[str, Any]
Change = Callable[[Json], object]


def a_message(**fields: object) -> Json:
    page = {
        "filename": "1 Gebührenmitteilung.pdf",
        "sha512sum": hashlib.sha512(PAGE).hexdigest(),
        "contentLength": len(PAGE),
    }
    return {
        "stork_qaa_level": 1,
        "mailboxUuid": str(uuid4()),
        "sender": "Behörde",
        "title": "Titel",
        "content": "Text",
        "service": "Dienst",
        "applicationId": str(uuid4()),
        "reference": str(uuid4()),
        "attachments": [page],
        **fields,
    }


def a_state(**fields: object) -> Json:
    return {
        "applicationId": str(uuid4()),
        "status": "PROCESSING",
        "publicServiceName": {"de": "Dienst"},
        "senderName": "Behörde",
        "createdDate": "2026-11-02T12:00:00.000Z",
        "statusDetails": {"de": "Details"},
        "additionalInformation": {"de": "Mehr"},
        "reference": "1",
        **fields,
    }


def claims(**other: object) -> Json:
    now = int(time.time())
    return {"iat": now, "exp": now + 1800, "signer": "Somebody", "roles": ["THIRD_PARTY"], **other}


def an_envelope(
    author: AuthorFiles, content: Json, change: Change | None = None, **token: object
) -> str:
    key = serialization.load_pem_private_key(author.key.read_bytes(), password=None)
    assert isinstance(key, rsa.RSAPrivateKey)
    text = json.dumps(content, ensure_ascii=False)
    signature = key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA512())
    own_key = RSAKey.import_key(author.key.read_bytes().decode())
    envelope = {
        "content": text,
        "sha512sum": base64.b64encode(signature).decode(),
        "authorToken": jwt.encode({"alg": "RS512"}, claims(**token), own_key, algorithms=["RS512"]),
        "authorCertificate": author.certificate.read_text(),
    }
    if change is not None:
        change(envelope)
    return json.dumps(envelope)
