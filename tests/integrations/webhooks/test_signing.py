import base64
import datetime as dt

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from integrations.webhooks.signing import (
    generate_secret,
    sign,
    signature_headers,
    signing_key,
)

# The published figures, with the libraries of the specification they come from.
VECTORS = [
    pytest.param(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        id="libraries/python/tests/test_webhooks.py::test_sign_function",
    ),
    pytest.param(
        "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
        "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
        1649367553,
        b'{"email":"test@example.com","username":"test_user"}',
        "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=",
        id="libraries/rust/src/lib.rs::test_sign",
    ),
]


@pytest.mark.parametrize(("secret", "message_id", "timestamp", "body", "sig"), VECTORS)
def test_signs_as_the_specification_published(secret, message_id, timestamp, body, sig):
    key = signing_key(secret)

    assert sign(key, message_id=message_id, timestamp=timestamp, body=body) == sig


def test_a_secret_is_32_random_bytes():
    first, second = generate_secret(), generate_secret()

    assert first != second
    assert first.startswith("whsec_")
    assert len(base64.b64decode(first.removeprefix("whsec_"))) == 32


def signed(secret: str, body: bytes, age_seconds: int = 0) -> dict[str, str]:
    timestamp = int(dt.datetime.now(dt.UTC).timestamp()) - age_seconds
    lines = signature_headers(
        signing_key(secret), message_id="evt_1", timestamp=timestamp, body=body
    )
    return dict(line.split(": ", 1) for line in lines)


def test_the_library_of_the_specification_accepts_what_we_sign():
    secret = generate_secret()
    body = '{"name":"Ünal"}'.encode()

    assert Webhook(secret).verify(body, signed(secret, body)) == {"name": "Ünal"}


@pytest.mark.parametrize(
    ("body", "age_seconds"),
    [(b'{"changed":1}', 0), (b"{}", 301), (b"{}", -301)],
    ids=["another body", "too old", "from the future"],
)
def test_the_library_refuses_what_is_not_as_we_signed_it(body, age_seconds):
    secret = generate_secret()
    headers = signed(secret, b"{}", age_seconds)

    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body, headers)


@pytest.mark.parametrize("secret", ["", "MfKQ9r8G", "whsec_not*base64"])
def test_refuses_what_is_no_secret(secret):
    with pytest.raises(ValueError, match="signing secret"):
        signing_key(secret)
