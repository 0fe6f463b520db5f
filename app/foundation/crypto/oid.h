/* foundation/crypto/oid.h: object identifiers by their DER contents (without tag and length). */
#ifndef CRYPTO_OID_H
#define CRYPTO_OID_H
#include "foundation/base/str.h"

/* public keys, RFC 8017 A.1 and RFC 5480 2.1 */
#define OID_RSA STR("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01") /* rsaEncryption      */
#define OID_EC STR("\x2a\x86\x48\xce\x3d\x02\x01")         /* id-ecPublicKey      */
#define OID_P256 STR("\x2a\x86\x48\xce\x3d\x03\x01\x07")   /* secp256r1           */
#define OID_P384 STR("\x2b\x81\x04\x00\x22")               /* secp384r1           */
/* signatures, RFC 5758 3.2 */
#define OID_ECDSA_SHA256 STR("\x2a\x86\x48\xce\x3d\x04\x03\x02")
#define OID_RSA_SHA256 STR("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b") /* RFC 4055 5 */
/* hashes, RFC 8017 B.1 */
#define OID_SHA1 STR("\x2b\x0e\x03\x02\x1a")
#define OID_SHA256 STR("\x60\x86\x48\x01\x65\x03\x04\x02\x01")
#define OID_SHA384 STR("\x60\x86\x48\x01\x65\x03\x04\x02\x02")
#define OID_SHA512 STR("\x60\x86\x48\x01\x65\x03\x04\x02\x03")
/* names and extensions, RFC 5280 4.2 and A.1 */
#define OID_COMMON_NAME STR("\x55\x04\x03")
#define OID_SUBJECT_KEY STR("\x55\x1d\x0e")     /* subjectKeyIdentifier */
#define OID_KEY_USAGE STR("\x55\x1d\x0f")
#define OID_SUBJECT_ALT STR("\x55\x1d\x11")     /* subjectAltName       */
#define OID_BASIC STR("\x55\x1d\x13")           /* basicConstraints     */
#define OID_AUTHORITY_KEY STR("\x55\x1d\x23")   /* authorityKeyIdentifier */
#define OID_EXT_KEY_USAGE STR("\x55\x1d\x25")
#define OID_ANY_USE STR("\x55\x1d\x25\x00") /* anyExtendedKeyUsage */
#define OID_CLIENT_AUTH STR("\x2b\x06\x01\x05\x05\x07\x03\x02")
#define OID_SERVER_AUTH STR("\x2b\x06\x01\x05\x05\x07\x03\x01")
/* the challenge of RFC 8737 3; the extensions that a request names (RFC 2985 5.4.2) */
#define OID_ACME_IDENTIFIER STR("\x2b\x06\x01\x05\x05\x07\x01\x1f")
#define OID_EXTENSION_REQUEST STR("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x0e")

#endif
