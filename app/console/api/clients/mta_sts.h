/* console/api/clients/mta_sts.h: the policies of our own domains (operations/doctor/own_sts.h),
 * served. */
#ifndef API_MTA_STS_H
#define API_MTA_STS_H
#include "network/http_server/http.h"

/* /.well-known/mta-sts.txt. 404 unless it is asked for over TLS, of mta-sts. and a domain of
 * ours. */
http_handler mta_sts_serve;

#endif
