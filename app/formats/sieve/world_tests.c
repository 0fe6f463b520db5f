/* formats/sieve/world_tests.c: tests that the host answers: mailboxes and annotations (RFC 5490),
 * special uses (RFC 8579), mailbox ids (RFC 9042), environment (RFC 5183), duplicate (RFC 7352),
 * spamtest and virustest (RFC 5235), lists (RFC 6134), and error (RFC 5463). */
#include "formats/sieve/match.h"
#include "formats/sieve/parser.h"

/* All of the mailboxes exist. */
bool sieve_test_mailboxexists(struct sieve_run *r, const struct sieve_op *op)
{
	struct sieve_list names = sieve_list(op, ARG_1);
	const struct sieve_host *h = r->host;
	struct str name;

	while (sieve_list_next(r, &names, &name))
		if (h->mailbox_exists == NULL || !h->mailbox_exists(h->arg, name))
			return false;
	return true;
}

bool sieve_test_mailboxidexists(struct sieve_run *r, const struct sieve_op *op)
{
	struct sieve_list ids = sieve_list(op, ARG_1);
	const struct sieve_host *h = r->host;
	struct str id;

	while (sieve_list_next(r, &ids, &id))
		if (h->mailbox_id == NULL || !h->mailbox_id(h->arg, id))
			return false;
	return true;
}

bool sieve_test_specialuse(struct sieve_run *r, const struct sieve_op *op)
{
	struct str mailbox = sieve_str(r, op, ARG_1), use;
	struct sieve_list uses = sieve_list(op, ARG_2);
	const struct sieve_host *h = r->host;

	while (sieve_list_next(r, &uses, &use))
		if (h->special_use == NULL || !h->special_use(h->arg, mailbox, use))
			return false;
	return true;
}

static bool metadata_get(struct sieve_run *r, struct str mailbox, struct str name, struct str *out)
{
	const struct sieve_host *h = r->host;

	return h->metadata != NULL && h->metadata(h->arg, mailbox, name, out);
}

/* metadata MAILBOX NAME KEYS and servermetadata NAME KEYS */
bool sieve_test_metadata(struct sieve_run *r, const struct sieve_op *op)
{
	bool server = op->code == OP_SERVERMETADATA;
	struct str mailbox = server ? STR_EMPTY : sieve_str(r, op, ARG_1), value;
	struct sieve_matcher m;

	sieve_matcher_init(&m, r, op, server ? ARG_2 : ARG_3);
	return (metadata_get(r, mailbox, sieve_str(r, op, server ? ARG_1 : ARG_2), &value) &&
	        sieve_matcher_value(&m, value)) ||
	       sieve_matcher_end(&m);
}

bool sieve_test_metadataexists(struct sieve_run *r, const struct sieve_op *op)
{
	bool server = op->code == OP_SERVERMETADATAEXISTS;
	struct sieve_list names = sieve_list(op, server ? ARG_1 : ARG_2);
	struct str mailbox = server ? STR_EMPTY : sieve_str(r, op, ARG_1), name, value;

	while (sieve_list_next(r, &names, &name))
		if (!metadata_get(r, mailbox, name, &value))
			return false;
	return true;
}

/* An unknown item matches no key (RFC 5183 4). */
bool sieve_test_environment(struct sieve_run *r, const struct sieve_op *op)
{
	const struct sieve_host *h = r->host;
	struct str name = str_lower(&r->scratch, sieve_str(r, op, ARG_1)), value;
	struct sieve_matcher m;

	sieve_matcher_init(&m, r, op, ARG_2);
	return (h->environment != NULL && h->environment(h->arg, name, &value) &&
	        sieve_matcher_value(&m, value)) ||
	       sieve_matcher_end(&m);
}

enum { DUPLICATE_SECONDS = 7 * 86400 }; /* RFC 7352 3.3 leaves the default to us */

/* Message-ID, or the field of :header, or :uniqueid (RFC 7352 3.1). */
static bool unique_id_get(struct sieve_run *r, const struct sieve_op *op, struct str *out)
{
	struct sieve_fields f;
	struct str value;

	if (sieve_has(op, ARG_UNIQUE_ID)) {
		*out = sieve_str(r, op, ARG_UNIQUE_ID);
		return true;
	}
	sieve_fields_init(r, &f,
	                  sieve_has(op, ARG_HEADER) ? sieve_str(r, op, ARG_HEADER)
	                                            : STR("message-id"));
	if (!sieve_fields_next(r, &f, &value))
		return false;
	*out = sieve_field_text(r, value);
	return true;
}

bool sieve_test_duplicate(struct sieve_run *r, const struct sieve_op *op)
{
	const struct sieve_host *h = r->host;
	struct sieve_duplicate d = { .handle = sieve_str(r, op, ARG_HANDLE),
		                     .seconds = sieve_number(op, ARG_TIMEOUT, DUPLICATE_SECONDS),
		                     .last = sieve_has(op, ARG_LAST) };

	return unique_id_get(r, op, &d.id) && h->duplicate != NULL && h->duplicate(h->arg, &d);
}

void sieve_check_duplicate(struct sieve_parser *p, struct sieve_command *c)
{
	const struct sieve_value *id = sieve_value_of(c, ARG_UNIQUE_ID);

	if (id != NULL && sieve_value_of(c, ARG_HEADER) != NULL)
		sieve_report_value(p, id, "\":header\" and \":uniqueid\" exclude each other");
}

/* 0: not tested; 1 to 10, 1 to 5 for viruses, or 0 to 100 with :percent (RFC 5235 2). */
bool sieve_test_score(struct sieve_run *r, const struct sieve_op *op)
{
	const struct sieve_host *h = r->host;
	bool virus = op->code == OP_VIRUSTEST, percents = sieve_has(op, ARG_PERCENT);
	struct sieve_matcher m;
	unsigned percent = 0, steps = virus ? 4 : 9;
	bool tested =
		h->score != NULL && h->score(h->arg, virus ? SIEVE_VIRUS : SIEVE_SPAM, &percent);
	char room[24];
	struct buf text;

	buf_init_in(&text, room, sizeof room);
	buf_u64(&text, !tested ? 0 : percents ? percent : 1 + percent * steps / 100);
	sieve_matcher_init(&m, r, op, ARG_1);
	return ((!percents || tested) && sieve_matcher_value(&m, buf_str(&text))) ||
	       sieve_matcher_end(&m);
}

/* All of the lists are known (RFC 6134 2.7). */
bool sieve_test_ext_list(struct sieve_run *r, const struct sieve_op *op)
{
	struct sieve_list names = sieve_list(op, ARG_1);
	const struct sieve_host *h = r->host;
	struct str name;

	while (sieve_list_next(r, &names, &name)) {
		bool known = false;

		if (h->list_has != NULL)
			(void)h->list_has(h->arg, name, STR_EMPTY, &known);
		if (!known)
			return false;
	}
	return true;
}

bool sieve_act_error(struct sieve_run *r, const struct sieve_op *op)
{
	struct str text = str_sub(sieve_str(r, op, ARG_1), 0, 180);

	return sieve_fail(r, "%.*s",
	                  STR_ARG(text.n != 0 ? text : STR("The script ends in an error")));
}
