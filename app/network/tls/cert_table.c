/* network/tls/cert_table.c: see cert_private.h. */
#include "foundation/base/mem.h"
#include "network/tls/cert_private.h"

#include <string.h>

struct cert_named {
	struct str name; /* lower case, may start with "*."; borrowed from the certificate */
	const struct cert_entry *entry;
};

/* --- rows --------------------------------------------------------------------------------- */

/* The first row whose name is not before this one. */
static size_t row_at(const struct cert_table *t, struct str name)
{
	size_t from = 0, to = t->row_count;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (str_cmp(t->rows[middle].name, name) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

static void rows_add(struct cert_table *t, const struct cert_entry *e)
{
	const struct x509 *leaf = &e->cert->chain[0];

	if (leaf->name_count == 0)
		return;
	t->rows =
		mem_resize(t->rows, (t->row_count + leaf->name_count) * sizeof(struct cert_named));
	for (size_t i = 0; i < leaf->name_count; i++) {
		size_t at = row_at(t, leaf->names[i]);

		memmove(&t->rows[at + 1], &t->rows[at],
		        (t->row_count++ - at) * sizeof(struct cert_named));
		t->rows[at] = (struct cert_named){ leaf->names[i], e };
	}
}

static void rows_remove(struct cert_table *t, const struct cert_entry *e)
{
	size_t kept = 0;

	for (size_t i = 0; i < t->row_count; i++)
		if (t->rows[i].entry != e)
			t->rows[kept++] = t->rows[i];
	t->row_count = kept;
}

/* --- entries ------------------------------------------------------------------------------ */

static void cert_table_entry_free(struct cert_entry *e)
{
	cert_unref(e->cert);
	str_free(&e->id);
	mem_free(e);
}

void cert_table_deinit(struct cert_table *t)
{
	for (size_t i = 0; i < t->count; i++)
		cert_table_entry_free(t->entries[i]);
	mem_free(t->entries);
	mem_free(t->rows);
	*t = (struct cert_table){ 0 };
}

/* count when there is none. */
static size_t entry_at(const struct cert_table *t, struct str id)
{
	size_t i = 0;

	while (i < t->count && !str_eq(t->entries[i]->id, id))
		i++;
	return i;
}

const struct cert_entry *cert_table_get(const struct cert_table *t, struct str id)
{
	size_t at = entry_at(t, id);

	return at < t->count ? t->entries[at] : NULL;
}

bool cert_table_remove(struct cert_table *t, struct str id)
{
	size_t at = entry_at(t, id);

	if (at == t->count)
		return false;
	rows_remove(t, t->entries[at]);
	cert_table_entry_free(t->entries[at]);
	t->entries[at] = t->entries[--t->count];
	return true;
}

void cert_table_put(struct cert_table *t, struct str id, enum cert_source source, struct cert *cert)
{
	struct cert_entry *e = NEW(struct cert_entry);

	*e = (struct cert_entry){ str_new(id), source, cert };
	cert_table_remove(t, id);
	t->entries = mem_resize(t->entries, (t->count + 1) * sizeof(struct cert_entry *));
	t->entries[t->count++] = e;
	rows_add(t, e);
}

/* --- the best ------------------------------------------------------------------------------ */

bool cert_is_uploaded(const struct cert_entry *e)
{
	return e->source == CERT_FILES || e->source == CERT_OWN;
}

/* The rank of a certificate, by descending importance: can this client use it, can clients trust
 * it, is it valid now, was it uploaded, is the name exact (no wildcard), its source, and the kind
 * of key: ECDSA is cheaper. */
static unsigned merit(const struct cert_entry *e, bool exact, const struct cert_asked *asked)
{
	bool rsa = cert_is_rsa(e->cert);
	const bool points[] = { rsa || !asked->rsa_only,
		                e->source != CERT_SELF,
		                cert_in_time(e->cert, asked->now_ms),
		                cert_is_uploaded(e),
		                exact,
		                e->source == CERT_FILES,
		                !rsa };
	unsigned sum = 0;

	for (size_t i = 0; i < COUNT(points); i++)
		sum = sum << 1 | points[i];
	return sum;
}

struct best {
	const struct cert_asked *asked;
	const struct cert_entry *entry;
	unsigned merit;
};

/* If two match equally, the one with the later expiry. */
static void consider(struct best *b, const struct cert_entry *e, bool exact)
{
	unsigned m = merit(e, exact, b->asked);

	if (b->entry == NULL || m > b->merit ||
	    (m == b->merit &&
	     e->cert->chain[0].not_after_ms > b->entry->cert->chain[0].not_after_ms)) {
		b->entry = e;
		b->merit = m;
	}
}

static void consider_named(struct best *b, const struct cert_table *t, struct str name, bool exact)
{
	for (size_t i = row_at(t, name); i < t->row_count && str_eq(t->rows[i].name, name); i++)
		consider(b, t->rows[i].entry, exact);
}

const struct cert_entry *cert_table_find(const struct cert_table *t, struct str name,
                                         const struct cert_asked *asked,
                                         const struct cert_entry *also)
{
	struct best b = { .asked = asked };
	ptrdiff_t dot = str_find_byte(name, '.');
	char wild[256] = "*"; /* names in certificates have at most 253 bytes */

	if (name.n != 0)
		consider_named(&b, t, name, true);
	/* RFC 6125 6.4.3: "*" matches the whole leftmost label. */
	if (dot > 0 && name.n - (size_t)dot < sizeof wild) {
		size_t rest = name.n - (size_t)dot;

		memcpy(wild + 1, name.p + dot, rest);
		consider_named(&b, t, str_from(wild, rest + 1), false);
	}
	if (also != NULL)
		consider(&b, also, true);
	return b.entry;
}
