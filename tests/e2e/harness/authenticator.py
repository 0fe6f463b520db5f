"""A passkey's authenticator in software, which can be told to lie."""
import base64
import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

from harness.api import Api
from harness.server import Roost

UP, UV, AT = 0x01, 0x04, 0x40
ADD, LOGIN = "/me/passkeys", "/login/passkey"


def b64(data: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    """The other way round."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def head(kind: int, n: int) -> bytes:
    """A head of CBOR (RFC 8949 3), in its shortest form."""
    if n < 24:
        return bytes([kind << 5 | n])
    for info, width in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if n < 1 << 8 * width:
            return bytes([kind << 5 | info]) + n.to_bytes(width, "big")
    raise ValueError(n)


def cbor(value: Any) -> bytes:
    """A value as CBOR: numbers, bytes, text, maps."""
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    return head(5, len(value)) + b"".join(cbor(k) + cbor(v) for k, v in value.items())


class Authenticator:
    """One device with one passkey, on a page of the server. What it says can be changed between
    calls: site, origin, flags, count, user."""

    def __init__(self, roost: Roost, folder: Path, name: str = "phone"):
        self.host = f"localhost:{roost.ports['http']}"
        self.key = folder / f"{name}.pem"
        subprocess.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout",
                        "-out", str(self.key)], check=True, capture_output=True)
        self.id = hashlib.sha256(name.encode()).digest()
        self.site, self.origin = "localhost", f"http://{self.host}"
        self.flags, self.count, self.user = UP | UV, 1, b""

    def cose_key(self) -> bytes:
        """The public key."""
        der = subprocess.run(["openssl", "ec", "-in", str(self.key), "-pubout", "-outform", "DER"],
                             check=True, capture_output=True).stdout
        return cbor({1: 2, 3: -7, -1: 1, -2: der[-64:-32], -3: der[-32:]})

    def data(self, fresh: bool) -> bytes:
        """Authenticator data, with a new credential or without."""
        said = hashlib.sha256(self.site.encode()).digest()
        said += bytes([self.flags | (AT if fresh else 0)]) + self.count.to_bytes(4, "big")
        if fresh:
            said += bytes(16) + len(self.id).to_bytes(2, "big") + self.id + self.cose_key()
        return said

    def client_data(self, kind: str, challenge: str) -> bytes:
        """What the browser writes."""
        return json.dumps({"type": f"webauthn.{kind}", "challenge": challenge,
                           "origin": self.origin, "crossOrigin": False}).encode()

    def sign(self, message: bytes) -> bytes:
        """ECDSA in DER."""
        return subprocess.run(["openssl", "dgst", "-sha256", "-sign", str(self.key)],
                              input=message, check=True, capture_output=True).stdout

    # --- the two ceremonies, by a client that is on the page of this authenticator's host ---

    def begin(self, api: Api, path: str) -> tuple[str, str, bytes]:
        """The server's challenge, its cookie, and whom it calls the user."""
        status, fields, text = api.call("POST", path, None, {"Host": self.host})
        assert status == 200, text
        wanted = json.loads(text)
        cookie = fields["set-cookie"].split(";")[0]
        return wanted["challenge"], cookie, unb64(wanted.get("user", ""))

    def answer(self, api: Api, path: str, body: Any, cookie: str) -> Any:
        """The second step, with the session's cookie as well."""
        cookies = "; ".join(c for c in (api.cookie, cookie) if c)
        return api.request("POST", path, body, {"Host": self.host, "Cookie": cookies})

    def attestation(self) -> bytes:
        """Of the kind "none"."""
        return cbor({"fmt": "none", "attStmt": {}, "authData": self.data(True)})

    def new(self, challenge: str, label: str = "Phone") -> dict[str, str]:
        """The body that adds the passkey."""
        return {"label": label, "client_data": b64(self.client_data("create", challenge)),
                "attestation": b64(self.attestation())}

    def register(self, api: Api, label: str = "Phone") -> Any:
        """Add it to the account of api."""
        challenge, cookie, self.user = self.begin(api, ADD + "/begin")
        return self.answer(api, ADD, self.new(challenge, label), cookie)

    def proof(self, challenge: str) -> dict[str, str]:
        """The body that logs in."""
        client, data = self.client_data("get", challenge), self.data(False)
        signature = self.sign(data + hashlib.sha256(client).digest())
        return {"id": b64(self.id), "user": b64(self.user), "client_data": b64(client),
                "authenticator_data": b64(data), "signature": b64(signature)}

    def attempt(self, api: Api) -> tuple[dict[str, str], str]:
        """Everything it takes to log in, once: body and cookie."""
        self.count += 1
        challenge, cookie, _ = self.begin(api, LOGIN + "/begin")
        return self.proof(challenge), cookie

    def login(self, api: Api, **changed: str) -> Any:
        """Log in, with some fields of the body changed."""
        body, cookie = self.attempt(api)
        session = self.answer(api, LOGIN, {**body, **changed}, cookie)
        api.csrf = session["csrf"]
        return session
