"""Canaille, a full identity product, in memory: one person, one client whose ID tokens are signed with ES256.

Arguments: the client's redirect URI, its post-logout redirect URI. Environment: CLIENT_SECRET, or CLIENT_JWK for a client
that proves itself by private_key_jwt.
Prints the issuer once it listens, and runs until it is terminated.
"""

import datetime
import json
import os
import socket
import sys

redirect_uri, post_logout_uri = sys.argv[1], sys.argv[2]
client_key = os.environ.get("CLIENT_JWK")
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
listener = socket.create_server(("127.0.0.1", 0))
port = listener.getsockname()[1]

from canaille import create_app  # noqa: E402
from canaille.app import models  # noqa: E402
from canaille.backends import Backend  # noqa: E402
from joserfc.jwk import ECKey, RSAKey  # noqa: E402
from werkzeug.serving import make_server  # noqa: E402


def key(made):
    made.ensure_kid()
    return made.as_dict(private=True)


app = create_app(
    config={
        "SECRET_KEY": os.urandom(32).hex(),
        "PREFERRED_URL_SCHEME": "http",
        # Without it no assertion is looked at.
        **({"SERVER_NAME": f"127.0.0.1:{port}"} if client_key else {}),
        "CANAILLE": {"DATABASE": "memory", "JAVASCRIPT": False, "HTMX": False, "CAPTCHA_ENABLED": False},
        "CANAILLE_OIDC": {
            "ACTIVE_JWKS": [key(RSAKey.generate_key(2048)), key(ECKey.generate_key("P-256"))],
            # Otherwise everything on 127.0.0.1 is trusted, and the consent page is never shown.
            "TRUSTED_DOMAINS": [],
        },
    }
)


def seed():
    backend = Backend.instance
    backend.save(
        models.User(
            user_name="ada",
            formatted_name="Ada Lovelace",
            given_name="Ada",
            family_name="Lovelace",
            display_name="ada",
            emails=["ada@example.com"],
            password="correct horse battery staple",
        )
    )
    client = models.Client(
        client_id="browser-tests",
        client_secret=os.environ["CLIENT_SECRET"],
        jwks=json.dumps({"keys": [json.loads(client_key)]}) if client_key else None,
        client_id_issued_at=datetime.datetime.now(datetime.timezone.utc),
        client_name="oidc-sessions",
        redirect_uris=[redirect_uri],
        post_logout_redirect_uris=[post_logout_uri],
        grant_types=["authorization_code", "refresh_token"],
        response_types=["code"],
        scope=["openid", "profile", "email"],
        token_endpoint_auth_method="private_key_jwt" if client_key else "client_secret_basic",
        id_token_signed_response_alg="ES256",
    )
    backend.save(client)
    client.audience = [client]
    backend.save(client)


if __name__ == "__main__":
    with app.app_context(), Backend.instance.session():
        seed()
    server = make_server("127.0.0.1", port, app, threaded=True, fd=listener.fileno())
    # Without SERVER_NAME its issuer ends in a slash.
    print(f"http://127.0.0.1:{port}" + ("" if client_key else "/"), flush=True)
    server.serve_forever()
