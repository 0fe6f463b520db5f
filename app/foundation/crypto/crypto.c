/* foundation/crypto/crypto.c: see crypto.h. */
#include "foundation/crypto/crypto.h"

#include <sodium.h>
#include <stdlib.h>

void crypto_init(void)
{
	if (sodium_init() < 0)
		abort();
}
