/* flow/delivery/fit.h: mail that leaves, and lines longer than others have to take (RFC 5321
 * 4.5.3.1.6, RFC 5322 2.1.1).
 *
 * What users of ours write is converted before it is signed, so that the signature is one of what
 * is sent; as RFC 6409 8 lets a submission server do. What is passed on stays as it is, with a
 * note in the queue: to some servers it can go like that (protocols/smtp_out/content.h). */
#ifndef DELIVERY_FIT_H
#define DELIVERY_FIT_H
#include "flow/delivery/delivery.h"

struct spool;

/* QUEUE_LONG_HEADER and QUEUE_LONG_BODY, as they are true of trace and body. Looks at a small
 * part of the bytes. */
unsigned fit_flags(const struct delivery_message *m);

/* Convert m->body, unless nothing is too long, or it is not ours, binary, or cannot be converted.
 * room   empty; holds the new one, as long as m
 * Errors are those of room. */
enum err fit_own(const struct delivery *d, struct delivery_message *m, struct spool *room) MUST_USE;

#endif
