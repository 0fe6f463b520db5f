SRC_sent += find.c
SRC_sent += sent.c
SRC_sent += waits.c
