/* model/directory/login/secret.h: generated secrets that people copy: app passwords, recovery
 * codes.
 *
 * 16 letters and digits of base32 (80 bits), written as "abcd-efgh-ijkl-mnop". They cannot be
 * guessed, so a fast hash is as good as a slow one, and a login is fast for any number of app
 * passwords. */
#ifndef DIRECTORY_SECRET_H
#define DIRECTORY_SECRET_H
#include "foundation/base/str.h"

struct arena;

enum { SECRET_CHARS = 16, SECRET_HASH = 32 /* bytes */ };

/* A new one in a, which should be a secret arena. */
struct str secret_new(struct arena *a);

/* The shown form of a typed secret, in a. Empty when it is malformed. */
struct str secret_shown(struct arena *a, struct str typed);

/* The stored form, in a. typed: in any case, with blanks or hyphens anywhere. Empty when it is
 * malformed. */
struct str secret_hash(struct arena *a, struct str typed);

#endif
