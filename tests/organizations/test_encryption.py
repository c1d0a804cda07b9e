import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from organizations.encryption import UndecipherableSecret, decrypt, encrypt


def test_what_is_stored_does_not_show_the_secret():
    token = encrypt("whsec_abc")

    assert "whsec" not in token
    assert decrypt(token) == "whsec_abc"


def test_an_old_key_still_decrypts_after_a_new_one_came_first(settings):
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.ENCRYPTION_KEYS = [old]
    token = encrypt("whsec_abc")

    settings.ENCRYPTION_KEYS = [new, old]
    assert decrypt(token) == "whsec_abc"

    settings.ENCRYPTION_KEYS = [new]
    with pytest.raises(UndecipherableSecret):
        decrypt(token)


def test_a_key_that_is_none_is_told(settings):
    settings.ENCRYPTION_KEYS = ["too short"]

    with pytest.raises(ImproperlyConfigured, match="Fernet keys"):
        encrypt("whsec_abc")
