"""What an import tells the person whose file can not be used."""

from django.core.exceptions import ValidationError


class UnusableFileError(ValidationError):
    """The file as a whole can not be read; the message says what to do about it."""
