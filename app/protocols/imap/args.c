/* protocols/imap/args.c: see args.h. Each function parses the arguments of one command
 * (RFC 9051 section 9). */
#include "foundation/config/limits.h"
#include "protocols/imap/args.h"

bool imap_parse_none(struct cur *c, struct imap_parse *p)
{
	(void)p;
	return imap_end(c);
}

/* login = "LOGIN" SP userid SP password */
bool imap_parse_login(struct cur *c, struct imap_parse *p)
{
	struct imap_args_login *l = &p->args->login;

	return imap_space(c) && imap_astring_parse(c, p->arena, &l->name) && imap_space(c) &&
	       imap_astring_parse(c, p->arena, &l->password) && imap_end(c);
}

/* authenticate = "AUTHENTICATE" SP auth-type [SP initial-resp] (RFC 4959 3) */
bool imap_parse_authenticate(struct cur *c, struct imap_parse *p)
{
	struct imap_args_auth *a = &p->args->auth;

	if (!imap_space(c) || !imap_atom_parse(c, &a->mech))
		return false;
	if (imap_end(c))
		return true;
	a->has_initial = true;
	if (!imap_space(c))
		return false;
	return cur_take(c, cur_left(c), &a->initial);
}

bool imap_parse_id(struct cur *c, struct imap_parse *p)
{
	return imap_space(c) && imap_id_parse(c, p->arena, &p->args->client) && imap_end(c);
}

/* enable = "ENABLE" 1*(SP capability) */
bool imap_parse_enable(struct cur *c, struct imap_parse *p)
{
	struct imap_strs *words = &p->args->enable;
	struct str word;

	do {
		if (!imap_space(c) || !imap_atom_parse(c, &word))
			return false;
		*(struct str *)imap_push(p->arena, &words->items, &words->n, sizeof(word)) = word;
	} while (!imap_end(c));
	return true;
}

/* "CANCELUPDATE" 1*(SP quoted) */
bool imap_parse_tags(struct cur *c, struct imap_parse *p)
{
	struct imap_strs *tags = &p->args->tags;
	struct str tag;

	do {
		if (!imap_space(c) || !imap_string_parse(c, p->arena, &tag))
			return false;
		*(struct str *)imap_push(p->arena, &tags->items, &tags->n, sizeof(tag)) = tag;
	} while (!imap_end(c));
	return true;
}

bool imap_parse_mailbox(struct cur *c, struct imap_parse *p)
{
	return imap_space(c) && imap_mailbox_parse(c, p->arena, p->utf8, &p->args->name) &&
	       imap_end(c);
}

/* select = "SELECT" SP mailbox [select-params]; examine likewise (RFC 4466 2.1) */
bool imap_parse_select(struct cur *c, struct imap_parse *p)
{
	return imap_space(c) && imap_select_parse(c, p->arena, p->utf8, &p->args->select) &&
	       imap_end(c);
}

static enum mailbox_role role_of(struct str attribute)
{
	for (int role = ROLE_NONE + 1; role < ROLES; role++)
		if (str_eqi(mailbox_role_attribute((enum mailbox_role)role), attribute))
			return (enum mailbox_role)role;
	return ROLE_NONE;
}

/* create-param = "USE" SP "(" [use-attr *(SP use-attr)] ")" (RFC 6154 3); a mailbox has
 * at most one use, so a second one is unsupported. */
static bool create_use(struct cur *c, struct imap_parse *p)
{
	struct imap_args_create *create = &p->args->create;
	struct imap_strs uses;

	if (!imap_word(c, STR("USE")) || !imap_space(c) ||
	    !imap_flag_list_parse(c, p->arena, &uses))
		return false;
	if (uses.n > 0)
		create->role = role_of(uses.items[0]);
	create->role_unknown = uses.n > 1 || (uses.n == 1 && create->role == ROLE_NONE);
	return true;
}

/* create = "CREATE" SP mailbox [SP "(" create-param ")"] */
bool imap_parse_create(struct cur *c, struct imap_parse *p)
{
	if (!imap_space(c) || !imap_mailbox_parse(c, p->arena, p->utf8, &p->args->create.name))
		return false;
	if (imap_end(c))
		return true;
	return imap_space(c) && cur_byte(c, '(') && create_use(c, p) && cur_byte(c, ')') &&
	       imap_end(c);
}

/* rename = "RENAME" SP mailbox SP mailbox */
bool imap_parse_rename(struct cur *c, struct imap_parse *p)
{
	struct imap_args_two *two = &p->args->two;

	return imap_space(c) && imap_mailbox_parse(c, p->arena, p->utf8, &two->name) &&
	       imap_space(c) && imap_mailbox_parse(c, p->arena, p->utf8, &two->to) && imap_end(c);
}

bool imap_parse_list(struct cur *c, struct imap_parse *p)
{
	return imap_space(c) && imap_list_parse(c, p->arena, p->utf8, &p->args->list) &&
	       imap_end(c);
}

bool imap_parse_lsub(struct cur *c, struct imap_parse *p)
{
	return imap_space(c) && imap_lsub_parse(c, p->arena, p->utf8, &p->args->list) &&
	       imap_end(c);
}

bool imap_parse_getmetadata(struct cur *c, struct imap_parse *p)
{
	return imap_space(c) && imap_getmetadata_parse(c, p->arena, p->utf8, &p->args->metadata) &&
	       imap_end(c);
}

bool imap_parse_esearch(struct cur *c, struct imap_parse *p)
{
	return imap_esearch_parse(c, p->arena, p->utf8, LIMIT_imap_depth, &p->args->esearch);
}

bool imap_parse_notify(struct cur *c, struct imap_parse *p)
{
	struct imap_args_notify *n = &p->args->notify;

	if (!imap_space(c))
		return false;
	n->text = cur_rest(c);
	*c = cur_of(n->text);
	return imap_notify_parse(c, p->arena, p->utf8, &n->what) && imap_end(c);
}

bool imap_parse_setmetadata(struct cur *c, struct imap_parse *p)
{
	return imap_space(c) && imap_setmetadata_parse(c, p->arena, p->utf8, &p->args->metadata) &&
	       imap_end(c);
}

/* getquota = "GETQUOTA" SP quota-root-name (RFC 9208 7) */
bool imap_parse_quotaroot(struct cur *c, struct imap_parse *p)
{
	return imap_space(c) && imap_astring_parse(c, p->arena, &p->args->name) && imap_end(c);
}

bool imap_parse_setquota(struct cur *c, struct imap_parse *p)
{
	return imap_space(c) && imap_setquota_parse(c, p->arena, &p->args->setquota) && imap_end(c);
}

static bool mailbox_identifier(struct cur *c, struct imap_parse *p)
{
	struct imap_args_acl *acl = &p->args->acl;

	return imap_space(c) && imap_mailbox_parse(c, p->arena, p->utf8, &acl->name) &&
	       imap_space(c) && imap_astring_parse(c, p->arena, &acl->identifier);
}

/* deleteacl = "DELETEACL" SP mailbox SP identifier; listrights likewise (RFC 4314 7) */
bool imap_parse_identifier(struct cur *c, struct imap_parse *p)
{
	return mailbox_identifier(c, p) && imap_end(c);
}

/* setacl = "SETACL" SP mailbox SP identifier SP mod-rights */
bool imap_parse_setacl(struct cur *c, struct imap_parse *p)
{
	return mailbox_identifier(c, p) && imap_space(c) &&
	       imap_astring_parse(c, p->arena, &p->args->acl.rights) && imap_end(c);
}

/* status = "STATUS" SP mailbox SP "(" status-att *(SP status-att) ")" */
bool imap_parse_status(struct cur *c, struct imap_parse *p)
{
	struct imap_args_status *s = &p->args->status;

	return imap_space(c) && imap_mailbox_parse(c, p->arena, p->utf8, &s->name) &&
	       imap_space(c) && imap_status_list_parse(c, &s->items) && imap_end(c);
}

bool imap_parse_append(struct cur *c, struct imap_parse *p)
{
	return imap_space(c) &&
	       imap_append_parse(c, p->arena, p->utf8, p->literal, &p->args->append);
}

bool imap_parse_replace(struct cur *c, struct imap_parse *p)
{
	return imap_space(c) &&
	       imap_replace_parse(c, p->arena, p->utf8, p->literal, &p->args->append);
}

static bool internal(struct cur *c)
{
	return imap_word(c, STR("INTERNAL"));
}

/* genurlauth = "GENURLAUTH" 1*(SP url-rump SP mechanism) (RFC 4467 9); there is only one
 * mechanism */
bool imap_parse_genurlauth(struct cur *c, struct imap_parse *p)
{
	struct imap_strs *urls = &p->args->urls;
	struct str url;

	*urls = (struct imap_strs){ 0 };
	do {
		if (!imap_space(c) || !imap_astring_parse(c, p->arena, &url) || !imap_space(c) ||
		    !internal(c))
			return false;
		*(struct str *)imap_push(p->arena, &urls->items, &urls->n, sizeof(url)) = url;
	} while (!imap_end(c));
	return true;
}

/* url-fetch-param: each at most once, BODY and BINARY not both (RFC 5524 3.1) */
static bool url_item(struct cur *c, unsigned *items)
{
	static const struct {
		struct str word;
		unsigned item, not_with;
	} rows[] = {
		{ { "BODY", 4 }, IMAP_URL_BODY, IMAP_URL_BODY | IMAP_URL_BINARY },
		{ { "BINARY", 6 }, IMAP_URL_BINARY, IMAP_URL_BODY | IMAP_URL_BINARY },
		{ { "BODYPARTSTRUCTURE", 17 }, IMAP_URL_STRUCTURE, IMAP_URL_STRUCTURE },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		if (imap_word(c, rows[i].word)) {
			bool good = !(*items & rows[i].not_with);

			*items |= rows[i].item;
			return good;
		}
	return false;
}

/* url-fetch-arg = url-full / "(" url-full *(SP url-fetch-param) ")" */
static bool url_request(struct cur *c, struct imap_parse *p, struct imap_url_request *out)
{
	bool list = cur_byte(c, '(');

	out->items = 0;
	if (!imap_astring_parse(c, p->arena, &out->url))
		return false;
	while (list && !cur_byte(c, ')'))
		if (!imap_space(c) || !url_item(c, &out->items))
			return false;
	return true;
}

/* urlfetch = "URLFETCH" 1*(SP url-fetch-arg)	RFC 5524 5 */
bool imap_parse_urlfetch(struct cur *c, struct imap_parse *p)
{
	struct imap_args_urlfetch *all = &p->args->urlfetch;
	struct imap_url_request one;

	*all = (struct imap_args_urlfetch){ 0 };
	do {
		if (!imap_space(c) || !url_request(c, p, &one))
			return false;
		*(struct imap_url_request *)imap_push(p->arena, &all->items, &all->n, sizeof(one)) =
			one;
	} while (!imap_end(c));
	return true;
}

/* resetkey = "RESETKEY" [SP mailbox *(SP mechanism)] */
bool imap_parse_resetkey(struct cur *c, struct imap_parse *p)
{
	p->args->name = STR_EMPTY;
	if (imap_end(c))
		return true;
	if (!imap_space(c) || !imap_mailbox_parse(c, p->arena, p->utf8, &p->args->name) ||
	    p->args->name.n == 0)
		return false;
	while (!imap_end(c))
		if (!imap_space(c) || !internal(c))
			return false;
	return true;
}

/* compress = "COMPRESS" SP algorithm (RFC 4978 5) */
bool imap_parse_compress(struct cur *c, struct imap_parse *p)
{
	(void)p;
	return imap_space(c) && imap_word(c, STR("DEFLATE")) && imap_end(c);
}

bool imap_parse_sort(struct cur *c, struct imap_parse *p)
{
	return imap_sort_parse(c, p->arena, LIMIT_imap_depth, &p->args->sort);
}

bool imap_parse_thread(struct cur *c, struct imap_parse *p)
{
	return imap_thread_parse(c, p->arena, LIMIT_imap_depth, &p->args->thread);
}

bool imap_parse_search(struct cur *c, struct imap_parse *p)
{
	return imap_search_parse(c, p->arena, LIMIT_imap_depth, &p->args->search);
}

bool imap_parse_fetch(struct cur *c, struct imap_parse *p)
{
	return imap_space(c) && imap_fetch_parse(c, p->arena, &p->args->fetch) && imap_end(c);
}

bool imap_parse_store(struct cur *c, struct imap_parse *p)
{
	return imap_space(c) && imap_store_parse(c, p->arena, &p->args->store) && imap_end(c);
}

/* copy = "COPY" SP sequence-set SP mailbox; move likewise (RFC 6851) */
bool imap_parse_copy(struct cur *c, struct imap_parse *p)
{
	struct imap_args_two *two = &p->args->two;

	return imap_space(c) && imap_set_parse(c, p->arena, &two->set) && imap_space(c) &&
	       imap_mailbox_parse(c, p->arena, p->utf8, &two->name) && imap_end(c);
}

/* uid-expunge = "UID" SP "EXPUNGE" SP sequence-set (RFC 4315 2.1) */
bool imap_parse_uids(struct cur *c, struct imap_parse *p)
{
	return imap_space(c) && imap_set_parse(c, p->arena, &p->args->set) && imap_end(c);
}
