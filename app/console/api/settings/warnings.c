/* console/api/settings/warnings.c: see warnings.h. */
#include "console/api/settings/warnings.h"

#include "console/api/admin.h"
#include "console/api/settings/settings_trial.h"
#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "model/directory/rotation.h"
#include "model/queue/admin.h"
#include "network/tls/cert.h"
#include "operations/doctor/doctor.h"

#include <sys/statvfs.h>

enum {
	DAY_MS = 86400 * 1000,
	HOUR_MS = 3600 * 1000,
	CERTIFICATE_DAYS = 14,
	QUEUE_OLD_MS = 4 * 3600 * 1000, /* a greylist lets in after less */
	FREE_PERCENT = 10,
};
#define FREE_ENOUGH_BYTES ((uint64_t)20 << 30) /* whatever part of the disk that is */

/* --- how things are ---------------------------------------------------------------------- */

static enum err queue_look(struct txn *t, void *arg)
{
	struct health *h = arg;

	return queue_size(t, &h->queue, &h->queue_oldest_ms);
}

static enum err keys_look(struct txn *t, void *arg)
{
	struct health *h = arg;

	return rotations_waiting(t, h->now_ms - HOUR_MS, &h->keys_waiting);
}

static void disk_look(struct store *s, struct health *h)
{
	int folder = store_folder_fd(s);
	struct statvfs st;

	if (folder < 0 || fstatvfs(folder, &st) != 0)
		return;
	h->free_bytes = (uint64_t)st.f_bavail * st.f_frsize;
	h->disk_bytes = (uint64_t)st.f_blocks * st.f_frsize;
}

static void certificate_look(struct certs *certs, struct health *h)
{
	struct cert *c = certs != NULL ? certs_find(certs, STR_EMPTY) : NULL;
	const struct x509 *leaf;
	size_t count;

	h->certificate_ends_ms = INT64_MAX;
	if (c == NULL)
		return;
	leaf = cert_chain(c, &count);
	h->certificate_ends_ms = leaf->not_after_ms;
	h->certificate_self = str_eq(leaf->subject, leaf->issuer);
	cert_unref(c);
}

enum err health_look(const struct admin *admin, struct arena *a, struct health *out)
{
	enum err e;

	*out = (struct health){ .now_ms = clock_real_ms() };
	store_stats(admin->store, &out->store);
	disk_look(admin->store, out);
	certificate_look(admin->certs, out);
	if (admin->doctor != NULL)
		out->dns_wrong = doctor_wrong(admin->doctor, a, &out->dns_parts);
	out->trial_left_ms = settings_trial_left_ms(admin->changes);
	out->trouble_count = settings_troubles_get(&admin->changes->troubles, a, out->troubles);
	e = store_read(admin->store, queue_look, out);
	return e == OK ? store_read(admin->store, keys_look, out) : e;
}

/* --- what is wrong ----------------------------------------------------------------------- */

static bool disk_full(const struct health *h, size_t i, struct arena *a, struct str *value)
{
	(void)a, (void)value;
	return i == 0 && h->store.full;
}

static bool disk_low(const struct health *h, size_t i, struct arena *a, struct str *value)
{
	*value = str_fmt(a, "%" PRIu64, h->free_bytes >> 20);
	return i == 0 && !h->store.full && h->disk_bytes != 0 &&
	       h->free_bytes < FREE_ENOUGH_BYTES &&
	       h->free_bytes < h->disk_bytes / 100 * FREE_PERCENT;
}

static bool store_failing(const struct health *h, size_t i, struct arena *a, struct str *value)
{
	*value = str_fmt(a, "%" PRIu64, h->store.failures);
	return i == 0 && h->store.failures != 0 && !h->store.full;
}

static bool setting_trial(const struct health *h, size_t i, struct arena *a, struct str *value)
{
	*value = str_fmt(a, "%" PRId64, (h->trial_left_ms + 999) / 1000);
	return i == 0 && h->trial_left_ms != 0;
}

static bool setting_ignored(const struct health *h, size_t i, struct arena *a, struct str *value)
{
	(void)a;
	if (i >= h->trouble_count)
		return false;
	*value = h->troubles[i];
	return true;
}

static bool certificate_expired(const struct health *h, size_t i, struct arena *a,
                                struct str *value)
{
	(void)a, (void)value;
	return i == 0 && h->certificate_ends_ms <= h->now_ms;
}

static bool certificate_expiring(const struct health *h, size_t i, struct arena *a,
                                 struct str *value)
{
	int64_t left_ms = h->certificate_ends_ms - h->now_ms;

	*value = str_fmt(a, "%" PRId64, left_ms / DAY_MS);
	return i == 0 && left_ms > 0 && left_ms < (int64_t)CERTIFICATE_DAYS * DAY_MS;
}

static bool certificate_self(const struct health *h, size_t i, struct arena *a, struct str *value)
{
	(void)a, (void)value;
	return i == 0 && h->certificate_self &&
	       h->certificate_ends_ms - h->now_ms >= (int64_t)CERTIFICATE_DAYS * DAY_MS;
}

static bool queue_old(const struct health *h, size_t i, struct arena *a, struct str *value)
{
	*value = str_fmt(a, "%" PRId64, (h->now_ms - h->queue_oldest_ms) / HOUR_MS);
	return i == 0 && h->queue_oldest_ms < h->now_ms - QUEUE_OLD_MS;
}

static bool dkim_keys_unpublished(const struct health *h, size_t i, struct arena *a,
                                  struct str *value)
{
	*value = str_fmt(a, "%zu", h->keys_waiting);
	return i == 0 && h->keys_waiting != 0;
}

static bool dns_wrong(const struct health *h, size_t i, struct arena *a, struct str *value)
{
	(void)a;
	*value = h->dns_parts;
	return i == 0 && h->dns_wrong != 0;
}

/* In the order in which they are shown. */
static const struct row {
	/* Is there an i-th problem of this kind? *value goes into the place of text, in a. */
	bool (*find)(const struct health *h, size_t i, struct arena *a, struct str *value);
	const char *id, *text, *advice, *page;
} rows[] = {
	{ disk_full, "disk_full", "The disk is full: no mail is accepted",
	  "Free disk space. Until then, senders keep their mail and retry, so none is lost.", "" },
	{ disk_low, "disk_low", "The disk is nearly full: {value} MB are free",
	  "Free disk space, or move the data folder to a larger disk.", "" },
	{ store_failing, "store_failing",
	  "{value} writes to the store have failed since the start",
	  "Check the log for store_failed, and check the disk.", "events?level=error" },
	{ setting_trial, "setting_trial",
	  "An unconfirmed change of settings is undone in {value} seconds",
	  "Confirm it at the top of this page.", "" },
	{ setting_ignored, "setting_ignored", "A setting is not used: {value}",
	  "The previous value or the default is used instead. Correct it on the page Settings.",
	  "settings" },
	{ certificate_expired, "certificate_expired", "The certificate has expired",
	  "Mail clients reject it. Renew it on the page Certificates.", "certificates" },
	{ certificate_expiring, "certificate_expiring",
	  "The certificate expires in {value} days",
	  "The page Certificates shows why it was not renewed. Renew it there.", "certificates" },
	{ certificate_self, "certificate_self", "The certificate is self-signed",
	  "Mail clients and browsers show a warning or reject it. Get a certificate from an "
	  "authority or upload one on the page Certificates.",
	  "certificates" },
	{ queue_old, "queue_old", "Outgoing mail is queued for {value} hours",
	  "See the replies of the remote servers in the queue.", "queue" },
	{ dkim_keys_unpublished, "dkim_keys_unpublished",
	  "New DKIM keys of {value} domains wait for their DNS records",
	  "Publish the records that the page of the domain, or `roost dkim list`, shows. Until "
	  "then the old keys sign.",
	  "domains" },
	{ dns_wrong, "dns_wrong", "DNS records are wrong: {value}",
	  "Mail may not arrive, or other servers may reject it. The page DNS checks lists the "
	  "records to publish.",
	  "doctor" },
};

static struct str text_fill(struct str text, struct str value, struct arena *a)
{
	static const struct str place = STR("{value}");
	ptrdiff_t at = str_find(text, place);

	if (at < 0)
		return text;
	return str_fmt(a, "%.*s%.*s%.*s", (int)at, text.p, STR_ARG(value),
	               STR_ARG(str_sub(text, (size_t)at + place.n, text.n)));
}

size_t warnings_find(const struct health *h, struct arena *a,
                     struct warning out[static WARNINGS_MAX])
{
	struct str value = STR_EMPTY;
	size_t n = 0;

	for (size_t k = 0; k < COUNT(rows); k++)
		for (size_t i = 0; rows[k].find(h, i, a, &value); i++)
			out[n++] = (struct warning){ .id = rows[k].id,
				                     .text = text_fill(str_of(rows[k].text), value,
				                                       a),
				                     .advice = rows[k].advice,
				                     .page = rows[k].page };
	return n;
}
