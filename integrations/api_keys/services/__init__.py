from integrations.api_keys.services.changing import (
    adopt_key,
    delete_key,
    disable_key,
    enable_key,
    freeze_keys_by_password,
    freeze_keys_of,
    revoke_key,
    update_key,
)
from integrations.api_keys.services.making import CreatedKey, create_key, rotate_key
from integrations.api_keys.services.rules import longest_end, set_policy

__all__ = [
    "CreatedKey",
    "adopt_key",
    "create_key",
    "delete_key",
    "disable_key",
    "enable_key",
    "freeze_keys_by_password",
    "freeze_keys_of",
    "longest_end",
    "revoke_key",
    "rotate_key",
    "set_policy",
    "update_key",
]
