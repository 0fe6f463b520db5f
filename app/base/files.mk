SRC_base := arena.c block.c buf.c clock.c cond.c cur.c err.c fault.c map.c mem.c pack.c random.c str.c
