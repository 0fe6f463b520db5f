/* foundation/text/regex_body.h: the automaton of an expression. Private to regex.c and
 * regex_match.c. */
#ifndef TEXT_REGEX_BODY_H
#define TEXT_REGEX_BODY_H
#include "foundation/text/regex.h"

enum regex_op {
	REGEX_SET,    /* take a byte of set, continue at next */
	REGEX_SPLIT,  /* continue at next, or else at other */
	REGEX_JUMP,   /* continue at next */
	REGEX_SAVE,   /* store the position in tag, continue at next */
	REGEX_ASSERT, /* continue at next if assertion holds at this position */
	REGEX_MATCH,  /* the match is complete */
};

enum regex_assertion {
	REGEX_BEGIN,      /* ^  */
	REGEX_END,        /* $  */
	REGEX_WORD_EDGE,  /* \b */
	REGEX_WORD_INNER, /* \B */
	REGEX_WORD_BEGIN, /* \< */
	REGEX_WORD_END,   /* \> */
};

/* A set of bytes. */
struct regex_set {
	uint64_t bits[4];
};

struct regex_node {
	uint8_t op;  /* enum regex_op                                          */
	uint8_t arg; /* enum regex_assertion, or the tag: 2 * group, + 1 its end */
	uint16_t next, other;
	uint16_t set; /* of regex.sets */
};

struct regex {
	struct regex_node *nodes;
	struct regex_set *sets;
	size_t n, set_count;
	size_t set_nodes; /* that take a byte */
	uint16_t start;
};

static inline bool regex_set_has(const struct regex_set *s, unsigned char byte)
{
	return s->bits[byte / 64] >> (byte % 64) & 1;
}

static inline bool regex_is_word(unsigned char c)
{
	return c == '_' || ascii_alnum((char)c);
}

#endif
