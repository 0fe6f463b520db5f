SRC_base := arena.c block.c budget.c buf.c clock.c cond.c cur.c err.c fault.c map.c mem.c minder.c pack.c random.c sparse.c str.c
