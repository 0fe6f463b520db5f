/* model/directory/login/secret.h: secrets that we make and people copy: app passwords, recovery
 * codes.
 *
 * 16 letters and digits of base32 (80 bits), written as "abcd-efgh-ijkl-mnop". Nobody can try
 * through them, so a plain hash keeps them as well as a slow one, and a login is answered at
 * once whatever the number of app passwords. */
#ifndef DIRECTORY_SECRET_H
#define DIRECTORY_SECRET_H
#include "foundation/base/str.h"

struct arena;

enum { SECRET_CHARS = 16, SECRET_HASH = 32 /* bytes */ };

/* A new one in a, which should be a secret arena. */
struct str secret_new(struct arena *a);

/* A typed one as it was shown, in a. Empty when that is no such secret. */
struct str secret_shown(struct arena *a, struct str typed);

/* What is stored of it, in a. typed: in any case, with blanks or hyphens anywhere. Empty when
 * that is no such secret. */
struct str secret_hash(struct arena *a, struct str typed);

#endif
