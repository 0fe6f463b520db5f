/* foundation/text/regex.c: from an expression to its automaton; see regex.h.
 *
 * A piece of the expression is a fragment of the automaton: its first node, and its last node,
 * whose next is open. The compiler has a stack of open groups; each has the fragments of its
 * alternatives so far, of the present sequence, and of the last element, to which a repetition
 * applies:
 *
 *   ab|cd*   alternatives: ab   sequence: c   element: d */
#include "foundation/text/regex.h"

#include "foundation/base/cur.h"
#include "foundation/base/mem.h"
#include "foundation/text/regex_body.h"

#include <string.h>

struct fragment {
	uint16_t first, last;
	bool some;
};

struct level {
	struct fragment alternatives, sequence, element;
	unsigned group;
	size_t from, element_from; /* the first node of the group, and of element */
	bool repeats; /* a repetition may follow element */
};

/* Each byte of an expression makes at most this many nodes. */
enum { NODES_PER_BYTE = 3, NODES_MORE = 8 };

struct compiler {
	struct regex *r;
	struct cur c;
	struct level levels[REGEX_DEPTH + 1];
	unsigned depth, groups, flags;
	size_t nodes_max;
	bool full; /* more nodes were needed */
};

/* --- nodes and fragments -------------------------------------------------------------- */

static uint16_t node_new(struct compiler *k, enum regex_op op, unsigned arg)
{
	if (k->r->n == k->nodes_max) {
		k->full = true;
		k->r->n--; /* the expression is refused at its end */
	}
	k->r->nodes[k->r->n] = (struct regex_node){ .op = (uint8_t)op, .arg = (uint8_t)arg };
	return (uint16_t)k->r->n++;
}

static struct fragment fragment_of(uint16_t node)
{
	return (struct fragment){ node, node, true };
}

static struct fragment chain(struct compiler *k, struct fragment a, struct fragment b)
{
	if (!a.some)
		return b;
	if (!b.some)
		return a;
	k->r->nodes[a.last].next = b.first;
	return (struct fragment){ a.first, b.last, true };
}

/* The present sequence with its last element; an empty one is a no-op node. */
static struct fragment sequence_end(struct compiler *k)
{
	struct level *l = &k->levels[k->depth];
	struct fragment f = chain(k, l->sequence, l->element);

	l->sequence = l->element = (struct fragment){ 0 };
	l->repeats = false;
	return f.some ? f : fragment_of(node_new(k, REGEX_JUMP, 0));
}

static struct fragment either(struct compiler *k, struct fragment a, struct fragment b)
{
	uint16_t split, end;

	if (!a.some)
		return b;
	split = node_new(k, REGEX_SPLIT, 0);
	end = node_new(k, REGEX_JUMP, 0);
	k->r->nodes[split].next = a.first;
	k->r->nodes[split].other = b.first;
	k->r->nodes[a.last].next = k->r->nodes[b.last].next = end;
	return (struct fragment){ split, end, true };
}

/* All nodes from the index from on are of the element. */
static void element_add(struct compiler *k, struct fragment f, bool repeats, size_t from)
{
	struct level *l = &k->levels[k->depth];

	l->sequence = chain(k, l->sequence, l->element);
	l->element = f;
	l->element_from = from;
	l->repeats = repeats;
}

static void repeat(struct compiler *k, char sign)
{
	struct level *l = &k->levels[k->depth];
	uint16_t split = node_new(k, REGEX_SPLIT, 0), end = node_new(k, REGEX_JUMP, 0);
	struct fragment f = l->element;

	k->r->nodes[split].next = f.first;
	k->r->nodes[split].other = end;
	k->r->nodes[f.last].next = sign == '?' ? end : split;
	l->element = (struct fragment){ sign == '+' ? f.first : split, end, true };
}

/* The same nodes again, of those before to. */
static struct fragment element_copy(struct compiler *k, size_t to)
{
	const struct level *l = &k->levels[k->depth];
	size_t from = l->element_from, shift = k->r->n - from;

	for (size_t i = from; i < to; i++) {
		struct regex_node node = k->r->nodes[i];
		uint16_t copy = node_new(k, (enum regex_op)node.op, node.arg);

		node.next = (uint16_t)(node.next + (node.next >= from ? shift : 0));
		node.other = (uint16_t)(node.other + (node.other >= from ? shift : 0));
		k->r->nodes[copy] = node;
		k->r->set_nodes += node.op == REGEX_SET;
	}
	return (struct fragment){ (uint16_t)(l->element.first + shift),
		                  (uint16_t)(l->element.last + shift), true };
}

/* interval = "{" min [ "," [ max ] ] "}", after its brace */
static bool interval_take(struct cur *c, uint32_t *min, uint32_t *max)
{
	if (!cur_u32(c, min))
		return false;
	*max = *min;
	if (cur_byte(c, ',') && !cur_u32(c, max))
		*max = UINT32_MAX;
	return cur_byte(c, '}') && *min <= *max && *min <= REGEX_REPEATS &&
	       (*max <= REGEX_REPEATS || *max == UINT32_MAX);
}

static void repeat(struct compiler *k, char sign);

/* A copy of the element, which is repeated as sign says, or once. */
static struct fragment repeated_copy(struct compiler *k, size_t to, char sign)
{
	struct level *l = &k->levels[k->depth];
	struct fragment original = l->element, copy = element_copy(k, to);

	if (sign != '\0') {
		l->element = copy;
		repeat(k, sign);
		copy = l->element;
	}
	l->element = original;
	return copy;
}

/* "a{2,4}" is "aaa?a?", and "a{2,}" is "aaa*". The element itself stays unused. */
static bool interval(struct compiler *k)
{
	struct level *l = &k->levels[k->depth];
	struct fragment all = fragment_of(node_new(k, REGEX_JUMP, 0));
	size_t to = k->r->n - 1;
	uint32_t min, max;

	if (!interval_take(&k->c, &min, &max))
		return false;
	for (uint32_t i = 0; i < min && !k->full; i++)
		all = chain(k, all, repeated_copy(k, to, '\0'));
	if (max == UINT32_MAX)
		all = chain(k, all, repeated_copy(k, to, '*'));
	for (uint32_t i = min; i < max && max != UINT32_MAX && !k->full; i++)
		all = chain(k, all, repeated_copy(k, to, '?'));
	l->element = all;
	return true;
}

/* --- sets of bytes ------------------------------------------------------------------------ */

static void set_add(struct regex_set *s, unsigned char from, unsigned char to)
{
	for (unsigned c = from; c <= to; c++)
		s->bits[c / 64] |= (uint64_t)1 << c % 64;
}

static void set_invert(struct regex_set *s)
{
	for (size_t i = 0; i < COUNT(s->bits); i++)
		s->bits[i] = ~s->bits[i];
}

static void set_fold(const struct compiler *k, struct regex_set *s)
{
	if ((k->flags & REGEX_CASE) != 0)
		return;
	for (unsigned char c = 'a'; c <= 'z'; c++) {
		unsigned char upper = (unsigned char)(c - 'a' + 'A');

		if (regex_set_has(s, c) || regex_set_has(s, upper)) {
			set_add(s, c, c);
			set_add(s, upper, upper);
		}
	}
}

static void set_element(struct compiler *k, struct regex_set s)
{
	uint16_t node = node_new(k, REGEX_SET, 0);

	k->r->nodes[node].set = (uint16_t)k->r->set_count;
	k->r->sets[k->r->set_count++] = s;
	k->r->set_nodes++;
	element_add(k, fragment_of(node), true, node);
}

static void byte_element(struct compiler *k, char byte)
{
	struct regex_set s = { { 0 } };

	set_add(&s, (unsigned char)byte, (unsigned char)byte);
	set_fold(k, &s);
	set_element(k, s);
}

/* IEEE 1003.1 9.3.5: the classes of the POSIX locale. */
static bool class_add(struct regex_set *s, struct str name)
{
	static const struct {
		struct str name;
		const char *ranges; /* pairs of first and last */
	} classes[] = {
		{ { "alpha", 5 }, "azAZ" },
		{ { "digit", 5 }, "09" },
		{ { "alnum", 5 }, "azAZ09" },
		{ { "upper", 5 }, "AZ" },
		{ { "lower", 5 }, "az" },
		{ { "space", 5 }, "\t\r  " },
		{ { "blank", 5 }, "\t\t  " },
		{ { "punct", 5 }, "!/:@[`{~" },
		{ { "print", 5 }, " ~" },
		{ { "graph", 5 }, "!~" },
		{ { "cntrl", 5 }, "\1\037\x7f\x7f" },
		{ { "xdigit", 6 }, "09afAF" },
	};

	for (size_t i = 0; i < COUNT(classes); i++) {
		if (!str_eq(classes[i].name, name))
			continue;
		for (const char *r = classes[i].ranges; *r != '\0'; r += 2)
			set_add(s, (unsigned char)r[0], (unsigned char)r[1]);
		return true;
	}
	return false;
}

/* "[:name:]", "[=a=]" or "[.a.]", after its "[". */
static bool named_add(struct compiler *k, struct regex_set *s)
{
	char kind, end[2];
	struct str rest, name;
	ptrdiff_t at;

	cur_any(&k->c, &kind);
	end[0] = kind;
	end[1] = ']';
	rest = cur_rest(&k->c);
	if ((at = str_find(rest, str_from(end, 2))) < 0)
		return false;
	name = str_sub(rest, 0, (size_t)at);
	cur_skip(&k->c, name.n + 2);
	if (kind == ':')
		return class_add(s, name);
	if (name.n != 1)
		return false;
	set_add(s, (unsigned char)name.p[0], (unsigned char)name.p[0]);
	return true;
}

/* A byte, or a range. */
static bool range_add(struct compiler *k, struct regex_set *s)
{
	char from, to;

	if (!cur_any(&k->c, &from))
		return false;
	to = from;
	if (cur_peek(&k->c) == '-' && cur_peek_at(&k->c, 1) != ']') {
		cur_skip(&k->c, 1);
		if (!cur_any(&k->c, &to) || (to == '[' && cur_peek(&k->c) == '.'))
			return false;
	}
	if ((unsigned char)to < (unsigned char)from)
		return false;
	set_add(s, (unsigned char)from, (unsigned char)to);
	return true;
}

/* A bracket expression, after its "[" (IEEE 1003.1 9.3.5). */
static bool bracket(struct compiler *k)
{
	struct regex_set s = { { 0 } };
	bool inverted = cur_byte(&k->c, '^'), first = true;

	while (first || !cur_byte(&k->c, ']')) {
		int next = cur_peek_at(&k->c, 1);

		first = false;
		if (cur_done(&k->c))
			return false;
		if (cur_peek(&k->c) == '[' && (next == ':' || next == '=' || next == '.')) {
			cur_skip(&k->c, 1);
			if (!named_add(k, &s))
				return false;
		} else if (!range_add(k, &s)) {
			return false;
		}
	}
	set_fold(k, &s);
	if (inverted)
		set_invert(&s);
	set_element(k, s);
	return true;
}

/* --- the expression ------------------------------------------------------------------------ */

static void assertion(struct compiler *k, enum regex_assertion which)
{
	uint16_t node = node_new(k, REGEX_ASSERT, which);

	element_add(k, fragment_of(node), false, node);
}

static bool class_escape(struct compiler *k, char letter)
{
	struct regex_set s = { { 0 } };

	switch (ascii_lower(letter)) {
	case 'w':
		(void)class_add(&s, STR("alnum"));
		set_add(&s, '_', '_');
		break;
	case 's':
		(void)class_add(&s, STR("space"));
		break;
	case 'd':
		(void)class_add(&s, STR("digit"));
		break;
	default:
		return false;
	}
	if (ascii_lower(letter) != letter)
		set_invert(&s);
	set_element(k, s);
	return true;
}

/* After the backslash. */
static bool escape(struct compiler *k)
{
	static const struct {
		char letter;
		enum regex_assertion which;
	} assertions[] = { { 'b', REGEX_WORD_EDGE },
		           { 'B', REGEX_WORD_INNER },
		           { '<', REGEX_WORD_BEGIN },
		           { '>', REGEX_WORD_END } };
	char byte;

	if (!cur_any(&k->c, &byte))
		return false;
	for (size_t i = 0; i < COUNT(assertions); i++) {
		if (byte == assertions[i].letter) {
			assertion(k, assertions[i].which);
			return true;
		}
	}
	if (class_escape(k, byte))
		return true;
	if (ascii_alnum(byte))
		return false;
	byte_element(k, byte);
	return true;
}

static bool group_open(struct compiler *k)
{
	if (k->depth == REGEX_DEPTH)
		return false;
	k->levels[++k->depth] = (struct level){ .group = ++k->groups, .from = k->r->n };
	return true;
}

static bool group_close(struct compiler *k)
{
	struct level *l = &k->levels[k->depth];
	struct fragment f;
	unsigned group = l->group;
	size_t from = l->from;

	if (k->depth == 0)
		return false;
	f = either(k, l->alternatives, sequence_end(k));
	k->depth--;
	if (group < REGEX_GROUPS) {
		f = chain(k, fragment_of(node_new(k, REGEX_SAVE, 2 * group)), f);
		f = chain(k, f, fragment_of(node_new(k, REGEX_SAVE, 2 * group + 1)));
	}
	element_add(k, f, true, from);
	return true;
}

static bool sign_take(struct compiler *k, char sign)
{
	struct level *l = &k->levels[k->depth];
	struct regex_set any = { { 0 } };

	switch (sign) {
	case '(':
		return group_open(k);
	case ')':
		return group_close(k);
	case '|':
		l->alternatives = either(k, l->alternatives, sequence_end(k));
		return true;
	case '*':
	case '+':
	case '?':
		if (!l->repeats)
			return false;
		repeat(k, sign);
		return true;
	case '{':
		return l->repeats && interval(k);
	case '[':
		return bracket(k);
	case '\\':
		return escape(k);
	case '.':
		set_invert(&any);
		set_element(k, any);
		return true;
	case '^':
	case '$':
		assertion(k, sign == '^' ? REGEX_BEGIN : REGEX_END);
		return true;
	default:
		byte_element(k, sign);
		return true;
	}
}

static bool compile(struct compiler *k)
{
	struct fragment f;
	char sign;

	while (cur_any(&k->c, &sign))
		if (!sign_take(k, sign) || k->full)
			return false;
	if (k->depth != 0)
		return false;
	f = either(k, k->levels[0].alternatives, sequence_end(k));
	f = chain(k, fragment_of(node_new(k, REGEX_SAVE, 0)), f);
	f = chain(k, f, fragment_of(node_new(k, REGEX_SAVE, 1)));
	f = chain(k, f, fragment_of(node_new(k, REGEX_MATCH, 0)));
	k->r->start = f.first;
	return true;
}

struct regex *regex_new(struct str expression, unsigned flags, struct why *why)
{
	bool copies = str_find_byte(expression, '{') >= 0;
	size_t nodes = copies ? REGEX_STATES : NODES_PER_BYTE * expression.n + NODES_MORE;
	struct compiler k = { .c = cur_of(expression), .flags = flags, .nodes_max = nodes };

	if (expression.n > REGEX_BYTES) {
		(void)fail(why, ERR_LIMIT, "an expression has at most %d bytes", REGEX_BYTES);
		return NULL;
	}
	k.r = NEW(struct regex);
	k.r->nodes = mem_new(nodes * sizeof *k.r->nodes);
	k.r->sets = mem_new((expression.n + 1) * sizeof *k.r->sets);
	if (!compile(&k)) {
		(void)(k.full ? fail(why, ERR_LIMIT, "its intervals make more than %d states",
		                     REGEX_STATES)
		              : fail(why, ERR_SYNTAX,
		                     "that is no regular expression, from byte %zu on",
		                     expression.n - cur_left(&k.c)));
		regex_free(&k.r);
		return NULL;
	}
	assert(k.r->n <= nodes);
	return k.r;
}

void regex_free(struct regex **r)
{
	if (*r == NULL)
		return;
	mem_free((*r)->nodes);
	mem_free((*r)->sets);
	mem_clear(r);
}
