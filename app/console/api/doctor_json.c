/* console/api/doctor_json.c: see api_private.h. */
#include "console/api/api_private.h"

static void put_view(struct json_writer *w, const struct view *v)
{
	json_open(w, NULL, '{');
	json_put_str(w, "by", v->by);
	json_put_str(w, "of", str_of(view_of_name(v->of)));
	json_put_str(w, "answer", v->why.n != 0 ? v->why : str_of(dns_status_text(v->status)));
	json_open(w, "data", '[');
	for (size_t i = 0; i < v->count; i++)
		json_put_str(w, NULL, v->data[i]);
	json_close(w);
	json_put_u64(w, "ttl_s", v->ttl_s);
	json_put_str(w, "state", str_of(dns_state_name(v->state)));
	json_close(w);
}

static void put_row(struct json_writer *w, const struct finding *f)
{
	json_open(w, NULL, '{');
	json_put_str(w, "id", f->id);
	json_put_str(w, "name", f->name);
	json_put_str(w, "type", str_of(f->type));
	json_put_str(w, "purpose", str_of(f->purpose));
	json_put_str(w, "expected", f->expected);
	json_put_str(w, "paste", f->paste);
	json_put_bool(w, "optional", f->optional);
	json_put_str(w, "state", str_of(dns_state_name(f->state)));
	json_put_str(w, "words", f->words);
	json_put_str(w, "advice", f->advice);
	json_open(w, "seen", '[');
	for (size_t i = 0; i < f->view_count; i++)
		put_view(w, &f->views[i]);
	json_close(w);
	json_put_time(w, "right", f->right_ms);
	json_put_time(w, "since", f->since_ms);
	json_close(w);
}

static void put_counts(struct json_writer *w, const struct findings *all)
{
	json_open(w, "counts", '{');
	for (enum dns_state s = DNS_STATE_OK; s <= DNS_STATE_UNKNOWN; s++)
		json_put_u64(w, dns_state_name(s), findings_count(all, s));
	json_close(w);
}

void doctor_json_put(struct json_writer *w, const struct findings *all, bool rows)
{
	json_put_str(w, "state", str_of(dns_state_name(findings_state(all))));
	put_counts(w, all);
	if (!rows)
		return;
	json_open(w, "rows", '[');
	for (size_t i = 0; i < all->count; i++)
		put_row(w, &all->items[i]);
	json_close(w);
}
