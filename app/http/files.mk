SRC_http := assets.c cookie.c forwarded.c http.c relay.c server.c
