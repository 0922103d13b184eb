/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_POLICY_SCOPE_H
#define GATEPOST_POLICY_SCOPE_H

/**
 * Which gates and rules apply to a repository and a ref.
 */

#include <stdbool.h>
#include <stddef.h>

#include "policy/policy.h"

/** A rule as it applies to one ref: the strictest of the gates that carry
 * it. */
struct scope_rule {
	size_t rule;	       /* position in policy.rules */
	enum policy_mode mode; /* MODE_PREVIEW, MODE_WARN, MODE_ENFORCE */
};

struct scope {
	size_t *gates; /* positions in policy.gates, of those that match */
	size_t ngates, gates_cap;
	size_t *previews; /* gates that match by `preview` alone */
	size_t npreviews, previews_cap;
	struct scope_rule *rules; /* united; in the order of the policy */
	size_t nrules, rules_cap;
	enum policy_mode mode; /* the strictest of the gates; MODE_UNSET when
				* the ref is outside every gate */
	const struct gate *mirror; /* that stands instead of some; or NULL */
};

/**
 * @param override  the repository's own mode (gatepost.mode), or MODE_UNSET
 */
int scope_of_ref(struct scope *out, const struct policy *p,
		 enum policy_mode override, const char *repository,
		 const char *ref, struct err *e);
/**
 * The same for a push of somebody who may be a mirror. Where a mirror's gate
 * matches and no gate is left that it does not stand instead of, `mode` is
 * MODE_OFF and there is nothing else in the scope.
 * @param pusher  NULL: somebody unknown, who is no mirror
 */
int scope_of_push(struct scope *out, const struct policy *p,
		  enum policy_mode override, const char *repository,
		  const char *ref, const struct principal *pusher,
		  struct err *e);
void scope_release(struct scope *s);

/** Whether a gate stands before some refs of a repository. */
bool gate_has_repository(const struct gate *g, const char *repository);

/**
 * The ref globs on which a rule holds in this repository, sorted and without
 * repetition: rules with equal lists share one set of hidden tips. What a
 * gate that only warns has let in must not hide from one that enforces, so
 * `least` is MODE_ENFORCE for a rule that is enforced where it judges, and
 * MODE_WARN (that is, both) elsewhere. Previews never count. Heap array of
 * borrowed strings; caller frees the array.
 *
 * A glob behind a `!` takes refs out again: what a mirror has brought there
 * was judged by nobody, and hides nothing.
 */
int scope_rule_refs(const struct policy *p, enum policy_mode override,
		    const char *repository, size_t rule, enum policy_mode least,
		    const char ***globs, size_t *n, struct err *e);

/** Whether a ref is one of those that a list of scope_rule_refs() means. */
bool scope_refs_have(const char *const *globs, size_t n, const char *ref);

/** Whether a changed path lies in an area. */
bool area_has_path(const struct area *a, struct span path);
/** Whether a path below `directory` could lie in the area: lets the differ
 * skip the rest. */
bool area_may_be_below(const struct area *a, struct span directory);

#endif
