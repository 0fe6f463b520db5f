/* protocols/imap/own_changes.c: see own_changes.h. */
#include "protocols/imap/own_changes.h"

#include "foundation/base/mem.h"
#include "protocols/imap/session.h"

enum { OWN = 32 };

struct imap_own { /* a ring */
	struct {
		uint32_t account;
		uint64_t from, to;
	} items[OWN];
	unsigned n;
};

void imap_own_begin(struct imap *s)
{
	if (!s->own)
		s->own = NEW(struct imap_own);
}

void imap_own_end(struct imap *s)
{
	mem_free(s->own);
	s->own = NULL;
}

void imap_own_wrote(struct imap *s, uint32_t account, uint64_t from, uint64_t to)
{
	struct imap_own *own = s->own;
	unsigned last = own ? (own->n + OWN - 1) % OWN : 0;

	if (!own)
		return;
	if (own->items[last].account == account && own->items[last].to + 1 == from) {
		own->items[last].to = to;
		return;
	}
	last = own->n++ % OWN;
	own->items[last].account = account;
	own->items[last].from = from;
	own->items[last].to = to;
}

bool imap_own_has(const struct imap *s, uint32_t account, uint64_t modseq)
{
	const struct imap_own *own = s->own;

	for (size_t i = 0; own && i < OWN; i++)
		if (own->items[i].account == account && own->items[i].from <= modseq &&
		    modseq <= own->items[i].to)
			return true;
	return false;
}
