/* formats/message/mime.c: see mime.h.
 *
 * One walk over the lines. The open parts form a path from the message to the part being read;
 * levels[] has the boundaries of the multiparts on it:
 *
 *   parts    0 multipart  ->  3 message/rfc822  ->  4 multipart  ->  6 text   (current)
 *   levels   [0] "outer"                            [1] "inner"
 *
 * A line that begins with "--" may be a boundary of any level. It ends all parts below that
 * level's, and begins a new one there or, with "--" after it, ends the level. Lines after the end
 * of a level belong to no part, until an outer boundary. */
#include "formats/message/mime.h"

#include "formats/message/header.h"
#include "formats/message/mime_fields.h"
#include "foundation/base/arena.h"
#include "foundation/base/cur.h"

struct level {
	uint32_t part;
	struct str boundary;
};

struct parser {
	struct arena *a;
	const struct message_limits *limits;
	struct message *out;
	uint32_t cap; /* of out->parts */
	struct cur c;
	uint32_t lines; /* line feeds before c */
	struct level *levels;
	uint32_t level_count;
	uint32_t current;    /* the innermost open part                          */
	uint32_t last_child; /* of current when it was just returned to, or NONE */
};

/* Whether a part matches its Content-Type. Clients expect the parts of a multipart and the envelope
 * of a message/rfc822; one without them must not be shown as that type. */
enum claim { CLAIM_KEPT, CLAIM_NO_MULTIPART, CLAIM_NO_MESSAGE };

/* A line that is a boundary. */
struct border {
	uint32_t level;
	bool closes;
};

static uint32_t offset(const struct parser *p)
{
	return (uint32_t)(p->c.p - p->out->raw.p);
}

static struct part *current_part(struct parser *p)
{
	return &p->out->parts[p->current];
}

/* --- lines and boundaries ------------------------------------------------------------ */

/* Take a line with its line end. */
static struct str line_take(struct parser *p)
{
	const char *start = p->c.p;
	struct str line;

	if (cur_until(&p->c, '\n', &line)) {
		cur_skip(&p->c, 1);
		p->lines++;
	} else {
		p->c.p = p->c.end;
	}
	return str_from(start, (size_t)(p->c.p - start));
}

static bool is_padding(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != ' ' && s.p[i] != '\t' && s.p[i] != '\r' && s.p[i] != '\n')
			return false;
	return true;
}

/* The level whose boundary is on this line, from which "--" was removed. Senders nest multiparts
 * with boundaries of a common prefix: so a boundary that fills the line has priority, the innermost
 * first; else the longest prefix of the line, as in RFC 2046 5.1.1. */
static bool level_find(const struct parser *p, struct str line, struct border *out)
{
	size_t longest = 0;

	for (uint32_t i = p->level_count; i-- > 0;) {
		struct str boundary = p->levels[i].boundary, rest;
		bool closes;

		if (!str_starts(line, boundary))
			continue;
		rest = str_sub(line, boundary.n, line.n);
		closes = str_starts(rest, STR("--"));
		if (boundary.n > longest)
			*out = (struct border){ i, closes };
		longest = MAX(longest, boundary.n);
		if (is_padding(closes ? str_sub(rest, 2, rest.n) : rest)) {
			*out = (struct border){ i, closes };
			return true;
		}
	}
	return longest != 0;
}

/* Is the line at the cursor a boundary? It is not taken. */
static bool at_border(const struct parser *p, struct border *out)
{
	struct cur c = p->c;
	struct str line;

	if (p->level_count == 0 || !cur_str(&c, STR("--")))
		return false;
	return cur_line(&c, &line) && level_find(p, line, out);
}

/* --- parts ---------------------------------------------------------------------------- */

/* Is there room for one more part? False: a limit. */
static bool parts_room(struct parser *p)
{
	uint32_t cap = MAX(p->cap * 2, 4u);
	struct part *parts;

	if (p->out->n >= p->limits->parts)
		return false;
	if (p->out->n < p->cap)
		return true;
	if ((parts = arena_try_array(p->a, struct part, cap)) == NULL)
		return false;
	for (uint32_t i = 0; i < p->out->n; i++)
		parts[i] = p->out->parts[i];
	p->out->parts = parts;
	p->cap = cap;
	return true;
}

/* A new part at the cursor, inside current and after last_child; it becomes current. The caller has
 * checked the room. */
static void part_begin(struct parser *p)
{
	uint32_t i = p->out->n;
	struct part *part, *parent;

	part = &p->out->parts[p->out->n++];
	*part = (struct part){ .parent = p->current, .first_child = PART_NONE, .next = PART_NONE };
	part->header.off = offset(p);
	if (p->current != PART_NONE) {
		parent = current_part(p);
		part->depth = parent->depth + 1;
		/* RFC 2046 5.1.5 */
		part->digest_child = message_is(p->out, parent, STR("multipart"), STR("digest"));
		if (p->last_child != PART_NONE)
			p->out->parts[p->last_child].next = i;
		else
			parent->first_child = i;
	}
	p->current = i;
	p->last_child = PART_NONE;
}

/* Close the current part at end. feeds is the count of line feeds before end. */
static void part_end(struct parser *p, uint32_t end, uint32_t feeds)
{
	struct part *part = current_part(p);

	part->body.len = end - part->body.off;
	part->body_lines = part->body.len != 0 ? feeds - part->body_lines : 0;
	if (part->body.len != 0 && p->out->raw.p[end - 1] != '\n')
		part->body_lines++;
	if (part->first_child == PART_NONE)
		part->kind = PART_LEAF; /* a multipart without any boundary */
	p->last_child = p->current;
	p->current = part->parent;
}

/* Close everything inside of part until, at the cursor, at a boundary or at the end of the message.
 * The line end before a boundary belongs to it (RFC 2046 5.1.1). */
static void parts_end(struct parser *p, uint32_t until, bool boundary)
{
	const char *raw = p->out->raw.p;
	uint32_t end = offset(p), feeds = p->lines;

	if (boundary && end != 0 && raw[end - 1] == '\n') {
		feeds--;
		end -= end > 1 && raw[end - 2] == '\r' ? 2 : 1;
	}
	/* An empty body: the empty line above it is also the boundary's line end. */
	if (p->current != until && end < current_part(p)->body.off) {
		end = current_part(p)->body.off;
		feeds = p->lines;
	}
	while (p->current != until)
		part_end(p, end, feeds);
}

/* No further parts may be nested in the current part. */
static void set_limited(struct parser *p)
{
	current_part(p)->limited = true;
	p->out->limited = true;
}

/* --- the walk --------------------------------------------------------------------------- */

/* Text where the header of a part should begin: some programs forget the empty line, and readers
 * need the text. A message always has a header, even a malformed one. */
static bool lacks_header(struct parser *p, struct str line)
{
	const struct part *part = current_part(p);
	struct cur c = cur_of(line);
	struct header_field field;

	return part->parent != PART_NONE && p->out->parts[part->parent].kind == PART_MULTIPART &&
	       offset(p) == part->header.off + line.n && header_next(&c, &field) &&
	       field.name.n == 0;
}

/* Take the header of the current part with its empty line, or up to a boundary, and read
 * the fields that matter. */
static void mime_header_take(struct parser *p)
{
	struct part *part = current_part(p);
	struct border border;
	bool more = true;

	while (more && !cur_done(&p->c) && !at_border(p, &border)) {
		struct parser before = *p;
		struct str line = line_take(p);
		bool too_long = offset(p) - part->header.off > p->limits->header_bytes;

		if (too_long || lacks_header(p, line))
			*p = before;
		if (too_long)
			set_limited(p);
		more = p->c.p != before.c.p && !str_eq(line, STR("\n")) &&
		       !str_eq(line, STR("\r\n"));
	}
	part->header.len = offset(p) - part->header.off;
	part->body.off = offset(p);
	part->body_lines = p->lines; /* line feeds before it, until part_end corrects it */
	mime_fields_read(p->out, part);
}

/* Determine the kind of the current part from its header. True when the next part has begun inside
 * of it: the message of a message/rfc822, whose header follows. */
static bool part_enter(struct parser *p)
{
	struct part *part = current_part(p);
	struct str boundary;
	bool is_message = mime_fields_is_message(p->out, part);

	if (!is_message && !mime_fields_boundary(p->a, p->out, part, p->limits, &boundary))
		return false;
	if (part->depth + 1 >= p->limits->depth || !parts_room(p)) {
		set_limited(p);
		return false;
	}
	part = current_part(p); /* parts_room may have moved it */
	part->kind = is_message ? PART_MESSAGE : PART_MULTIPART;
	if (is_message) {
		part_begin(p);
		return true;
	}
	if (p->levels == NULL)
		p->levels = arena_array(p->a, struct level, p->limits->depth);
	p->levels[p->level_count++] = (struct level){ p->current, boundary };
	return false;
}

/* Skip content up to the next part and begin it. False at the end of the message, where all parts
 * are closed. */
static bool part_next(struct parser *p)
{
	struct border border;

	for (;;) {
		while (!cur_done(&p->c) && !at_border(p, &border))
			line_take(p);
		if (cur_done(&p->c)) {
			parts_end(p, PART_NONE, false);
			return false;
		}
		parts_end(p, p->levels[border.level].part, true);
		line_take(p);
		p->level_count = border.level + 1;
		if (!border.closes && parts_room(p)) {
			part_begin(p);
			return true;
		}
		if (!border.closes)
			set_limited(p);
		p->level_count--; /* the rest of this multipart is its epilogue */
	}
}

void message_parse(struct arena *a, struct str raw, const struct message_limits *limits,
                   struct message *out)
{
	struct parser p = { .a = a, .limits = limits, .out = out, .cap = 4, .c = cur_of(raw) };

	assert(raw.n <= MESSAGE_SIZE_MAX);
	arena_cap(a, limits->memory_bytes);
	*out = (struct message){ .raw = str_from(p.c.p, raw.n),
		                 .parts = arena_array(a, struct part, p.cap) };
	p.current = p.last_child = PART_NONE;
	part_begin(&p);
	do
		mime_header_take(&p);
	while (part_enter(&p) || part_next(&p));
}

/* --- reading the result ------------------------------------------------------------------- */

struct str message_str(const struct message *m, struct span s)
{
	return str_sub(m->raw, s.off, (size_t)s.off + s.len);
}

/* The kind depends on whether the content could be parsed. */
static enum claim claim_of(const struct message *m, const struct part *p)
{
	if (p->kind != PART_LEAF)
		return CLAIM_KEPT;
	if (mime_fields_declares(m, p, STR("multipart"), STR_EMPTY))
		return CLAIM_NO_MULTIPART;
	if (mime_fields_declares(m, p, STR("message"), STR("rfc822")) ||
	    mime_fields_declares(m, p, STR("message"), STR("global")))
		return CLAIM_NO_MESSAGE;
	return CLAIM_KEPT;
}

struct str message_type(const struct message *m, const struct part *p)
{
	struct str type, subtype;

	mime_fields_type(m, p, &type, &subtype);
	switch (claim_of(m, p)) {
	case CLAIM_NO_MULTIPART:
		return STR("text");
	case CLAIM_NO_MESSAGE:
		return STR("application");
	default:
		return type;
	}
}

struct str message_subtype(const struct message *m, const struct part *p)
{
	struct str type, subtype;

	mime_fields_type(m, p, &type, &subtype);
	switch (claim_of(m, p)) {
	case CLAIM_NO_MULTIPART:
		return STR("plain");
	case CLAIM_NO_MESSAGE:
		return STR("octet-stream");
	default:
		return subtype;
	}
}

bool message_is(const struct message *m, const struct part *p, struct str type, struct str subtype)
{
	return str_eqi(message_type(m, p), type) &&
	       (subtype.n == 0 || str_eqi(message_subtype(m, p), subtype));
}
