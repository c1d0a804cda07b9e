"""What the library asks about apps, codes and tokens, with its holes closed."""

from integrations.oauth.validation.validator import Validator

__all__ = ["Validator"]
