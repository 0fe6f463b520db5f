SRC_http := assets.c http.c relay.c server.c
