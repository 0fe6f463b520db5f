/* model/directory/srs.h: the Sender Rewriting Scheme: return paths of forwarded mail.
 *
 * Mail that an alias forwards to another server comes from our address, and that server checks
 * whether we may send for the return path's domain (SPF, RFC 7208). So the return path becomes a
 * local address that encodes the original one, to which bounces are sent:
 *
 *	ada@origin.example        SRS0=hash=day=origin.example=ada@ours.example
 *	SRS0=rest@hop.example     SRS1=hash=hop.example==rest@ours.example
 *
 * SRS1 is for mail that was forwarded before: its bounces go directly to the first forwarder, for
 * any number of hops. A sender that only looks like SRS1, without such a server, is rewritten like
 * any other: SRS0=hash=day=hop.example=SRS1=rest@ours.example.
 *
 * hash is 30 bits of an HMAC over the rest, in base32, so only this server can create such
 * addresses; its case is ignored, since servers may change it. day is the day modulo 1024, in two
 * letters: an address is valid for SRS_DAYS.
 *
 * The scheme has no RFC; this is the common form of its implementations. */
#ifndef DIRECTORY_SRS_H
#define DIRECTORY_SRS_H
#include "formats/message/mailaddr.h"
#include "foundation/base/err.h"

struct arena;
struct txn;

enum { SRS_KEY = 32 /* bytes */, SRS_DAYS = 21 };

/* --- pure --- */

/* Does it look like an SRS address? srs_decode verifies it. */
bool srs_is(struct str local);

/* The return path for mail from sender that the domain forwards, in a. False, and *out is sender,
 * when there is none: sender is null or its new local part would be longer than
 * MAILADDR_LOCAL_MAX. */
bool srs_encode(const uint8_t key[SRS_KEY], int64_t now_ms, const struct mailaddr *sender,
                struct str domain, struct arena *a, struct mailaddr *out);

/* The destination of a bounce to this local part, in a. False: it was not created here, or has
 * expired. */
bool srs_decode(const uint8_t key[SRS_KEY], int64_t now_ms, struct str local, struct arena *a,
                struct mailaddr *out);

/* --- the store's key --- */

/* ERR_MISSING: no key exists yet, so no address either. */
enum err srs_key_get(struct txn *t, uint8_t key[SRS_KEY]) MUST_USE;
/* Creates the key the first time; inside store_write. */
enum err srs_key_ensure(struct txn *t, uint8_t key[SRS_KEY]) MUST_USE;

#endif
