/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_TRUST_PRINCIPALS_H
#define GATEPOST_TRUST_PRINCIPALS_H

/**
 * Who is who: one principal is one human, bot or agent, with the e-mails,
 * logins and roles that are theirs. Filled by the policy, read by all above.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/err.h"

enum principal_kind {
	KIND_NONE = 0,
	KIND_HUMAN, /* the default of a section without `kind` */
	KIND_BOT,
	KIND_AGENT
};

/** Something that a principal may do, up to and including a time. */
struct role {
	char *name;
	int64_t until; /* milliseconds since 1970; 0: no end */
};

/** Words or patterns, in the order of the policy. */
struct principal_words {
	char **v;
	size_t n, cap;
};

/** What a bot's commits are excused from, and where. */
struct principal_may {
	bool given; /* its section says */
	struct principal_words checks, repos, refs, paths;
};

struct principal {
	char *name;
	char **emails;
	size_t nemails, emails_cap;
	char **logins;
	size_t nlogins, logins_cap;
	char **openpgp; /* full fingerprints of keys, upper-case hex */
	size_t nopenpgp, openpgp_cap;
	struct role *roles; /* each name once */
	size_t nroles, roles_cap;
	enum principal_kind kind;
	struct principal_may may; /* of a bot */
	int64_t until; /* milliseconds since 1970; 0: no end */
};

struct principals {
	struct principal *v;
	size_t n, cap;
};

void principals_release(struct principals *p);

/** The account number of a GitHub noreply address (`123+name@…`); empty for
 * any other address, and for 41898282, which is GitHub Actions and nobody in
 * particular. */
struct span email_account(struct span mail);

/** Whether two e-mail addresses are one person's: without ASCII case, or by
 * the same email_account(). An empty address is nobody's. */
bool email_same(struct span a, struct span b);

/** @return NULL for somebody unknown, or whose `until` is before `now` */
const struct principal *principals_by_name(const struct principals *p,
					   struct span name, int64_t now);
const struct principal *principals_by_email(const struct principals *p,
					    struct span email, int64_t now);
/** What stands for the login of who is known by a signature alone, before the
 * principal's name. No login of a server begins so. */
#define PRINCIPAL_LOGIN "principal:"
const struct principal *principals_by_login(const struct principals *p,
					    struct span login, int64_t now);

/** The role of that name, whether it has ended or not; NULL: none. */
const struct role *principal_role(const struct principal *p, const char *name);
/** Whether it is theirs at that time, milliseconds since 1970. */
bool principal_has_role(const struct principal *p, const char *name,
			int64_t at);
/** Whether this is a human who is known at that time. */
bool principal_is_human(const struct principal *p, int64_t at);

#endif
