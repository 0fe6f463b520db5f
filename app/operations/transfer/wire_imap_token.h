/* operations/transfer/wire_imap_token.h: tokens of IMAP responses (RFC 9051 section 9).
 * Private to wire_imap*.c. Strings borrow from the cursor's bytes, or live in a if they
 * had to be unquoted. */
#ifndef TRANSFER_WIRE_IMAP_TOKEN_H
#define TRANSFER_WIRE_IMAP_TOKEN_H
#include "operations/transfer/wire_imap.h"

bool said_space(struct cur *c);
/* As servers write it: includes flags and names with a section. */
bool said_atom(struct cur *c, struct str *out);
bool said_quoted(struct cur *c, struct arena *a, struct str *out);
bool said_at_literal(const struct cur *c);
/* string, astring, nstring: NIL is returned as an atom. */
bool said_string(struct cur *c, struct arena *a, struct str *out);
/* Any value, also nested lists. */
bool said_value_skip(struct cur *c, struct arena *a);

/* wire_imap_fetch.c: the rest after "* n FETCH". */
bool said_fetch(struct cur *c, struct arena *a, struct said *out);

#endif
