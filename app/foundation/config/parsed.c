/* foundation/config/parsed.c: see parsed.h. */
#include "foundation/config/parsed.h"

#include "foundation/base/mem.h"

#include <pthread.h>

struct parsed {
	struct parsed *next;
	const struct parsed_kind *kind;
	struct str text;
	void *what;
	struct arena arena;
};

/* Protects additions to the chain of any settings. Nothing is removed, so readers take no lock. */
static pthread_mutex_t adding = PTHREAD_MUTEX_INITIALIZER;

static const struct parsed *parsed_find(const struct settings *s, struct str text,
                                 const struct parsed_kind *kind)
{
	const struct parsed *p = atomic_load(&s->parsed);

	while (p != NULL && (p->kind != kind || p->text.p != text.p || p->text.n != text.n))
		p = p->next;
	return p;
}

/* With the lock held. */
static const struct parsed *parsed_add(struct settings *s, struct str text,
                                const struct parsed_kind *kind)
{
	struct parsed *p = NEW(struct parsed);

	p->next = atomic_load(&s->parsed);
	p->kind = kind;
	p->text = text;
	arena_init(&p->arena, true); /* rules may have secrets */
	p->what = kind->parse(text, &p->arena);
	atomic_store(&s->parsed, p);
	return p;
}

const void *settings_parsed(const struct settings *s, struct str text,
                            const struct parsed_kind *kind)
{
	const struct parsed *p = parsed_find(s, text, kind);

	if (p != NULL)
		return p->what;
	pthread_mutex_lock(&adding);
	p = parsed_find(s, text, kind);
	if (p == NULL)
		p = parsed_add((struct settings *)(uintptr_t)s, text, kind);
	pthread_mutex_unlock(&adding);
	return p->what;
}

void settings_parsed_free(struct settings *s)
{
	struct parsed *p = atomic_load(&s->parsed);

	atomic_store(&s->parsed, NULL);
	while (p != NULL) {
		struct parsed *next = p->next;

		if (p->kind->free != NULL && p->what != NULL)
			p->kind->free(p->what);
		arena_deinit(&p->arena);
		mem_free(p);
		p = next;
	}
}
