/* formats/sieve/change.c: replace and enclose (RFC 5703 5 and 6), and the message after them.
 *
 * The header of a message that is replaced or enclosed as a whole changes by edits, as those of
 * addheader and deleteheader; the body by one change. */
#include "formats/message/build.h"
#include "formats/message/encword.h"
#include "formats/message/header.h"
#include "formats/sieve/parser.h"
#include "formats/sieve/run.h"

#include "foundation/text/date.h"

#include <string.h>

#define TEXT_TYPE "text/plain; charset=utf-8"

enum { FIELD_BYTES = 4096, DATE_BYTES = 64 };

static struct sieve_change *change_add(struct sieve_run *r, const struct sieve_op *op)
{
	struct sieve_change *change = sieve_alloc(r, sizeof *change);

	if (change == NULL)
		return NULL;
	change->line = op->line;
	change->edits = r->result->edits_n;
	*r->changes_end = change;
	r->changes_end = &change->next;
	r->result->changes_n++;
	return change;
}

static void field_add(struct sieve_run *r, const struct sieve_op *op, const char *name,
                      struct str value)
{
	struct sieve_edit *edit = sieve_edit_add(r, op);

	if (edit == NULL)
		return;
	edit->name = sieve_keep_str(r, str_of(name));
	edit->value = sieve_keep_str(r, value);
	edit->last = true;
}

/* A field of text, with encoded-words where it needs them. */
static void text_add(struct sieve_run *r, const struct sieve_op *op, const char *name,
                     struct str text)
{
	struct buf out;
	struct str line;

	buf_init(&out, FIELD_BYTES);
	build_text(&out, STR("X"), str_sub(text, 0, FIELD_BYTES / 8));
	line = str_sub(buf_str(&out), 2, out.n - 2); /* without "X:" and the line end */
	field_add(r, op, name, str_trim(line));
	buf_deinit(&out);
}

static void field_remove(struct sieve_run *r, const struct sieve_op *op, struct str name)
{
	struct sieve_fields f;
	struct str value;

	sieve_fields_init(r, &f, name);
	while (!r->stopped && sieve_fields_next(r, &f, &value)) {
		struct sieve_edit *edit = sieve_edit_add(r, op);

		if (edit != NULL)
			edit->field = f.number;
	}
}

/* The field keeps its value under the other name. */
static void field_rename(struct sieve_run *r, const struct sieve_op *op, const char *name,
                         const char *to)
{
	struct sieve_fields f;
	struct str value;

	sieve_fields_init(r, &f, str_of(name));
	if (sieve_fields_next(r, &f, &value))
		field_add(r, op, to, value);
	field_remove(r, op, str_of(name));
}

/* --- replace ------------------------------------------------------------------------------ */

/* The fields of the MIME structure go; those of the entity come, or of plain text. */
static void entity_fields_set(struct sieve_run *r, const struct sieve_op *op, struct str entity)
{
	static const char *const names[] = { "mime-version",        "content-type",
		                             "content-transfer-encoding", "content-disposition",
		                             "content-id",          "content-description",
		                             "content-language",    "content-location",
		                             "content-md5",         "content-duration" };
	struct cur c = cur_of(str_sub(entity, 0, header_size(entity)));
	struct header_field f;

	for (size_t i = 0; i < COUNT(names); i++)
		field_remove(r, op, str_of(names[i]));
	field_add(r, op, "MIME-Version", STR("1.0"));
	if (!sieve_has(op, ARG_MIME)) {
		field_add(r, op, "Content-Type", STR(TEXT_TYPE));
		field_add(r, op, "Content-Transfer-Encoding", STR("8bit"));
		return;
	}
	while (!r->stopped && header_next(&c, &f))
		if (str_startsi(f.name, STR("content-")))
			field_add(r, op, str_z(&r->scratch, f.name), f.value);
}

/* Outside of a loop, or in the part that is the message itself. */
static void message_replace(struct sieve_run *r, const struct sieve_op *op,
                            struct sieve_change *change)
{
	bool mime = sieve_has(op, ARG_MIME);

	change->kind = SIEVE_REPLACE_BODY;
	if (!mime && sieve_has(op, ARG_SUBJECT)) {
		field_rename(r, op, "subject", "Original-Subject");
		text_add(r, op, "Subject", sieve_str(r, op, ARG_SUBJECT));
	}
	if (!mime && sieve_has(op, ARG_FROM)) {
		field_rename(r, op, "from", "Original-From");
		field_add(r, op, "From", sieve_str(r, op, ARG_FROM));
	}
	entity_fields_set(r, op, change->text);
	if (mime)
		change->text = str_sub(change->text, header_size(change->text), change->text.n);
}

bool sieve_act_replace(struct sieve_run *r, const struct sieve_op *op)
{
	struct sieve_change *change;
	const struct part *part;

	if (sieve_has(op, ARG_FROM) && !sieve_from_valid(&r->scratch, sieve_str(r, op, ARG_FROM)))
		return sieve_fail(r, "The argument of \":from\" is not a mail address");
	if ((change = change_add(r, op)) == NULL)
		return false;
	change->text = sieve_keep_str(r, sieve_str(r, op, ARG_1));
	change->mime = sieve_has(op, ARG_MIME);
	if (sieve_part_now(r) == 0) {
		message_replace(r, op, change);
		return !r->stopped;
	}
	part = &sieve_parts(r)->parts[sieve_part_now(r)];
	change->kind = SIEVE_REPLACE_PART;
	change->off = part->header.len != 0 ? part->header.off : part->body.off;
	change->len = (size_t)part->body.off + part->body.len - change->off;
	return true;
}

void sieve_check_replace(struct sieve_parser *p, struct sieve_command *c)
{
	const struct sieve_value *from = sieve_value_of(c, ARG_FROM);

	if (sieve_value_of(c, ARG_MIME) != NULL &&
	    (from != NULL || sieve_value_of(c, ARG_SUBJECT) != NULL))
		sieve_report(p, true, c->line, c->column,
		             "\":mime\" excludes \":subject\" and \":from\"");
	if (from != NULL && sieve_constant(p, from, 0) &&
	    !sieve_from_valid(&p->scratch, from->items[0]))
		sieve_report_value(p, from, "\"%.*s\" is not a mail address",
		                   STR_ARG(str_sub(from->items[0], 0, 80)));
}

/* --- enclose ------------------------------------------------------------------------------ */

/* The boundary is made of what a script cannot choose for another message: its size and place. */
static struct str boundary_get(struct sieve_run *r)
{
	return str_fmt(&r->scratch, "=_sieve_%zx_%zx_%" PRIx64, r->m->raw.n,
	               r->result->changes_n, (uint64_t)r->host->now_ms);
}

/* Add the fields of that name again, of those with a number below before. False: there are none. */
static bool header_copy(struct sieve_run *r, const struct sieve_op *op, struct str name,
                        uint32_t before)
{
	struct sieve_fields f;
	struct str value;
	bool found = false;

	sieve_fields_init(r, &f, name);
	while (!r->stopped && sieve_fields_next(r, &f, &value)) {
		if (f.number >= before)
			break;
		field_add(r, op, str_z(&r->scratch, name), value);
		found = true;
	}
	return found;
}

static void date_add(struct sieve_run *r, const struct sieve_op *op)
{
	char room[DATE_BYTES];
	struct buf date;

	buf_init_in(&date, room, sizeof room);
	date_put_mail(&date, r->host->now_ms, r->host->zone_min);
	field_add(r, op, "Date", buf_str(&date));
}

/* The fields of the new header are added behind the old ones, which are then deleted. */
static void outer_fields_set(struct sieve_run *r, const struct sieve_op *op, struct str boundary)
{
	struct sieve_list names = sieve_list(op, ARG_HEADERS);
	const struct sieve_host *h = r->host;
	uint32_t before = r->field_count + (uint32_t)r->result->edits_n;
	bool date = false, from = false, subject = sieve_has(op, ARG_SUBJECT);
	struct sieve_edit *edit;
	struct str name, user;

	while (!r->stopped && sieve_list_next(r, &names, &name)) {
		bool copied = !str_startsi(name, STR("content-")) &&
		              !str_eqi(name, STR("mime-version")) &&
		              !(subject && str_eqi(name, STR("subject"))) &&
		              header_copy(r, op, name, before);

		date = date || (copied && str_eqi(name, STR("date")));
		from = from || (copied && str_eqi(name, STR("from")));
		subject = subject || (copied && str_eqi(name, STR("subject")));
	}
	if (sieve_has(op, ARG_SUBJECT))
		text_add(r, op, "Subject", sieve_str(r, op, ARG_SUBJECT));
	else if (!subject)
		(void)header_copy(r, op, STR("Subject"), before);
	if (!date)
		date_add(r, op);
	if (!from && h->envelope != NULL && h->envelope(h->arg, STR("to"), 0, &user))
		field_add(r, op, "From", user);
	field_add(r, op, "MIME-Version", STR("1.0"));
	field_add(r, op, "Content-Type",
	          str_fmt(&r->scratch, "multipart/mixed; boundary=\"%.*s\"", STR_ARG(boundary)));
	if ((edit = sieve_edit_add(r, op)) != NULL) {
		edit->all = true;
		edit->field = before;
	}
}

bool sieve_act_enclose(struct sieve_run *r, const struct sieve_op *op)
{
	struct str boundary = boundary_get(r);
	struct sieve_change *change;

	if (!r->enclosed) {
		r->enclosed = true;
		r->enclosed_edits = r->result->edits_n;
		r->enclosed_changes = r->result->changes_n;
	}
	if ((change = change_add(r, op)) == NULL)
		return false;
	change->kind = SIEVE_ENCLOSE;
	change->text = sieve_keep_str(r, sieve_str(r, op, ARG_1));
	change->boundary = sieve_keep_str(r, boundary);
	outer_fields_set(r, op, boundary);
	return !r->stopped;
}

/* --- the message after changes ------------------------------------------------------------ */

static const struct sieve_change *change_at(const struct sieve_result *result, size_t i)
{
	const struct sieve_change *c = result->changes;

	while (i-- > 0)
		c = c->next;
	return c;
}

/* The first n changes: the one that replaces the part with the smallest place from off on. */
static const struct sieve_change *part_next(const struct sieve_result *result, size_t n, size_t off)
{
	const struct sieve_change *c = result->changes, *found = NULL;

	for (size_t i = 0; i < n; i++, c = c->next) {
		if (c->kind != SIEVE_REPLACE_PART || c->off < off)
			continue;
		/* of two for one part the later one, of nested parts the outer one */
		if (found == NULL || c->off < found->off ||
		    (c->off == found->off && c->len >= found->len))
			found = c;
	}
	return found;
}

static void replacement_put(struct buf *out, const struct sieve_change *c)
{
	if (!c->mime)
		buf_put(out, STR("Content-Type: " TEXT_TYPE "\r\n"
		                 "Content-Transfer-Encoding: 8bit\r\n\r\n"));
	buf_put(out, c->text);
}

/* The body with its parts replaced. */
static void body_put(struct buf *out, const struct sieve_message *m,
                     const struct sieve_result *result, size_t changes)
{
	size_t at = header_size(m->raw);
	const struct sieve_change *c;

	while ((c = part_next(result, changes, at)) != NULL) {
		buf_put(out, str_sub(m->raw, at, c->off));
		replacement_put(out, c);
		at = c->off + c->len;
	}
	buf_put(out, str_sub(m->raw, at, m->raw.n));
}

/* The last change that is of the whole body, of the first n; 0: none. Counted from 1. */
static size_t whole_last(const struct sieve_result *result, size_t n)
{
	while (n > 0 && change_at(result, n - 1)->kind == SIEVE_REPLACE_PART)
		n--;
	return n;
}

static void enclosed_put(struct buf *out, const struct sieve_message *m,
                         const struct sieve_result *result, size_t i)
{
	const struct sieve_change *c = change_at(result, i);

	buf_fmt(out, "--%.*s\r\n", STR_ARG(c->boundary));
	replacement_put(out, c);
	buf_fmt(out, "\r\n--%.*s\r\nContent-Type: message/rfc822\r\n\r\n", STR_ARG(c->boundary));
	sieve_message_put(out, m, result, c->edits, i);
	buf_fmt(out, "\r\n--%.*s--\r\n", STR_ARG(c->boundary));
}

void sieve_message_put(struct buf *out, const struct sieve_message *m,
                       const struct sieve_result *result, size_t edits, size_t changes)
{
	size_t whole = whole_last(result, changes);
	const struct sieve_change *c = whole != 0 ? change_at(result, whole - 1) : NULL;

	sieve_header_put(out, m, result, edits);
	if (c == NULL)
		body_put(out, m, result, changes);
	else if (c->kind == SIEVE_REPLACE_BODY)
		buf_put(out, c->text);
	else
		enclosed_put(out, m, result, whole - 1);
}
