/* tests/unit/dnssec/fixture.h: a judge that asks a table. */
#ifndef DNSSEC_FIXTURE_H
#define DNSSEC_FIXTURE_H
#include "harness/check.h"
#include "harness/hex.h"

#include "foundation/base/buf.h"
#include "network/dnssec/validate.h"

/* What the name servers of the test know. */
struct known {
	struct str name; /* wire */
	uint16_t type;
	struct str answer;
};

struct fixture {
	struct arena arena;
	struct dnssec_rules rules;
	struct dnssec_asker asker;
	struct known known[64];
	size_t known_count;
	unsigned asked;
	struct dnssec_validator judge;
	struct dnssec_anchors *anchors;
	struct buf steps;
};

static inline struct str wire(struct arena *a, const char *text)
{
	struct str name;

	assert_true(dname_from_text(str_of(text), a, &name));
	return name;
}

static inline bool fixture_ask(struct dnssec_asker *k, struct str name, uint16_t type,
                               struct arena *a, struct str *answer)
{
	struct fixture *f = container_of(k, struct fixture, asker);

	(void)a;
	f->asked++;
	for (size_t i = f->known_count; i-- > 0;) {
		if (f->known[i].type == type && str_eq(f->known[i].name, name)) {
			*answer = f->known[i].answer;
			return true;
		}
	}
	return false;
}

/* The latest counts. */
static inline void fixture_know(struct fixture *f, const char *name, uint16_t type,
                                struct str answer)
{
	assert_true(f->known_count < COUNT(f->known));
	f->known[f->known_count++] =
		(struct known){ wire(&f->arena, name), type, answer };
}

static inline void fixture_init(struct fixture *f, struct str anchors, int64_t now_s)
{
	*f = (struct fixture){
		.rules = { .records = 200,
		           .signatures = 50,
		           .hashes = 300,
		           .wrong = 50,
		           .wrong_set = 50,
		           .cost_us = 1000000,
		           .iterations = 50,
		           .aliases = 8,
		           .questions = 60,
		           .skew_s = 600,
		           .ttl_s = 86400 },
		.asker = { fixture_ask },
	};
	buf_init(&f->steps, KIB(64));
	assert_int_equal(dnssec_anchors_new(anchors, &f->anchors, NULL), OK);
	f->judge = (struct dnssec_validator){
		.work = { .rules = &f->rules, .now_s = now_s, .a = &f->arena, .steps = &f->steps },
		.asker = &f->asker,
		.anchors = f->anchors,
		.cache = dnssec_cache_new(100),
	};
}

static inline void fixture_deinit(struct fixture *f)
{
	dnssec_cache_free(f->judge.cache);
	dnssec_anchors_free(f->anchors);
	buf_deinit(&f->steps);
	arena_deinit(&f->arena);
}

static inline struct dnssec_answer fixture_judge(struct fixture *f, struct str answer,
                                                 const char *name, uint16_t type)
{
	struct dnssec_answer out;

	f->judge.work.signatures = f->judge.work.hashes = f->judge.work.questions = 0;
	f->judge.work.wrong = f->judge.work.cost_us = 0;
	f->judge.work.spent = false;
	f->judge.work.trouble = STR_EMPTY;
	buf_reset(&f->steps);
	dnssec_validate(&f->judge, answer, wire(&f->arena, name), type, &out);
	return out;
}

#endif
