"""The life of signing keys: next, current, retired, gone."""

import datetime as dt
import io
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import time_machine
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from organizations.models import SigningKey
from organizations.tasks import forget_expired_sessions, rotate_signing_keys
from organizations.tokens import forget_ring, open_family, published_keys
from organizations.tokens.keys import (
    ensure_keys,
    load_private_key,
    remove_key,
    rotate_keys,
    thumbprint,
)
from organizations.tokens.ring import signing_key
from tests.factories import MembershipFactory
from tests.organizations.logins import REFRESH, call, headers_of, post

pytestmark = pytest.mark.django_db

State = SigningKey.State


def states() -> list[str]:
    return list(SigningKey.objects.values_list("state", flat=True))


def signs() -> str:
    return SigningKey.objects.get(state=State.CURRENT).key_id


def test_an_installation_has_a_key_that_signs_and_one_to_come() -> None:
    assert sorted(states()) == [State.CURRENT, State.NEXT]


def test_the_private_half_is_encrypted_and_the_public_one_says_no_more() -> None:
    for key in SigningKey.objects.all():
        assert "PRIVATE" not in key.private_key
        assert key.key_id == thumbprint(key.public_key)
        assert set(key.public_key) == {"kty", "crv", "x", "y", "kid", "use", "alg"}
        private = load_private_key(key.private_key)
        assert private.curve.name == "secp256r1"


def test_the_thumbprint_is_that_of_the_rfc() -> None:
    # RFC 7638 shows an RSA key; this one is RFC 9449's, section 6.1, an EC key.
    public = {
        "kty": "EC",
        "x": "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",
        "y": "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA",
        "crv": "P-256",
    }

    assert thumbprint(public) == "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"


def test_nothing_is_rotated_before_its_time(settings: Any) -> None:
    before = signs()

    rotation = rotate_keys()

    assert (rotation.signs, rotation.is_new) == (before, False)
    assert sorted(states()) == [State.CURRENT, State.NEXT]


def test_a_key_that_is_old_gives_way_and_its_tokens_go_on(settings: Any) -> None:
    pair = open_family(MembershipFactory())
    old, coming = signs(), SigningKey.objects.get(state=State.NEXT).key_id
    SigningKey.objects.update(created_at=timezone.now() - dt.timedelta(hours=2))
    SigningKey.objects.filter(state=State.CURRENT).update(
        signs_since=timezone.now() - dt.timedelta(days=settings.SIGNING_KEY_DAYS)
    )

    rotate_signing_keys()

    assert signs() == coming
    retired = SigningKey.objects.get(key_id=old)
    assert (retired.state, retired.private_key) == (State.RETIRED, "")
    forget_ring()
    assert {key["kid"] for key in published_keys()} >= {old, coming}
    assert len(published_keys()) == 3
    assert call(pair.access).status_code == 200
    after = post(REFRESH, refresh=pair.refresh).json()
    assert headers_of(after["access"])["kid"] == coming


def test_a_key_that_was_just_published_does_not_sign_yet(settings: Any) -> None:
    SigningKey.objects.filter(state=State.CURRENT).update(
        signs_since=timezone.now() - dt.timedelta(days=400)
    )
    SigningKey.objects.filter(state=State.NEXT).update(created_at=timezone.now())

    assert not rotate_keys().is_new
    assert rotate_keys(is_forced=True).is_new


def test_a_retired_key_is_removed_when_its_last_token_has_expired() -> None:
    old = signs()
    now = timezone.now()
    with time_machine.travel(now, tick=False) as clock:
        pair = open_family(MembershipFactory())
        rotate_keys(is_forced=True)
        clock.shift(dt.timedelta(days=7))
        assert rotate_keys().removed == ()
        clock.shift(dt.timedelta(hours=1))
        assert rotate_keys().removed == (old,)
        forget_expired_sessions()
        assert call(pair.access).status_code == 401


def test_a_removed_key_ends_its_tokens_at_once_though_it_is_remembered() -> None:
    pair = open_family(MembershipFactory())
    assert call(pair.access).status_code == 200
    leaked = signs()

    remove_key(leaked)

    # The ring in this process still knows it; the query of the request does not.
    assert call(pair.access).status_code == 401
    assert post(REFRESH, refresh=pair.refresh).status_code == 401
    assert sorted(states()) == [State.CURRENT, State.NEXT]
    assert signs() != leaked


def test_a_next_key_that_nothing_decrypts_is_made_anew(settings: Any) -> None:
    undecipherable = SigningKey.objects.get(state=State.NEXT).key_id
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]

    rotate_keys(is_forced=True)

    assert not SigningKey.objects.filter(key_id=undecipherable).exists()
    forget_ring()
    assert signing_key()[0] == signs()
    assert call(open_family(MembershipFactory()).access).status_code == 200


@pytest.mark.parametrize("state", [State.NEXT, State.CURRENT])
def test_there_are_no_two_of_a_kind(state: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        SigningKey.objects.create(
            key_id="x", state=state, private_key="x", public_key={}
        )


def test_a_retired_key_keeps_nothing_to_sign_with() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        SigningKey.objects.update(state=State.RETIRED)


@pytest.mark.django_db(transaction=True)
def test_first_keys_are_made_once_though_many_processes_start() -> None:
    SigningKey.objects.all().delete()

    def start(_number: int) -> None:
        try:
            ensure_keys()
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(start, range(6)))

    assert sorted(states()) == [State.CURRENT, State.NEXT]


def run(*arguments: str) -> str:
    output = io.StringIO()
    call_command("rotate_signing_keys", *arguments, stdout=output)
    return output.getvalue()


def test_the_command_says_what_it_has_done() -> None:
    before = signs()
    assert f"{before} goes on signing." in run()

    said = run("--now")

    assert f"{signs()} now signs." in said
    assert f"{before} (verifies what it has signed)" in said
    assert "PRIVATE" not in said


def test_the_command_removes_a_key_that_leaked() -> None:
    leaked = signs()

    assert f"Removed {leaked}; its tokens hold no more." in run("--remove", leaked)

    assert not SigningKey.objects.filter(key_id=leaked).exists()
    with pytest.raises(CommandError, match="There is no key"):
        run("--remove", leaked)
