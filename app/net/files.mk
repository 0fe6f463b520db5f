SRC_net := addr.c conn.c conn_io.c listener.c peers.c poller.c pool.c runtime.c socket.c timers.c \
	worker.c
