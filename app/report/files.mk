# One a line, so that changes do not collide; sorted.
