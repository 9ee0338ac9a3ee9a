"""django-oauth-toolkit as a provider of its own: one person, one client, PKCE and iss enforced, refresh rotated.

Arguments: the client's redirect URI, its post-logout redirect URI. Environment: CLIENT_SECRET.
Keeps its database in the working directory. Prints the issuer once it listens, and runs until it is terminated.
"""

import os
import sys
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIServer, make_server

import django
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.conf import settings

redirect_uri, post_logout_uri = sys.argv[1], sys.argv[2]
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"


def private_key():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


LOGIN_PAGE = """<!doctype html><title>Sign in</title><h1>Sign in at django-oauth-toolkit</h1>
<form method="post">{% csrf_token %}{{ form.as_p }}<button id="sign-in">Sign in</button></form>"""

settings.configure(
    SECRET_KEY=os.urandom(32).hex(),
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(Path.cwd() / "provider.sqlite3")}},
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "oauth2_provider",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {
                "context_processors": ["django.template.context_processors.request"],
                "loaders": [
                    ("django.template.loaders.locmem.Loader", {"registration/login.html": LOGIN_PAGE}),
                    "django.template.loaders.app_directories.Loader",
                ],
            },
        }
    ],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    LOGIN_URL="/login/",
    # Browsers share cookies between the ports of a host.
    SESSION_COOKIE_NAME="toolkit_session",
    CSRF_COOKIE_NAME="toolkit_csrf",
    USE_TZ=True,
    OAUTH2_PROVIDER={
        "OIDC_ENABLED": True,
        "OIDC_RSA_PRIVATE_KEY": private_key(),
        "OIDC_RP_INITIATED_LOGOUT_ENABLED": True,
        "SCOPES": {"openid": "know who you are", "profile": "see your name", "email": "see your address"},
        "PKCE_REQUIRED": True,
        "ROTATE_REFRESH_TOKEN": True,
        "REFRESH_TOKEN_REUSE_PROTECTION": True,
        "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
        "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
        "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
        "OAUTH2_VALIDATOR_CLASS": __name__ + ".Validator",
    },
)
django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.contrib.auth.views import LoginView  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.urls import include, path  # noqa: E402
from oauth2_provider.models import get_application_model  # noqa: E402
from oauth2_provider.oauth2_validators import OAuth2Validator  # noqa: E402


class Validator(OAuth2Validator):
    """Tells name and address in the ID token and at userinfo."""

    oidc_claim_scope = OAuth2Validator.oidc_claim_scope | {"preferred_username": "profile"}

    def get_additional_claims(self, request):
        user = request.user
        return {"name": user.get_full_name(), "email": user.email, "preferred_username": user.username}


urlpatterns = [
    path("login/", LoginView.as_view()),
    path("o/", include("oauth2_provider.urls", namespace="oauth2_provider")),
]


def seed():
    call_command("migrate", verbosity=0)
    get_user_model().objects.create_user(
        "ada", "ada@example.com", "correct horse battery staple", first_name="Ada", last_name="Lovelace"
    )
    application = get_application_model()
    application.objects.create(
        name="oidc-sessions",
        client_id="browser-tests",
        client_secret=os.environ["CLIENT_SECRET"],
        client_type=application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=application.GRANT_AUTHORIZATION_CODE,
        redirect_uris=redirect_uri,
        post_logout_redirect_uris=post_logout_uri,
        algorithm=application.RS256_ALGORITHM,
    )


class Server(ThreadingMixIn, WSGIServer):
    """A browser keeps connections open: one thread each."""

    daemon_threads = True


if __name__ == "__main__":
    # Settings name this file as a module: let that be the one that runs.
    sys.modules["django_oauth_toolkit"] = sys.modules["__main__"]
    seed()
    with make_server("127.0.0.1", 0, get_wsgi_application(), server_class=Server) as server:
        print(f"http://127.0.0.1:{server.server_port}/o", flush=True)
        server.serve_forever()
