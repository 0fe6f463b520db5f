SRC_sent += find.c
SRC_sent += sent.c
