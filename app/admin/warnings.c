/* admin/warnings.c: see warnings.h. */
#include "admin/warnings.h"

#include "admin/admin.h"
#include "admin/settings_trial.h"
#include "base/arena.h"
#include "base/clock.h"
#include "doctor/doctor.h"
#include "directory/rotation.h"
#include "net/cert.h"
#include "queue/queue.h"

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
			                  "Make room on the disk; mail waits at its senders "
			                  "meanwhile and nothing is lost." };
	else if (disk_is_low(h))
		out[n++] = (struct warning){
			"disk_low",
			str_fmt(a, "The disk is nearly full: %" PRIu64 " MB are free",
			        h->free_bytes >> 20),
			"Make room, or give the data folder a larger disk, before mail has to wait."
		};
	if (h->store.failures != 0 && !h->store.full)
		out[n++] = (struct warning){
			"store_failing",
			str_fmt(a, "%" PRIu64 " writes to the store failed since the start",
			        h->store.failures),
			"Look at the log for store_failed, and at the disk."
		};
	if (h->trial_left_ms != 0)
		out[n++] = (struct warning){
			"setting_trial",
			str_fmt(a,
			        "A change of how these pages are reached is undone "
			        "in %" PRId64 " seconds",
			        (h->trial_left_ms + 999) / 1000),
			"Confirm it on the page Settings."
		};
	for (size_t i = 0; i < h->trouble_count; i++)
		out[n++] = (struct warning){ "setting_ignored",
			                     str_fmt(a, "A setting could not be taken up: %.*s",
			                             STR_ARG(h->troubles[i])),
			                     "What was before it, or the default, is used instead. "
			                     "Mend it on the page Settings." };
	if (left_ms <= 0)
		out[n++] =
			(struct warning){ "certificate_expired", STR("The certificate has expired"),
			                  "Mail programs refuse it: renew it on the page "
			                  "Certificates." };
	else if (left_ms < (int64_t)CERTIFICATE_DAYS * DAY_MS)
		out[n++] = (struct warning){ "certificate_expiring",
			                     str_fmt(a, "The certificate ends in %" PRId64 " days",
			                             left_ms / DAY_MS),
			                     "Renew it: the page Certificates says why that has "
			                     "not happened by itself." };
	else if (h->certificate_self)
		out[n++] = (struct warning){
			"certificate_self",
			STR("The certificate is self-signed: no authority vouches for it"),
			"Mail programs and browsers warn of it, or refuse it. The page "
			"Certificates gets one from an authority, or takes one that you have."
		};
	if (h->queue_oldest_ms < h->now_ms - QUEUE_OLD_MS)
		out[n++] = (struct warning){ "queue_old",
			                     str_fmt(a, "Outgoing mail waits for %" PRId64 " hours",
			                             (h->now_ms - h->queue_oldest_ms) / 3600000),
			                     "The page Queue tells what the other servers said." };
	if (h->keys_waiting != 0)
		out[n++] = (struct warning){
			"dkim_keys_wait",
			str_fmt(a, "The next signing keys of %zu domains wait for their records",
			        h->keys_waiting),
			"DNS does not show them: the page of the domain, or `roost dkim list`, "
			"tells what to put there. The old keys sign meanwhile."
		};
	if (h->dns_wrong != 0)
		out[n++] = (struct warning){
			"dns_wrong",
			str_fmt(a, "%zu DNS record%s wrong: %.*s", h->dns_wrong,
			        h->dns_wrong == 1 ? " is" : "s are", STR_ARG(h->dns_parts)),
			"Mail may not arrive, or other servers may reject it. The page DNS "
			"doctor lists the records to set."
		};
	return n;
}
