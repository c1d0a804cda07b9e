"""Secrets of apps."""

from cryptography.fernet import Fernet

from integrations.oauth.client_secrets import generate_secret, is_secret, secret_digest


def test_a_secret_is_known_by_its_digest():
    secret = generate_secret()

    assert is_secret(secret, secret_digest(secret))
    assert not is_secret(generate_secret(), secret_digest(secret))
    assert secret not in secret_digest(secret)


def test_nothing_is_no_secret():
    assert not is_secret("", "")
    assert not is_secret("", secret_digest(""))
    assert not is_secret(generate_secret(), "")


def test_the_digest_survives_a_new_key_as_long_as_the_old_one_is_kept(settings):
    secret = generate_secret()
    old_keys = settings.ENCRYPTION_KEYS
    stored = secret_digest(secret)

    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode(), *old_keys]
    assert is_secret(secret, stored)
    assert secret_digest(secret) != stored

    settings.ENCRYPTION_KEYS = settings.ENCRYPTION_KEYS[:1]
    assert not is_secret(secret, stored)
