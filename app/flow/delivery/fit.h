/* flow/delivery/fit.h: outgoing mail with lines longer than servers must accept (RFC 5321
 * 4.5.3.1.6, RFC 5322 2.1.1).
 *
 * Mail written by local users is converted before it is signed, so that the signature
 * covers the sent form; RFC 6409 8 allows that to a submission server. Forwarded mail is
 * unchanged and marked in the queue: some servers accept it
 * (protocols/smtp_out/content.h). */
#ifndef DELIVERY_FIT_H
#define DELIVERY_FIT_H
#include "flow/delivery/delivery.h"

struct spool;

/* ENVELOPE_LONG_HEADER and ENVELOPE_LONG_BODY, if true for trace and body. Reads a small part
 * of the bytes. */
unsigned fit_flags(const struct delivery_message *m);

/* Convert m->body, unless no line is too long, or it is forwarded, binary, or impossible
 * to convert.
 * room   empty; receives the new body, lives as long as m
 * Errors are those of room. */
enum err fit_own(const struct delivery *d, struct delivery_message *m, struct spool *room) MUST_USE;

#endif
