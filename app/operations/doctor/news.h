/* operations/doctor/news.h: mail to those who administer the server or a domain, when something
 * that was right is wrong, and when it is right again: one message for all that there is to
 * tell. */
#ifndef DOCTOR_NEWS_H
#define DOCTOR_NEWS_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct delivery;
struct settings;
struct store;
struct watch_list;

/* Tell what is to be told. postmaster at the host's name, who is the owner, hears of everything,
 * domain administrators of their domains. Where mail is off it counts as told. *more: there is more
 * than one message takes. Blocks for the store only. On an error nothing counts as told; it may be
 * that some have heard of it. */
enum err news_tell(struct store *store, const struct delivery *delivery,
                   const struct settings *settings, bool *more, struct why *why) MUST_USE;

/* The message, in a. domains: only what is of them, with a blank between; NULL: all. Empty: there
 * is
 * nothing. */
struct str news_write(const struct watch_list *news, const struct str *domains, struct str to,
                      struct str hostname, struct arena *a);

#endif
