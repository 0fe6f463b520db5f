# One a line, so that changes do not collide; sorted.
SRC_nsupdate += dns_update.c
SRC_nsupdate += hook.c
SRC_nsupdate += program.c
SRC_nsupdate += tsig.c
SRC_nsupdate += wire_update.c
SRC_nsupdate += zone_door.c
