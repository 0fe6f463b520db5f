/* flow/policy/policy.c: the object and its sessions; see policy.h. */
#include "flow/policy/policy.h"

#include "flow/policy/access/access.h"
#include "flow/policy/authentication/prefetch.h"
#include "flow/policy/run.h"
#include "flow/policy/stages/stage_programs.h"
#include "foundation/base/clock.h"
#include "foundation/base/mem.h"
#include "foundation/config/limits.h"
#include "foundation/config/settings.h"
#include "network/dns/budget.h"

enum { POOL_QUEUE = 1, ASKING_QUEUE = 1000 };
/* One network may hold a quarter of the free threads; for users half of them. */
enum { STRANGERS_SHARE = 4, USERS_SHARE = 1 };

const char *policy_kind_name(enum policy_kind kind)
{
	static const char *const names[POLICY_KINDS] = {
		[POLICY_PASS] = "pass",         [POLICY_TAG] = "tag",
		[POLICY_DELAY] = "delay",       [POLICY_QUARANTINE] = "quarantine",
		[POLICY_ACCEPT] = "accept",     [POLICY_DISCARD] = "discard",
		[POLICY_TEMPFAIL] = "tempfail", [POLICY_REJECT] = "reject",
	};

	assert(kind < POLICY_KINDS);
	return names[kind];
}

const char *policy_stage_name(enum policy_stage stage)
{
	static const char *const names[POLICY_STAGES] = {
		[POLICY_CONNECT] = "connect", [POLICY_HELLO] = "hello", [POLICY_AUTH] = "auth",
		[POLICY_MAIL] = "mail",       [POLICY_RCPT] = "rcpt",   [POLICY_DATA] = "data",
		[POLICY_END] = "end",
	};

	assert(stage < POLICY_STAGES);
	return names[stage];
}

/* The task pool stops last, because runs use it. */
static bool pools_stop(struct policy *p, int64_t deadline_ms)
{
	if (p->pool != NULL && !pool_stop(p->pool, deadline_ms))
		return false;
	if (p->asking != NULL && !pool_stop(p->asking, deadline_ms))
		return false;
	pool_free(&p->pool);
	pool_free(&p->asking);
	return true;
}

static void parts_free(struct policy *p)
{
	access_free(&p->access);
	stage_programs_free(&p->stages);
	policy_tally_free(&p->tally);
}

enum err policy_open(const struct policy_config *config, struct policy **out, struct why *why)
{
	struct policy *p = NEW(struct policy);
	enum err e = OK;

	p->config = *config;
	dns_cancellable_init(&p->dns, config->dns, &p->stopping);
	pthread_mutex_init(&p->lock, NULL);
	slots_init(&p->strangers, config->threads, STRANGERS_SHARE);
	slots_init(&p->users, LIMIT_policy_user_threads, USERS_SHARE);
	if (config->checks == NULL) {
		p->config.checks = policy_checks;
		p->config.check_count = policy_check_count;
	}
	if (config->threads != 0)
		e = pool_new("policy", 1, config->threads + LIMIT_policy_user_threads, POOL_QUEUE,
		             &p->pool, why);
	if (e == OK && config->threads != 0)
		e = pool_new("asking", 1, 2 * config->threads, ASKING_QUEUE, &p->asking, why);
	p->recall = config->recall;
	p->tally = policy_tally_new(p->config.check_count);
	p->access = config->store != NULL ? access_new() : NULL;
	p->stages = config->store != NULL ? stage_programs_new() : NULL;
	if (e == OK && p->access != NULL && (e = access_read(p->access, config->store)))
		fail(why, e, "the access rules cannot be read");
	if (e) {
		/* Idle threads: this takes only their shutdown. */
		while (!pools_stop(p, clock_mono_ms() + 1000)) {
		}
		parts_free(p);
		slots_deinit(&p->strangers);
		slots_deinit(&p->users);
		pthread_mutex_destroy(&p->lock);
		mem_free(p);
		return e;
	}
	*out = p;
	return OK;
}

bool policy_close(struct policy **p, int64_t deadline_ms)
{
	if (*p == NULL)
		return true;
	atomic_store(&(*p)->stopping, true);
	if (!pools_stop(*p, deadline_ms))
		return false;
	parts_free(*p);
	for (size_t i = 0; i < (*p)->answering_count; i++)
		str_free(&(*p)->answering[i].name);
	slots_deinit(&(*p)->strangers);
	slots_deinit(&(*p)->users);
	pthread_mutex_destroy(&(*p)->lock);
	mem_clear(p);
	return true;
}

/* --- sessions ---------------------------------------------------------------------------- */

/* Data of the connection is copied: a run may outlive it. */
struct policy_session *policy_session_of(struct policy *p, const struct policy_origin *origin,
                                         unsigned role, const struct settings *settings)
{
	struct policy_session *s = NEW(struct policy_session);
	char text[ADDR_TEXT_MAX];

	s->id = str_dup(&s->arena, origin->id);
	s->service = str_dup(&s->arena, origin->service);
	s->peer = origin->peer;
	s->peer_text = str_dup(&s->arena, addr_ip_text(&origin->peer, text));
	s->tls = str_dup(&s->arena, origin->tls);
	if (origin->peer.family == ADDR_NONE) {
		s->peer_name = STR("localhost");
		s->peer_text = STR("local");
	}
	s->budget = dns_budget_new();
	s->role = role;
	s->settings = settings;
	s->hostname = settings->hostname;
	s->states = arena_array(&s->arena, void *, p->config.check_count);
	list_init(&s->notes);
	list_init(&s->mail_notes);
	policy_changes_init(&s->changes);
	return s;
}

struct policy_session *policy_session_new(struct policy *p, const struct conn *c, unsigned role,
                                          const struct settings *settings)
{
	const struct policy_origin origin = { .id = conn_id(c),
		                              .service = str_of(conn_service(c)->name),
		                              .tls = conn_tls_text(c),
		                              .peer = *conn_peer(c) };
	struct policy_session *s = policy_session_of(p, &origin, role, settings);
	char local[ADDR_TEXT_MAX];

	s->peer_text = str_dup(&s->arena, conn_peer_text(c));
	s->local_text = str_dup(&s->arena, addr_text(conn_local(c), local));
	return s;
}

void policy_session_reset(struct policy *p, struct policy_session *s)
{
	for (size_t i = 0; i < p->config.check_count; i++)
		if (s->states[i] != NULL && p->config.checks[i].reset != NULL)
			p->config.checks[i].reset(p, s, &s->states[i]);
	s->envelope = (struct envelope){ 0 };
	s->rcpt = (struct mailaddr){ 0 };
	s->params = s->rcpt_params = NULL;
	s->param_count = s->rcpt_param_count = 0;
	s->size = 0;
	s->received = s->message = s->discard = s->quarantine = STR_EMPTY;
	for (int i = POLICY_MAIL - 1; i >= 0; i--) {
		s->discard = s->marks[i].discard.n != 0 ? s->marks[i].discard : s->discard;
		s->quarantine =
			s->marks[i].quarantine.n != 0 ? s->marks[i].quarantine : s->quarantine;
	}
	s->mail_accepted = false;
	s->verified = NULL;
	s->results = NULL;
	s->signed_by = NULL;
	s->listed = STR_EMPTY;
	policy_asked_leave(&s->asked);
	dns_budget_next(s->budget);
	s->mail_note_count = 0;
	list_init(&s->mail_notes);
	policy_changes_init(&s->changes);
	arena_reset(&s->mail_arena);
}

/* Forget the findings about EHLO and everything after it. */
static void notes_forget(struct policy_session *s)
{
	list_each_safe(it, &s->notes)
	{
		if (container_of(it, struct policy_note, link)->stage == POLICY_CONNECT)
			continue;
		list_remove(it);
		s->note_count--;
	}
}

/* RFC 3207 4.2: the peer's earlier commands no longer count. */
void policy_session_restart(struct policy *p, struct policy_session *s)
{
	s->marks[POLICY_HELLO] = s->marks[POLICY_AUTH] = (struct policy_mark){ 0 };
	s->accepted = s->marks[POLICY_CONNECT].accepted;
	notes_forget(s);
	policy_session_reset(p, s);
	for (size_t i = 0; i < p->config.check_count; i++)
		if (s->states[i] != NULL && p->config.checks[i].restart != NULL)
			p->config.checks[i].restart(p, s, &s->states[i]);
	s->helo = s->login = s->mechanism = STR_EMPTY;
	s->account = 0;
	s->esmtp = false;
}

static void session_end(struct policy *p, struct policy_session *s)
{
	for (size_t i = 0; i < p->config.check_count; i++)
		if (s->states[i] != NULL && p->config.checks[i].end != NULL)
			p->config.checks[i].end(p, s, &s->states[i]);
}

void policy_session_free(struct policy *p, struct policy_session **s)
{
	if (*s == NULL)
		return;
	session_end(p, *s);
	stage_set_leave(&(*s)->stages);
	policy_asked_leave(&(*s)->asked);
	dns_budget_unref((*s)->budget);
	arena_deinit(&(*s)->mail_arena);
	arena_deinit(&(*s)->arena);
	mem_clear(s);
}

const struct action *policy_verdict_actions(const struct policy_verdict *v, struct arena *a)
{
	if (v->kind == POLICY_DISCARD)
		return actions_discard(a, v->text.n != 0 ? v->text : STR("by a check"));
	return v->quarantine.n != 0 ? actions_quarantine(a, v->quarantine) : NULL;
}
