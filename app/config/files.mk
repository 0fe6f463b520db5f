SRC_config := limits.c live.c settings.c value.c
