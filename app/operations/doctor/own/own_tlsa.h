/* operations/doctor/own/own_tlsa.h: the keys of our own host that TLSA records tell of (DANE, RFC
 * 7672): usage 3, selector 1, SHA-256 (RFC 7671 5.1), so that a renewed certificate with the
 * same key needs no change in DNS. */
#ifndef DOCTOR_OWN_TLSA_H
#define DOCTOR_OWN_TLSA_H
#include "foundation/base/str.h"

struct arena;
struct certs;

/* SHA-256 of a SubjectPublicKeyInfo (RFC 6698 2.1.2) in hex, in a. */
struct str tlsa_digest(struct str spki, struct arena *a);
/* Those of the keys shown for a name: to those who know ECDSA, and to others. Returns how many
 * there are in *out, which lives in a. certs may be NULL: none. */
size_t own_tlsa_keys(struct certs *certs, struct str hostname, struct arena *a, struct str **out);

/* The purpose of a record of such a key. files: the key is from ROOST_TLS_KEY, which others may
 * change. Static. */
const char *own_tlsa_purpose(bool files);

#endif
