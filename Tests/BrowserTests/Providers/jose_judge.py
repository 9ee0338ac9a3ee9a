"""Judges client assertions (RFC 7523) and DPoP proofs (RFC 9449) with joserfc, which shares no code with what made them.

Argument: a file of JSON, a list of {"kind": "assertion" or "proof", "token", "algorithm", "madeAt", "expected": claims, and "key":
the public JWK, or "secret"}. Prints one line for each: ok, or what is wrong.
"""

import base64
import hashlib
import json
import sys

from joserfc import jws
from joserfc.jwk import JWKRegistry, OctKey


def judge(case):
    encoded = case["token"].split(".")[0]
    header = json.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    if header["alg"] != case["algorithm"]:
        return f"alg is {header['alg']}"
    if case["kind"] == "proof":
        if header["typ"] != "dpop+jwt":
            return "typ is wrong"
        key = JWKRegistry.import_key(header["jwk"])
        if key.is_private:
            return "the proof holds the private key"
        if key.thumbprint() != case["thumbprint"]:
            return f"the thumbprint is {key.thumbprint()}"
    elif "secret" in case:
        key = OctKey.import_key(case["secret"])
    else:
        key = JWKRegistry.import_key(case["key"])
    registry = jws.JWSRegistry(algorithms=[case["algorithm"]], strict_check_header=False)
    # A public RSA key is part of a proof's header.
    registry.max_header_length = 8192
    claims = json.loads(jws.deserialize_compact(case["token"], key, registry=registry).payload)
    for name, value in case["expected"].items():
        if claims.get(name) != value:
            return f"{name} is {claims.get(name)}"
    if abs(claims["iat"] - case["madeAt"]) > 60 or len(claims["jti"]) < 16:
        return "iat or jti is wrong"
    if "accessToken" in case:
        digest = hashlib.sha256(case["accessToken"].encode()).digest()
        if claims["ath"] != base64.urlsafe_b64encode(digest).rstrip(b"=").decode():
            return "ath is wrong"
    return "ok"


with open(sys.argv[1]) as file:
    for case in json.load(file):
        try:
            print(judge(case), flush=True)
        except Exception as error:
            print(f"{type(error).__name__}: {error}", flush=True)
print("end", flush=True)
