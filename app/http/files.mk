SRC_http := assets.c body.c cookie.c forwarded.c http.c local.c path.c relay.c server.c server_request.c \
	server_response.c
