"""idpyoidc as a provider of its own, for back-channel logout: one person, who is signed in already, and one client.

Arguments: the client's redirect URI, its back-channel logout URI. Environment: CLIENT_SECRET.
Prints the issuer once it listens, and runs until it is terminated. A POST to /sign-out makes idpyoidc send its logout
token to the client; the answer is the client's status.
"""

import json
import os
import sys
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from urllib.parse import parse_qs, urlsplit

from idpyoidc.server import Server
from idpyoidc.server.configure import OPConfiguration

redirect_uri, logout_uri = sys.argv[1], sys.argv[2]
lock = Lock()


class Front(BaseHTTPRequestHandler):
    def do_GET(self):
        self.serve(dict(parse_qs(urlsplit(self.path).query)))

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        self.serve(dict(parse_qs(body)))

    def serve(self, parameters):
        parameters = {name: values[0] for name, values in parameters.items()}
        if urlsplit(self.path).path == "/sign-out":
            # Without the lock: whoever gets the logout token may ask for metadata and keys before it answers.
            return self.answer(200, "text/plain", str(sign_out()))
        with lock:
            try:
                self.route(urlsplit(self.path).path, parameters)
            except Exception as error:
                self.answer(500, "text/plain", repr(error))
                raise

    def route(self, path, parameters):
        if path == "/jwks":
            keys = server.keyjar.export_jwks(issuer_id="") or server.keyjar.export_jwks()
            return self.answer(200, "application/json", json.dumps(keys))
        names = {
            "/.well-known/openid-configuration": "provider_config", "/authorization": "authorization",
            "/token": "token", "/userinfo": "userinfo",
        }
        endpoint = server.get_endpoint(names[path])
        http = {"headers": {name.lower(): value for name, value in self.headers.items()}, "method": self.command,
                "url": issuer + self.path}
        request = endpoint.parse_request(parameters, http_info=http)
        if "error" in request:
            return self.answer(400, "application/json", request.to_json())
        arguments = endpoint.process_request(request, http_info=http)
        response = endpoint.do_response(request=request, **arguments)
        if path == "/authorization":
            self.send_response(303)
            self.send_header("Location", response["response"])
            self.end_headers()
            return
        self.answer(200, "application/json", response["response"])

    def answer(self, status, kind, text):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *arguments):
        print(*arguments, file=sys.stderr)


class Answer:
    def __init__(self, status, text=""):
        self.status_code, self.text = status, text


answers = []


def send(method, url, data, headers, **parameters):
    """What idpyoidc sends its logout tokens with."""
    request = urllib.request.Request(url, data=data.encode(), headers=headers, method=method)
    try:
        answer = Answer(urllib.request.urlopen(request).status)
    except urllib.error.HTTPError as error:
        answer = Answer(error.code, error.read().decode())
    answers.append(f"{answer.status_code} {answer.text}".strip())
    return answer


def sign_out():
    """Signs the person out of the newest login: all of them at once would name the first one, which is over by then."""
    manager = server.context.session_manager
    branches = [manager.unpack_branch_key(key) for key in manager.db.keys()]
    tokens = [manager.get(branch).last_issued_token_of_type("id_token") for branch in branches if len(branch) == 3]
    tokens = [token for token in tokens if token]
    if not tokens:
        return "nobody is signed in"
    session = max(tokens, key=lambda token: token.issued_at).session_id
    answers.clear()
    server.get_endpoint("session").do_verified_logout(sid=session, alla=False)
    return " ".join(answers) or "nothing was sent"


listener = ThreadingHTTPServer(("127.0.0.1", 0), Front)
issuer = f"http://127.0.0.1:{listener.server_port}"
base = "idpyoidc.server."
keys = [{"type": "RSA", "use": ["sig"]}, {"type": "EC", "crv": "P-256", "use": ["sig"]}]
server = Server(
    OPConfiguration(
        {
            "issuer": issuer,
            "httpc_params": {"verify": False},
            "preference": {"subject_types_supported": ["public"], "id_token_signing_alg_values_supported": ["ES256"]},
            "key_conf": {"key_defs": keys, "uri_path": "jwks"},
            "endpoint": {
                "provider_config": {
                    "path": ".well-known/openid-configuration",
                    "class": base + "oidc.provider_config.ProviderConfiguration",
                    "kwargs": {},
                },
                "authorization": {
                    "path": "authorization",
                    "class": base + "oidc.authorization.Authorization",
                    "kwargs": {"response_types_supported": ["code"], "response_modes_supported": ["query"]},
                },
                "token": {
                    "path": "token",
                    "class": base + "oidc.token.Token",
                    "kwargs": {"client_authn_method": ["client_secret_basic"]},
                },
                "userinfo": {"path": "userinfo", "class": base + "oidc.userinfo.UserInfo", "kwargs": {}},
                "session": {
                    "path": "end-session",
                    "class": base + "oidc.session.Session",
                    "kwargs": {
                        "post_logout_uri_path": "post_logout", "signing_alg": "ES256", "logout_verify_url": issuer + "/verify",
                        "backchannel_logout_supported": True, "backchannel_logout_session_supported": True,
                    },
                },
            },
            "userinfo": {"class": base + "user_info.UserInfo", "kwargs": {"db": {"ada": {"name": "Ada"}}}},
            "authentication": {
                "anybody": {
                    "acr": "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified",
                    "class": base + "user_authn.user.NoAuthn",
                    "kwargs": {"user": "ada"},
                }
            },
            "add_on": {
                "pkce": {
                    "function": base + "oauth2.add_on.pkce.add_support",
                    "kwargs": {"essential": True, "code_challenge_methods": {"S256": True}},
                }
            },
            "token_handler_args": {
                "key_conf": {
                    "private_path": "token_jwks.json", "read_only": False,
                    "key_defs": [{"type": "oct", "bytes": 24, "use": ["enc"], "kid": name} for name in ("code", "refresh")],
                },
                "code": {"lifetime": 600, "kwargs": {"crypt_conf": {"kwargs": {"keys": {"key_defs": [
                    {"type": "OCT", "use": ["enc"], "kid": "password"}, {"type": "OCT", "use": ["enc"], "kid": "salt"}]}}}}},
                "token": {"class": base + "token.jwt_token.JWTToken", "kwargs": {"lifetime": 3600}},
                "id_token": {"class": base + "token.id_token.IDToken", "kwargs": {}},
            },
        },
        base_path=os.getcwd(),
    ),
    cwd=os.getcwd(),
    httpc=send,
)
server.context.httpc = send
server.context.httpc_params = {}
server.context.cdb["browser-tests"] = {
    "client_id": "browser-tests", "client_secret": os.environ["CLIENT_SECRET"], "client_salt": "salted",
    "redirect_uris": [(redirect_uri, {})], "response_types_supported": ["code"], "response_types": ["code"],
    "token_endpoint_auth_method": "client_secret_basic", "id_token_signed_response_alg": "ES256",
    "allowed_scopes": ["openid", "profile"],
    "backchannel_logout_uri": logout_uri, "backchannel_logout_session_required": True,
}
server.keyjar.add_symmetric("browser-tests", os.environ["CLIENT_SECRET"])
print(issuer, flush=True)
listener.serve_forever()
