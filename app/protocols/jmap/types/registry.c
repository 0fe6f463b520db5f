/* protocols/jmap/types/registry.c: see registry.def. */
#include "protocols/jmap/request/type.h"

#define TYPE(name) extern const struct jmap_type jmap_type_##name;
#define METHODS(name) extern const struct jmap_methods jmap_methods_##name;
#include "protocols/jmap/types/registry.def"
#undef TYPE
#undef METHODS

static const struct jmap_type *const types[] = {
#define TYPE(name) &jmap_type_##name,
#define METHODS(name)
#include "protocols/jmap/types/registry.def"
#undef TYPE
#undef METHODS
	NULL
};

static const struct jmap_methods *const methods[] = {
#define TYPE(name)
#define METHODS(name) &jmap_methods_##name,
#include "protocols/jmap/types/registry.def"
#undef TYPE
#undef METHODS
	NULL
};

const struct jmap_registry jmap_registry = { types, COUNT(types) - 1, methods, COUNT(methods) - 1 };
