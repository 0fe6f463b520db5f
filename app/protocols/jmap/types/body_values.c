/* protocols/jmap/types/body_values.c: the text of body parts (RFC 8621 4.1.4, bodyValues); see
 * email_body.h. */
#include "protocols/jmap/types/email_body.h"

#include "formats/message/decode.h"
#include "foundation/text/charset.h"
#include "foundation/text/utf8.h"

static bool is_problem(struct str charset, struct str bytes, struct str text)
{
	if (charset.n == 0 || str_eqi(charset, STR("us-ascii")))
		return !utf8_ascii(bytes);
	if (!charset_known(charset))
		return true;
	if (str_eqi(charset, STR("utf-8")))
		return !utf8_valid(bytes);
	return str_find(text, STR("\xef\xbf\xbd")) >= 0; /* U+FFFD */
}

/* "any CRLF replaced with a single LF" */
static void crlf_drop(struct buf *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++)
		if (b->p[i] != '\r' || i + 1 == b->n || b->p[i + 1] != '\n')
			b->p[n++] = b->p[i];
	buf_cut(b, n);
}

/* RFC 8621 4.2: between characters, and not inside of an HTML tag. */
static struct str value_cut(struct str text, size_t max, bool html)
{
	struct str cut = utf8_cut(text, max);
	ptrdiff_t tag = str_rfind_byte(cut, '<');

	return html && cut.n < text.n && tag > str_rfind_byte(cut, '>')
	               ? str_sub(cut, 0, (size_t)tag)
	               : cut;
}

static enum err body_value_put(struct json_writer *w, struct email_message *m,
                          const struct body_wanted *wanted, uint32_t index)
{
	const struct structure_part *part = &m->structure.parts[index];
	struct arena scratch = { 0 };
	struct str raw, charset = STR_EMPTY, value;
	enum part_encoding encoding;
	bool known = decode_encoding_of(part->encoding, &encoding);
	struct buf bytes, text;
	enum err e = email_message_raw(m, &raw);

	if (e)
		return e;
	param_get(&scratch, &part->params, STR("charset"), &charset);
	raw = str_sub(raw, part->body.off, (size_t)part->body.off + part->body.len);
	buf_init(&bytes, raw.n + 3);
	decode_bytes(&bytes, encoding, raw);
	buf_init(&text, CHARSET_GROWTH * bytes.n + 1);
	charset_decode(&text, charset, buf_str(&bytes));
	crlf_drop(&text);
	value = buf_str(&text);
	if (wanted->value_bytes_max != 0 && value.n > wanted->value_bytes_max)
		value = value_cut(value, wanted->value_bytes_max,
		                  str_eqi(part->subtype, STR("html")));
	json_put_name(w, str_fmt(&scratch, "%" PRIu32, index));
	json_open(w, NULL, '{');
	json_put_str(w, "value", value);
	json_put_bool(w, "isEncodingProblem",
	              !known || is_problem(charset, buf_str(&bytes), buf_str(&text)));
	json_put_bool(w, "isTruncated", value.n < text.n);
	json_close(w);
	buf_deinit(&bytes);
	buf_deinit(&text);
	arena_deinit(&scratch);
	return OK;
}

static void body_list_mark(bool *chosen, const struct body_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		chosen[list->parts[i]] = true;
}

enum err body_values_put(struct json_writer *w, struct email_message *m,
                         const struct body_wanted *wanted, const struct body_lists *lists)
{
	const struct structure_part *parts = m->structure.parts;
	bool *chosen = arena_array(m->arena, bool, m->structure.n);
	enum err e = OK;

	if (wanted->text_values || wanted->all_values)
		body_list_mark(chosen, &lists->text);
	if (wanted->html_values || wanted->all_values)
		body_list_mark(chosen, &lists->html);
	if (wanted->all_values) /* those too that are attachments */
		body_list_mark(chosen, &lists->attachments);
	json_open(w, NULL, '{');
	for (uint32_t i = 0; i < m->structure.n && !e && buf_ok(w->out); i++)
		if (chosen[i] && parts[i].kind == PART_LEAF && str_eqi(parts[i].type, STR("text")))
			e = body_value_put(w, m, wanted, i);
	json_close(w);
	return e;
}
