/* operations/transfer/wire_imap_token.h: the tokens of what an IMAP server says (RFC 9051
 * section 9). Private to wire_imap*.c. Strings borrow from the cursor's bytes, or live in a when
 * they had to be unquoted. */
#ifndef TRANSFER_WIRE_IMAP_TOKEN_H
#define TRANSFER_WIRE_IMAP_TOKEN_H
#include "operations/transfer/wire_imap.h"

bool said_space(struct cur *c);
/* As servers write it: a flag, or a name with its section, is one too. */
bool said_atom(struct cur *c, struct str *out);
bool said_quoted(struct cur *c, struct arena *a, struct str *out);
bool said_at_literal(const struct cur *c);
/* string, astring, nstring: NIL comes out as the atom it is. */
bool said_string(struct cur *c, struct arena *a, struct str *out);
/* Any value, lists in lists too. */
bool said_value_skip(struct cur *c, struct arena *a);

/* wire_imap_fetch.c: what is behind "* n FETCH". */
bool said_fetch(struct cur *c, struct arena *a, struct said *out);

#endif
