SRC_line := login.c
