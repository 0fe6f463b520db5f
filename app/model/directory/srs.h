/* model/directory/srs.h: the Sender Rewriting Scheme: return paths of mail that is sent on.
 *
 * Mail that an alias sends on to another server comes from us, and that server asks whether we may
 * send for the return path's domain (SPF, RFC 7208). So the return path becomes an address of ours
 * from which the old one can be read back when a bounce comes:
 *
 *	ada@origin.example        SRS0=hash=day=origin.example=ada@ours.example
 *	SRS0=rest@hop.example     SRS1=hash=hop.example==rest@ours.example
 *
 * SRS1 is for mail that was sent on before: its bounces go straight to the first server that did,
 * however many there were. A sender that only looks like SRS1, and names no such server, is
 * rewritten as any other: SRS0=hash=day=hop.example=SRS1=rest@ours.example.
 *
 * hash is 30 bits of an HMAC over the rest, in base32, so nobody else can make addresses that we
 * would send mail to; case does not count, since servers on the way may change it. day is the day
 * modulo 1024, in two letters: an address is good for SRS_DAYS.
 *
 * The scheme has no RFC; this is the form that its other makers agree on. */
#ifndef DIRECTORY_SRS_H
#define DIRECTORY_SRS_H
#include "formats/message/mailaddr.h"
#include "foundation/base/err.h"

struct arena;
struct txn;

enum { SRS_KEY = 32 /* bytes */, SRS_DAYS = 21 };

/* --- pure --- */

/* Does it look like one? Then srs_decode tells. */
bool srs_is(struct str local);

/* The return path for mail from this sender that the domain sends on, in a. False, and *out is
 * sender, when there is none: sender is null or its new local part would be longer than
 * MAILADDR_LOCAL_MAX. */
bool srs_encode(const uint8_t key[SRS_KEY], int64_t now_ms, const struct mailaddr *sender,
                struct str domain, struct arena *a, struct mailaddr *out);

/* Where a bounce to this local part of ours goes, in a. False: it is none that we made, or too
 * old. */
bool srs_decode(const uint8_t key[SRS_KEY], int64_t now_ms, struct str local, struct arena *a,
                struct mailaddr *out);

/* --- the store's key --- */

/* ERR_MISSING: none was made yet, so no address either. */
enum err srs_key_get(struct txn *t, uint8_t key[SRS_KEY]) MUST_USE;
/* Makes one the first time; inside store_write. */
enum err srs_key_ensure(struct txn *t, uint8_t key[SRS_KEY]) MUST_USE;

#endif
