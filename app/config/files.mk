SRC_config := limits.c settings.c value.c
