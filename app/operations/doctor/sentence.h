/* operations/doctor/sentence.h: what the doctor says about a record or a fact. Each verdict and
 * each advice is a row of sentences.def, whole sentences with named places for values, so that
 * they can be translated. */
#ifndef DOCTOR_SENTENCE_H
#define DOCTOR_SENTENCE_H
#include "foundation/base/str.h"

struct arena;

enum sentence {
#define SENTENCE(name, text) SENTENCE_##name,
#include "operations/doctor/sentences.def"
#undef SENTENCE
	SENTENCES,
};

struct sentence_value {
	const char *name; /* of its place: "host" for {host} */
	struct str value;
};

/* The text of a row with its places filled: static without values, otherwise in a. Each place
 * must have a value. A value may itself be sentences: {advice}.
 *
 *	sentence(a, mx_unlisted, { "other", host })
 *	sentence_of(SENTENCE_add) */
#define sentence(a, name, ...)                                                              \
	sentence_fill((a), SENTENCE_##name, (const struct sentence_value[]){ __VA_ARGS__ }, \
	              sizeof((const struct sentence_value[]){ __VA_ARGS__ }) /              \
	                      sizeof(struct sentence_value))
struct str sentence_fill(struct arena *a, enum sentence s, const struct sentence_value *values,
                         size_t n);
struct str sentence_of(enum sentence s);

#endif
