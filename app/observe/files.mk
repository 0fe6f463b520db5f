SRC_observe := event.c metrics.c stamp.c
