SRC_http := assets.c cookie.c forwarded.c http.c local.c relay.c server.c
