class InvalidToken(Exception):
    """The token is not ours, has expired, or was revoked; we do not say which."""
