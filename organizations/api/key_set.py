"""The public keys that verify our tokens (RFC 7517)."""

import hashlib

import orjson
from django.http import HttpResponse
from django.utils.cache import get_conditional_response
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.views import APIView

from organizations import tokens
from organizations.openapi import example
from organizations.serializers import StrictSerializer

#: How long others may keep the set; a key is published an hour before it signs.
MAX_AGE_SECONDS = 300


class KeySerializer(StrictSerializer):
    """One public key on the curve P-256."""

    kty = serializers.CharField()
    crv = serializers.CharField()
    x = serializers.CharField()
    y = serializers.CharField()
    kid = serializers.CharField(help_text="What `kid` in the header of a token names.")
    use = serializers.CharField()
    alg = serializers.CharField()


@example(
    shown={
        "keys": [
            {
                "kty": "EC",
                "crv": "P-256",
                "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
                "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
                "kid": "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs",
                "use": "sig",
                "alg": "ES256",
            }
        ]
    }
)
class KeySetSerializer(StrictSerializer):
    """A JSON Web Key Set."""

    keys = KeySerializer(many=True)


class KeySetView(APIView):
    """The public keys of the API's tokens."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(responses=KeySetSerializer)
    def get(self, request: Request) -> HttpResponse:
        """Show the keys that verify access tokens, those to come included."""
        body = orjson.dumps({"keys": tokens.published_keys()})
        etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        response = HttpResponse(body, content_type="application/json")
        response["ETag"] = etag
        response["Cache-Control"] = f"public, max-age={MAX_AGE_SECONDS}"
        held = get_conditional_response(request._request, etag, None, response)
        assert isinstance(held, HttpResponse)
        return held
