SRC_config := limits.c live.c rules.c settings.c value.c
