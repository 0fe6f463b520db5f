"""SCRAM's client by Python's hashlib, after RFC 5802 and RFC 7677: a second opinion."""
import base64
import hashlib
import hmac
import secrets


def b64(data: bytes) -> str:
    """Bytes as base64 text."""
    return base64.b64encode(data).decode()


class Scram:
    """One exchange. name: "SCRAM-SHA-256", also "-PLUS"."""

    def __init__(self, name: str, user: str, password: str, authzid: str = "",
                 end_point: bytes | None = None, flag: str | None = None):
        self.hash = "sha1" if "SHA-1" in name else "sha256"
        self.password = password
        flag = flag or ("p=tls-server-end-point" if end_point else "n")
        zid = f"a={self.escaped(authzid)}" if authzid else ""
        self.gs2 = f"{flag},{zid},"
        self.end_point = end_point or b""
        self.nonce = secrets.token_urlsafe(18)
        self.bare = f"n={self.escaped(user)},r={self.nonce}"
        self.signature = b""
        self.salt = b""

    @staticmethod
    def escaped(name: str) -> str:
        """A saslname."""
        return name.replace("=", "=3D").replace(",", "=2C")

    def mac(self, key: bytes, text: str) -> bytes:
        """HMAC."""
        return hmac.new(key, text.encode(), self.hash).digest()

    def first(self) -> str:
        """client-first-message"""
        return self.gs2 + self.bare

    def final(self, server_first: str, proof: bytes | None = None) -> str:
        """client-final-message; proof: another than the right one."""
        fields = dict(field.split("=", 1) for field in server_first.split(","))
        assert fields["r"].startswith(self.nonce) and len(fields["r"]) > len(self.nonce) + 16
        assert 4096 <= int(fields["i"]) <= 65536  # what clients go along with
        self.salt = base64.b64decode(fields["s"])
        salted = hashlib.pbkdf2_hmac(self.hash, self.password.encode(), self.salt,
                                     int(fields["i"]))
        binding = b64(self.gs2.encode() + self.end_point)
        without = f"c={binding},r={fields['r']}"
        message = f"{self.bare},{server_first},{without}"
        client_key = self.mac(salted, "Client Key")
        signed = self.mac(hashlib.new(self.hash, client_key).digest(), message)
        right = bytes(a ^ b for a, b in zip(client_key, signed))
        self.signature = self.mac(self.mac(salted, "Server Key"), message)
        return f"{without},p={b64(right if proof is None else proof)}"

    def good(self, server_final: str) -> bool:
        """Does the server know the password too?"""
        return server_final == f"v={b64(self.signature)}"
