/* formats/message/subject.c: see subject.h. Step numbers are those of RFC 5256 2.1. */
#include "formats/message/subject.h"

#include "formats/message/encword.h"
#include "foundation/base/arena.h"
#include "foundation/base/cur.h"

static bool blank(unsigned char c)
{
	return c == ' ' || c == '\t';
}

static bool blob_char(unsigned char c)
{
	return c != '[' && c != ']';
}

/* subj-blob = "[" *BLOBCHAR "]" *WSP */
static bool blob(struct cur *c)
{
	struct cur at = *c;

	if (!cur_byte(&at, '['))
		return false;
	(void)cur_while(&at, blob_char);
	if (!cur_byte(&at, ']'))
		return false;
	(void)cur_while(&at, blank);
	*c = at;
	return true;
}

/* subj-refwd = ("re" / ("fw" ["d"])) *WSP [subj-blob] ":" */
static bool refwd(struct cur *c)
{
	struct cur at = *c;

	if (!cur_stri(&at, STR("re")) && !cur_stri(&at, STR("fwd")) && !cur_stri(&at, STR("fw")))
		return false;
	(void)cur_while(&at, blank);
	(void)blob(&at);
	if (!cur_byte(&at, ':'))
		return false;
	*c = at;
	return true;
}

/* subj-leader = (*subj-blob subj-refwd) / WSP */
static bool leader(struct cur *c, bool *reply)
{
	struct cur at = *c;

	if (cur_blank(c))
		return true;
	while (blob(&at))
		;
	if (!refwd(&at))
		return false;
	*c = at;
	return *reply = true;
}

/* subj-trailer = "(fwd)" / WSP */
static struct str trailers_drop(struct str s, bool *reply)
{
	for (;;) {
		if (s.n && blank((unsigned char)s.p[s.n - 1])) {
			s.n--;
		} else if (s.n >= 5 && str_eqi(str_sub(s, s.n - 5, s.n), STR("(fwd)"))) {
			s.n -= 5;
			*reply = true;
		} else {
			return s;
		}
	}
}

/* Steps 3 to 5. Many blobs without a refwd after them would be read for each dropped one: so the
 * search for a refwd is repeated only after it was found. */
static struct str leaders_drop(struct str s, bool *reply)
{
	struct cur c = cur_of(s);
	bool ask = true;

	for (;;) {
		struct cur before = c;

		if (ask && leader(&c, reply))
			continue;
		if (!ask && (cur_blank(&c) || refwd(&c))) {
			ask = true;
			continue;
		}
		if (!blob(&c) || cur_done(&c)) { /* step 4: some text must remain */
			c = before;
			return cur_rest(&c);
		}
		ask = false;
	}
}

struct str subject_base(struct arena *a, struct str raw, size_t max, bool *reply)
{
	struct buf text;
	struct str s, out = STR_EMPTY;
	size_t n = 0;

	*reply = false;
	s = encword_text(a, raw, max); /* step 1 */
	buf_init(&text, max + 1);
	for (size_t i = 0; i < s.n; i++)
		if (!blank((unsigned char)s.p[i]))
			buf_byte(&text, s.p[i]);
		else if (i == 0 || !blank((unsigned char)s.p[i - 1]))
			buf_byte(&text, ' ');
	s = buf_str(&text);
	do {
		n = s.n;
		s = leaders_drop(trailers_drop(s, reply), reply);
		if (str_startsi(s, STR("[fwd:")) && str_ends(s, STR("]"))) { /* step 6 */
			s = str_sub(s, 5, s.n - 1);
			*reply = true;
		}
	} while (s.n < n);
	out = str_dup(a, s);
	buf_deinit(&text);
	return out;
}
