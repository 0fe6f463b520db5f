/* protocols/jmap/types/vacation.c: VacationResponse (RFC 8621 8): the vacation of the account,
 * which the console has too (flow/filtering/vacation.h). */
#include "flow/filtering/vacation.h"
#include "formats/sieve/sieve.h"
#include "foundation/crypto/hash.h"
#include "model/filters/filter.h"
#include "model/filters/memory.h"
#include "model/filters/scripts.h"
#include "model/mailbox/watch.h"
#include "protocols/jmap/request/type.h"

static const struct str singleton = STR("singleton");

static enum err vacation_get(const struct mail_txn *m, struct arena *a, struct vacation *out)
{
	struct filter stored;
	struct json settings;
	struct why why;
	enum err e = filter_get(m->t, m->account, FILTER_VACATION, &stored);

	*out = (struct vacation){ 0 };
	if (e)
		return e == ERR_MISSING ? OK : e;
	if (!json_parse_long(a, str_dup(a, stored.settings), FILTER_SETTINGS_MAX, &settings) ||
	    vacation_read(a, settings, out, &why) != OK)
		return ERR_CORRUPT;
	return OK;
}

/* It has no modseq: the state is a hash of its settings. */
static enum err vacation_state(const struct mail_txn *m, uint64_t *modseq)
{
	uint8_t hash[HASH_BYTES];
	struct filter stored;
	enum err e = filter_get(m->t, m->account, FILTER_VACATION, &stored);

	*modseq = 0;
	if (e)
		return e == ERR_MISSING ? OK : e;
	hash_blake2b_256(stored.settings, hash);
	for (size_t i = 0; i < 6; i++)
		*modseq = *modseq << 8 | hash[i];
	return OK;
}

/* --- VacationResponse/get --- */

static enum err vacation_all(struct jmap_get *g)
{
	jmap_get_add(g, singleton);
	return OK;
}

static enum err vacation_load(struct jmap_get *g, struct str id, const void **object)
{
	struct vacation *v = arena_new(g->object_arena, struct vacation);

	*object = v;
	return str_eq(id, singleton) ? vacation_get(&g->m, g->object_arena, v) : ERR_MISSING;
}

static enum err vacation_put_id(struct jmap_get *g, const char *name, const void *object)
{
	(void)object;
	json_put_str(g->out, name, singleton);
	return OK;
}

static enum err vacation_put_enabled(struct jmap_get *g, const char *name, const void *object)
{
	json_put_bool(g->out, name, ((const struct vacation *)object)->on);
	return OK;
}

static enum err vacation_put_from(struct jmap_get *g, const char *name, const void *object)
{
	json_put_time(g->out, name, ((const struct vacation *)object)->from_ms);
	return OK;
}

static enum err vacation_put_to(struct jmap_get *g, const char *name, const void *object)
{
	json_put_time(g->out, name, ((const struct vacation *)object)->until_ms);
	return OK;
}

static enum err vacation_put_text(struct jmap_get *g, const char *name, struct str text)
{
	if (text.n != 0)
		json_put_str(g->out, name, text);
	else
		json_put_null(g->out, name);
	return OK;
}

static enum err vacation_put_subject(struct jmap_get *g, const char *name, const void *object)
{
	return vacation_put_text(g, name, ((const struct vacation *)object)->subject);
}

static enum err vacation_put_text_body(struct jmap_get *g, const char *name, const void *object)
{
	return vacation_put_text(g, name, ((const struct vacation *)object)->text);
}

static enum err vacation_put_html_body(struct jmap_get *g, const char *name, const void *object)
{
	return vacation_put_text(g, name, ((const struct vacation *)object)->html);
}

/* --- VacationResponse/set --- */

static enum err vacation_refuse(struct jmap_set *s)
{
	return jmap_set_refuse(s, "singleton", NULL,
	                       "there is exactly one VacationResponse, with the id singleton");
}

static enum err vacation_create(struct jmap_set *s, struct json object, struct str *id)
{
	(void)object, (void)id;
	return vacation_refuse(s);
}

static enum err vacation_destroy(struct jmap_set *s, struct str id)
{
	return str_eq(id, singleton) ? vacation_refuse(s) : ERR_MISSING;
}

/* The values have their forms; null is the default. */
static void vacation_patch(struct vacation *v, const struct jmap_patch *patch)
{
	static const char *const names[] = { "subject", "textBody", "htmlBody" };
	struct str *const texts[] = { &v->subject, &v->text, &v->html };
	struct json value = jmap_patch_get(patch, "isEnabled");

	if (json_kind(value) == JSON_NULL)
		v->on = false;
	(void)json_bool(value, &v->on);
	value = jmap_patch_get(patch, "fromDate");
	if (json_kind(value) != JSON_MISSING && !json_time(value, &v->from_ms))
		v->from_ms = 0;
	value = jmap_patch_get(patch, "toDate");
	if (json_kind(value) != JSON_MISSING && !json_time(value, &v->until_ms))
		v->until_ms = 0;
	for (size_t i = 0; i < COUNT(names); i++) {
		value = jmap_patch_get(patch, names[i]);
		if (json_kind(value) != JSON_MISSING && !json_str(value, texts[i]))
			*texts[i] = STR_EMPTY;
	}
	v->has_html = true;
}

/* Settings and script of v; they are read again, as those of the console are. */
static enum err vacation_make(struct jmap_set *s, const struct vacation *v, struct filter *out)
{
	struct arena *a = s->arena;
	struct sieve_errors errors;
	struct json_writer w;
	struct vacation again;
	struct buf settings, script;
	struct json read;
	struct why why = { 0 };
	enum err e = OK;

	buf_init(&settings, FILTER_SETTINGS_MAX);
	buf_init(&script, SCRIPT_TEXT_MAX);
	json_writer_init(&w, &settings);
	vacation_put(&w, NULL, v);
	*out = (struct filter){ .settings = str_dup(a, buf_str(&settings)) };
	if (!json_parse_long(a, out->settings, FILTER_SETTINGS_MAX, &read) ||
	    vacation_read(a, read, &again, &why) != OK) {
		e = jmap_set_refuse(s, "invalidProperties", NULL, "%s", why.text);
	} else {
		vacation_sieve(&again, &script);
		out->script = str_dup(a, buf_str(&script));
		if (out->script.n != 0 && !script_compile(a, out->script, &out->program, &errors))
			e = jmap_set_refuse(s, "tooLarge", NULL, "the texts are too long");
	}
	buf_deinit(&settings);
	buf_deinit(&script);
	return e;
}

static enum err vacation_update(struct jmap_set *s, struct str id, const struct jmap_patch *patch)
{
	struct vacation v;
	struct filter filter;
	bool was_on;
	enum err e;

	if (!str_eq(id, singleton))
		return ERR_MISSING;
	if ((e = vacation_get(&s->m, s->arena, &v)))
		return e;
	was_on = v.on;
	vacation_patch(&v, patch);
	if ((e = vacation_make(s, &v, &filter)) ||
	    (e = filter_put(s->m.t, s->m.account, FILTER_VACATION, &filter)))
		return e;
	watches_notify_after(&s->m, 0, 0);
	/* Each sender gets a reply again (RFC 5230 4.2). */
	return v.on && !was_on ? filter_memory_clear(s->m.t, s->m.account) : OK;
}

static const struct jmap_property vacation_properties[] = {
	{ "id", FORM_ID, SERVER_SET | IMMUTABLE, vacation_put_id },
	{ "isEnabled", FORM_BOOL, 0, vacation_put_enabled },
	{ "fromDate", FORM_UTC_DATE, OR_NULL, vacation_put_from },
	{ "toDate", FORM_UTC_DATE, OR_NULL, vacation_put_to },
	{ "subject", FORM_STRING, OR_NULL, vacation_put_subject },
	{ "textBody", FORM_STRING, OR_NULL, vacation_put_text_body },
	{ "htmlBody", FORM_STRING, OR_NULL, vacation_put_html_body },
};

const struct jmap_type jmap_type_vacation = {
	.name = "VacationResponse",
	.capability = CAP_VACATION,
	.scope = JMAP_SIEVE,
	.own_only = true,
	.properties = vacation_properties,
	.property_count = COUNT(vacation_properties),
	.all = vacation_all,
	.load = vacation_load,
	.state = vacation_state,
	.create = vacation_create,
	.update = vacation_update,
	.destroy = vacation_destroy,
};
