#!/usr/bin/python3
"""ca-certificates.py CERTDATA: print the roots that Mozilla trusts for servers as constant
BearSSL trust anchors, in C. certdata.txt is NSS's text form of its certificates and of what each
is trusted for; of a certificate only its subject and its public key are kept.

Left out are roots with CKA_NSS_SERVER_DISTRUST_AFTER: Mozilla takes what they signed before a
day in the past only, which a table of keys cannot tell, and those certificates run out soon."""
import re
import sys

CURVES = {"2a8648ce3d030107": "BR_EC_secp256r1", "2b81040022": "BR_EC_secp384r1",
          "2b81040023": "BR_EC_secp521r1"}
RSA, EC = "2a864886f70d010101", "2a8648ce3d0201"


def objects(text):
    """Each object of certdata.txt as {attribute: str or bytes}."""
    attribute = re.compile(r"^(CKA_\w+) (\w+)(?: (.*)|((?:\n\\.*)*)\nEND)$", re.M)
    for part in text.split("\nCKA_CLASS ")[1:]:
        found = {"CKA_CLASS": part.split("\n")[0].split()[1]}
        for name, _, word, octal in attribute.findall(part):
            found[name] = word or bytes(int(o, 8) for o in re.findall(r"\\([0-7]{3})", octal))
        yield found


def elements(der):
    """The (tag, content, whole) of each DER element in a row."""
    while der:
        tag, n, head = der[0], der[1], 2
        if n & 0x80:
            head += n & 0x7f
            n = int.from_bytes(der[2:head], "big")
        yield tag, der[head:head + n], der[:head + n]
        der = der[head + n:]


def subject_and_key(certificate):
    """The subject in DER, and the public key as (algorithm, curve or None, bytes)."""
    [(_, signed, _)] = elements(certificate)
    to_be_signed = [e for e in elements(next(elements(signed))[1]) if e[0] != 0xa0]
    subject, key_info = to_be_signed[4][2], to_be_signed[5][1]
    (_, algorithm, _), (_, bits, _) = elements(key_info)
    oids = [content.hex() for tag, content, _ in elements(algorithm) if tag == 6]
    return subject, oids[0], oids[1] if len(oids) > 1 else None, bits[1:]


def array(name, data):
    """A constant of bytes; old compilers' limit on strings is why it is none."""
    rows = [data[i:i + 20] for i in range(0, len(data), 20)]
    body = "\n".join("\t" + "".join(f"{b}," for b in row) for row in rows)
    return f"static const unsigned char {name}[] = {{\n{body}\n}};"


def anchor(i, certificate):
    """(arrays, initialiser) of one root."""
    subject, algorithm, curve, bits = subject_and_key(certificate)
    arrays = [array(f"root{i}_name", subject)]
    if algorithm == RSA:
        [(_, numbers, _)] = elements(bits)
        n, e = [content.lstrip(b"\0") for _, content, _ in elements(numbers)]
        arrays += [array(f"root{i}_n", n), array(f"root{i}_e", e)]
        key = (f"BR_KEYTYPE_RSA, {{ .rsa = {{ (unsigned char *)root{i}_n, {len(n)}, "
               f"(unsigned char *)root{i}_e, {len(e)} }} }}")
    elif algorithm == EC and curve in CURVES:
        arrays += [array(f"root{i}_q", bits)]
        key = (f"BR_KEYTYPE_EC, {{ .ec = {{ {CURVES[curve]}, "
               f"(unsigned char *)root{i}_q, {len(bits)} }} }}")
    else:
        raise ValueError(f"root {i}: no key that BearSSL can use: {algorithm} {curve}")
    return arrays, (f"\t{{ {{ (unsigned char *)root{i}_name, {len(subject)} }}, "
                    f"BR_X509_TA_CA, {{ {key} }} }},")


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        found = list(objects(f.read()))
    trusted = {(o["CKA_ISSUER"], o["CKA_SERIAL_NUMBER"]) for o in found
               if o.get("CKA_TRUST_SERVER_AUTH") == "CKT_NSS_TRUSTED_DELEGATOR"}
    roots = [o["CKA_VALUE"] for o in found if o["CKA_CLASS"] == "CKO_CERTIFICATE"
             and (o["CKA_ISSUER"], o["CKA_SERIAL_NUMBER"]) in trusted
             and not isinstance(o.get("CKA_NSS_SERVER_DISTRUST_AFTER"), bytes)]
    anchors = [anchor(i, root) for i, root in enumerate(roots)]
    print("/* Made by vendor/recipes/ca-certificates.py from Mozilla's certdata.txt. */")
    print("#ifndef MOZILLA_ROOTS_H\n#define MOZILLA_ROOTS_H\n#include <bearssl.h>\n")
    print("\n".join(text for arrays, _ in anchors for text in arrays))
    print("\nstatic const br_x509_trust_anchor mozilla_roots[] = {")
    print("\n".join(row for _, row in anchors))
    print("};\n\n#endif")


if __name__ == "__main__":
    main()
