/* network/dnssec/name.c: see name.h. */
#include "network/dnssec/name.h"

#include "foundation/base/arena.h"
#include "foundation/base/buf.h"

enum { LABEL_MAX = 63, POINTER = 0xc0 };

/* --- from bytes and text -------------------------------------------------------- */

static struct str lower(struct str raw, struct arena *a)
{
	char *p = arena_alloc(a, raw.n);

	for (size_t i = 0; i < raw.n; i++)
		p[i] = ascii_lower(raw.p[i]);
	return str_from(p, raw.n);
}

struct str dname_lower(struct str raw, struct arena *a)
{
	/* Lengths are below 64 and so are no letters. */
	return lower(raw, a);
}

/* The target of a pointer: before the limit, which it lowers, or invalid. */
static bool pointer_take(struct cur *c, struct str message, size_t *limit, struct cur *to)
{
	uint64_t value;

	if (!cur_be(c, 2, &value))
		return false;
	value &= 0x3fff;
	if (value >= *limit)
		return false;
	*limit = value;
	*to = cur_of(str_sub(message, value, message.n));
	return true;
}

bool dname_take(struct cur *c, struct str message, struct arena *a, struct str *out)
{
	char room[DNAME_MAX];
	struct cur here = *c, after = *c; /* after: after the name in the message */
	size_t limit = (size_t)(c->p - message.p);
	unsigned jumps = 0;
	struct buf b;
	int n;

	buf_init_in(&b, room, sizeof room);
	do {
		struct str label = STR_EMPTY;

		n = cur_peek(&here);
		if (n >= POINTER) {
			struct cur to;

			if (jumps == DNAME_LABELS_MAX ||
			    !pointer_take(&here, message, &limit, &to))
				return false;
			after = jumps++ != 0 ? after : here;
			here = to;
			continue;
		}
		if (n < 0 || n > LABEL_MAX || !cur_take(&here, 1 + (size_t)n, &label))
			return false;
		buf_put(&b, label);
	} while (n != 0 && buf_ok(&b));
	*c = jumps != 0 ? after : here;
	*out = lower(buf_str(&b), a);
	return buf_ok(&b);
}

bool dname_take_plain(struct cur *c, struct str *raw)
{
	struct cur here = *c;
	struct str label;
	int n;

	do {
		n = cur_peek(&here);
		if (n < 0 || n > LABEL_MAX || !cur_take(&here, 1 + (size_t)n, &label))
			return false;
	} while (n != 0);
	*raw = str_from(c->p, (size_t)(here.p - c->p));
	if (raw->n > DNAME_MAX)
		return false;
	*c = here;
	return true;
}

/* A byte of a label, or \DDD (RFC 1035 5.1). */
static bool byte_from_text(struct cur *c, char *out)
{
	unsigned n = 0;
	char digit;

	if (cur_any(c, out) && *out != '\\')
		return true;
	for (int i = 0; i < 3; i++) {
		if (!cur_any(c, &digit) || !ascii_digit(digit))
			return false;
		n = n * 10 + (unsigned)(digit - '0');
	}
	*out = (char)n;
	return n <= 255;
}

static bool label_from_text(struct cur *c, char out[static LABEL_MAX], size_t *n)
{
	for (*n = 0; !cur_done(c) && cur_peek(c) != '.'; ++*n)
		if (*n == LABEL_MAX || !byte_from_text(c, &out[*n]))
			return false;
	return *n != 0;
}

bool dname_from_text(struct str text, struct arena *a, struct str *out)
{
	char room[DNAME_MAX];
	struct cur c;
	struct buf b;

	if (str_ends(text, STR(".")))
		text.n--;
	c = cur_of(text);
	buf_init_in(&b, room, sizeof room);
	while (!cur_done(&c)) {
		char label[LABEL_MAX];
		size_t n;

		if (!label_from_text(&c, label, &n))
			return false;
		if (cur_byte(&c, '.') && cur_done(&c))
			return false;
		buf_byte(&b, (char)n);
		buf_put(&b, str_from(label, n));
	}
	buf_byte(&b, '\0');
	*out = lower(buf_str(&b), a);
	return buf_ok(&b);
}

struct str dname_text(struct str name, struct arena *a)
{
	struct cur c = cur_of(name);
	struct str label, text;
	struct buf b;
	char n;

	if (name.n == 1)
		return STR(".");
	buf_init(&b, 4 * DNAME_MAX);
	while (cur_any(&c, &n) && n != 0 && cur_take(&c, (size_t)n, &label)) {
		if (b.n != 0)
			buf_byte(&b, '.');
		for (size_t i = 0; i < label.n; i++) {
			unsigned char byte = (unsigned char)label.p[i];

			if (byte > ' ' && byte < 0x7f && byte != '.' && byte != '\\')
				buf_byte(&b, (char)byte);
			else
				buf_fmt(&b, "\\%03u", byte);
		}
	}
	text = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return text;
}

/* --- labels --------------------------------------------------------------------- */

/* The labels of a name, without the root. */
static unsigned split(struct str name, struct str labels[static DNAME_LABELS_MAX])
{
	struct cur c = cur_of(name);
	unsigned count = 0;
	char n;

	while (cur_any(&c, &n) && n != 0 && count < DNAME_LABELS_MAX &&
	       cur_take(&c, (size_t)n, &labels[count]))
		count++;
	return count;
}

unsigned dname_labels(struct str name)
{
	struct str labels[DNAME_LABELS_MAX];

	return split(name, labels);
}

struct str dname_last(struct str name, unsigned n)
{
	struct str labels[DNAME_LABELS_MAX];
	unsigned count = split(name, labels);
	const char *p;

	assert(n <= count);
	if (n == 0)
		return DNAME_ROOT;
	p = labels[count - n].p - 1;
	return str_from(p, name.n - (size_t)(p - name.p));
}

unsigned dname_common(struct str a, struct str b)
{
	struct str of_a[DNAME_LABELS_MAX], of_b[DNAME_LABELS_MAX];
	unsigned n = split(a, of_a), m = split(b, of_b), same = 0;

	while (same < n && same < m && str_eq(of_a[n - 1 - same], of_b[m - 1 - same]))
		same++;
	return same;
}

bool dname_within(struct str name, struct str zone)
{
	return dname_common(name, zone) == dname_labels(zone);
}

int dname_compare(struct str a, struct str b)
{
	struct str of_a[DNAME_LABELS_MAX], of_b[DNAME_LABELS_MAX];
	unsigned n = split(a, of_a), m = split(b, of_b);

	while (n > 0 && m > 0) {
		int order = str_cmp(of_a[--n], of_b[--m]);

		if (order != 0)
			return order;
	}
	return (n > 0) - (m > 0);
}

bool dname_is_wildcard(struct str name)
{
	return str_starts(name, STR("\1*"));
}

bool dname_wildcard(struct str encloser, struct arena *a, struct str *out)
{
	return dname_replace(str_from("\1*", 3), DNAME_ROOT, encloser, a, out);
}

bool dname_replace(struct str name, struct str from, struct str to, struct arena *a,
                   struct str *out)
{
	struct str head = str_sub(name, 0, name.n - from.n);
	char *p;

	if (head.n + to.n > DNAME_MAX)
		return false;
	p = arena_alloc(a, head.n + to.n);
	memcpy(p, head.p, head.n);
	memcpy(p + head.n, to.p, to.n);
	*out = str_from(p, head.n + to.n);
	return true;
}
