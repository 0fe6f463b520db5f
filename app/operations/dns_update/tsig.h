/* operations/dns_update/tsig.h: signs an update of a zone (wire_update.h) with a shared
 * key (TSIG, RFC 8945, hmac-sha256), and verifies its response. No I/O. */
#ifndef DNS_UPDATE_TSIG_H
#define DNS_UPDATE_TSIG_H
#include "foundation/crypto/hash.h"
#include "operations/dns_update/wire_update.h"

struct tsig_key {
	struct str name;   /* empty: no signature */
	struct str secret; /* decoded             */
};

enum {
	DNS_RCODE_REFUSED = 5,
	DNS_RCODE_YXDOMAIN = 6,
	DNS_RCODE_NXRRSET = 8,
	DNS_RCODE_NOTAUTH = 9,
	DNS_RCODE_NOTZONE = 10,
};

/* Sign the message in out (RFC 8945 4.2, 5.3); mac begins the digest of the response.
 * False: the key's name is not a domain name. */
bool tsig_sign(struct buf *out, const struct tsig_key *key, int64_t now_s, uint8_t mac[HASH_BYTES]);

struct update_answer {
	unsigned rcode;      /* RFC 2136 2.2                                          */
	unsigned tsig_error; /* RFC 8945 3: 16 BADSIG, 17 BADKEY, 18 BADTIME; 0: none */
	bool authentic;      /* signed with the key, in time (RFC 8945 5.3.1)         */
};
/* Parse the response to the update with this id. False: it is not one. key and mac as in
 * tsig_sign. */
bool update_answer_read(struct str message, uint16_t id, const struct tsig_key *key,
                        const uint8_t mac[HASH_BYTES], int64_t now_s, struct update_answer *out);
/* "the server refuses": an explanation for administrators. Static. */
const char *update_answer_words(const struct update_answer *a);

#endif
