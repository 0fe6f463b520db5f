/* console/api/settings/warnings.c: see warnings.h. */
#include "console/api/settings/warnings.h"

#include "console/api/admin.h"
#include "console/api/settings/settings_trial.h"
#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "model/directory/rotation.h"
#include "model/queue/queue.h"
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

static bool disk_is_low(const struct health *h)
{
	return h->disk_bytes != 0 && h->free_bytes < FREE_ENOUGH_BYTES &&
	       h->free_bytes < h->disk_bytes / 100 * FREE_PERCENT;
}

size_t warnings_find(const struct health *h, struct arena *a,
                     struct warning out[static WARNINGS_MAX])
{
	int64_t left_ms = h->certificate_ends_ms - h->now_ms;
	size_t n = 0;

	if (h->store.full)
		out[n++] =
			(struct warning){ "disk_full", STR("The disk is full: no mail is accepted"),
			                  "Free disk space. Until then, senders keep their mail "
			                  "and retry, so none is lost." };
	else if (disk_is_low(h))
		out[n++] = (struct warning){
			"disk_low",
			str_fmt(a, "The disk is nearly full: %" PRIu64 " MB are free",
			        h->free_bytes >> 20),
			"Free disk space, or move the data folder to a larger disk."
		};
	if (h->store.failures != 0 && !h->store.full)
		out[n++] = (struct warning){
			"store_failing",
			str_fmt(a, "%" PRIu64 " writes to the store have failed since the start",
			        h->store.failures),
			"Check the log for store_failed, and check the disk."
		};
	if (h->trial_left_ms != 0)
		out[n++] = (struct warning){
			"setting_trial",
			str_fmt(a,
			        "An unconfirmed change of settings is undone in %" PRId64
			        " seconds",
			        (h->trial_left_ms + 999) / 1000),
			"Confirm it at the top of this page."
		};
	for (size_t i = 0; i < h->trouble_count; i++)
		out[n++] = (struct warning){ "setting_ignored",
			                     str_fmt(a, "A setting is not used: %.*s",
			                             STR_ARG(h->troubles[i])),
			                     "The previous value or the default is used instead. "
			                     "Correct it on the page Settings." };
	if (left_ms <= 0)
		out[n++] =
			(struct warning){ "certificate_expired", STR("The certificate has expired"),
			                  "Mail clients reject it. Renew it on the page "
			                  "Certificates." };
	else if (left_ms < (int64_t)CERTIFICATE_DAYS * DAY_MS)
		out[n++] =
			(struct warning){ "certificate_expiring",
			                  str_fmt(a, "The certificate expires in %" PRId64 " days",
			                          left_ms / DAY_MS),
			                  "The page Certificates shows why it was not renewed. "
			                  "Renew it there." };
	else if (h->certificate_self)
		out[n++] = (struct warning){
			"certificate_self", STR("The certificate is self-signed"),
			"Mail clients and browsers show a warning or reject it. Get a "
			"certificate from an authority or upload one on the page Certificates."
		};
	if (h->queue_oldest_ms < h->now_ms - QUEUE_OLD_MS)
		out[n++] =
			(struct warning){ "queue_old",
			                  str_fmt(a,
			                          "Outgoing mail is queued for %" PRId64 " hours",
			                          (h->now_ms - h->queue_oldest_ms) / 3600000),
			                  "See the replies of the remote servers in the queue." };
	if (h->keys_waiting != 0)
		out[n++] = (struct warning){
			"dkim_keys_wait",
			str_fmt(a, "New DKIM keys of %zu domains wait for their DNS records",
			        h->keys_waiting),
			"Publish the records that the page of the domain, or `roost dkim list`, "
			"shows. Until then the old keys sign."
		};
	if (h->dns_wrong != 0)
		out[n++] = (struct warning){
			"dns_wrong",
			str_fmt(a, "%zu DNS record%s wrong: %.*s", h->dns_wrong,
			        h->dns_wrong == 1 ? " is" : "s are", STR_ARG(h->dns_parts)),
			"Mail may not arrive, or other servers may reject it. The page "
			"DNS checks lists the records to publish."
		};
	return n;
}
