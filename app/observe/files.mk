SRC_observe := event.c history.c metrics.c recent.c stamp.c
