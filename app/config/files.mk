SRC_config := limits.c live.c parsed.c rules.c settings.c value.c
