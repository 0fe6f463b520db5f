/* admin/mta_sts.h: the policies of our own domains (doctor/own_sts.h), served. */
#ifndef ADMIN_MTA_STS_H
#define ADMIN_MTA_STS_H
#include "http/http.h"

/* /.well-known/mta-sts.txt. 404 unless it is asked for over TLS, of mta-sts. and a domain of
 * ours. */
http_handler mta_sts_serve;

#endif
