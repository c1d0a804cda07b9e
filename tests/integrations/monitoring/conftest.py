from tests.integrations.audit.conftest import no_calls

__all__ = ["no_calls"]
