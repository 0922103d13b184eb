/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_REPORT_H
#define GATEPOST_GATE_REPORT_H

/**
 * What the judge found, as data: it crosses the pipe from the judge to its
 * parent, and both the record and the answer are made from it. Strings may
 * hold hostile bytes; each sink sanitises what it takes.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "policy/policy.h"

enum {
	REPORT_MAX_BYTES = 64 << 20, /* of strings, and of the wire form */
	REPORT_MAX_FINDINGS = 5000,  /* kept; all are counted */
	REPORT_MAX_WARNINGS = 3000,  /* of these, so that room is left */
	REPORT_MAX_ADVICE = 1000,    /* for what refuses */
	REPORT_MAX_EVIDENCE = 8000,  /* likewise */
	REPORT_MAX_ITEMS = 200000,   /* of each other list */
	REPORT_MAX_TEXT = 1000,	     /* bytes of one text or hint */
	REPORT_MAX_TICKETS = 200,
	REPORT_MAX_NAMED = 8,	     /* people one finding names */
	REPORT_MAX_SIGNED = 1000     /* commits named of one signer; all are
				      * counted */
};

enum verdict {
	VERDICT_NONE = 0, /* nothing was decided: refuses */
	VERDICT_PASS,
	VERDICT_WARN,
	VERDICT_REJECT,
	VERDICT_ERROR
};
const char *verdict_word(enum verdict v);
bool verdict_accepts(enum verdict v); /* pass and warn alone */

struct report_person {
	const char *principal, *name, *email, *login; /* NULL: not known */
};

enum ref_kind { REF_NONE = 0, REF_CREATE, REF_UPDATE, REF_REWIND, REF_DELETE };
const char *ref_kind_word(enum ref_kind k);

struct report_ref {
	const char *name;   /* as pushed */
	const char *real;   /* after symbolic refs */
	const char *old;    /* real old value, hex; the null id: none */
	const char *new_;   /* hex; the null id: deletion */
	int kind;	    /* enum ref_kind */
	int mode;	    /* enum policy_mode; MODE_UNSET: no gate */
	int verdict;	    /* enum verdict */
	int would;	    /* what it would be if all were enforced */
	size_t commits;	    /* judged */
	const char *digest; /* of the whole change, hex; or NULL */
	const char **gates; /* names, NULL-terminated */
	const char *mirror; /* the gate by which others do not hold; or NULL */
	const char **previews;
	const char **approves; /* of an approval whose own name does not say
				* it: the first 16 hex digits of the digests
				* under which it is found; NULL-terminated */
};

enum result {
	RESULT_NONE = 0,
	RESULT_PASS,
	RESULT_FAIL,
	RESULT_WARN,
	RESULT_WAIVED,
	RESULT_NOT_APPLICABLE
};
const char *result_word(enum result r);

struct report_result {
	size_t ref;	 /* position in refs */
	size_t rule;	 /* position in the policy's rules */
	int mode;	 /* enum policy_mode */
	int result;	 /* enum result */
	size_t commits;	 /* that the rule judged */
	size_t matched;	 /* of these, by its `when` */
	size_t waived;	 /* others, by exceptions */
	size_t by_bot;	 /* others, by what a bot may */
	const char *bot; /* the name of one such; or NULL */
	const char *why; /* for not-applicable; or NULL */
};

/** Whether a signature of the pusher's would mend a commit. */
enum sign_again { SIGN_NOT = 0, SIGN_COMMIT, SIGN_ROOT /* it has no parent */ };

enum weight {
	WEIGHT_NONE = 0,
	WEIGHT_ADVICE,
	WEIGHT_EXCUSED, /* would refuse, were it not for an emergency */
	WEIGHT_WARN,
	WEIGHT_REJECT
};

struct report_finding {
	size_t ref;	     /* position in refs; REPORT_NO_REF: the push */
	size_t rule;	     /* REPORT_NO_RULE: the engine's own */
	const char *check;   /* provenance, …, or object, push, approval */
	const char *code;    /* the word behind `check/` */
	const char *commit;  /* hex, or NULL */
	const char *subject; /* of that commit */
	size_t author;	     /* person, REPORT_NO_PERSON */
	const char *text;    /* {0}…{7}: see `who` */
	const char *hint;    /* or NULL */
	const char *trailer; /* or NULL */
	int sign;	     /* enum sign_again */
	int weight;	     /* enum weight */
	size_t who[REPORT_MAX_NAMED]; /* persons */
	size_t nwho;
};
#define REPORT_NO_REF ((size_t)-1)
#define REPORT_NO_RULE ((size_t)-1)
#define REPORT_NO_PERSON ((size_t)-1)

struct report_evidence {
	size_t ref, rule;
	const char *kind, *commit, *text;
	size_t who; /* person, REPORT_NO_PERSON */
};

struct report_provenance {
	const char *commit;
	size_t author;			     /* person */
	const char *agent, *model, *session; /* or NULL */
	bool detected, declared;
	const char *how;       /* the place where it was seen */
	const char *trailer;   /* the line that declares it; or NULL */
	const char *inherited; /* the record that said it of the same change,
				* where the commit does not; or NULL */
	const char *digest;    /* of the commit's change, hex, or NULL */
};

/** What else is remembered of AI tools: that none helped with a commit, or
 * which helped with several commits that may come again as one. */
struct report_statement {
	const char *commit; /* the last one, hex */
	size_t commits;
	const char *digest;		     /* of all of them, hex */
	const char *agent, *model, *session; /* or NULL */
	const char *trailer;		     /* or NULL */
	bool declared, none;
};

struct report_approval {
	size_t ref, rule;
	const char *at;	     /* the approval's ref */
	const char *tag;     /* hex */
	const char *payload; /* SHA-256 of what was signed, hex */
	const char *made; /* when, by its signer's clock, RFC 3339; or NULL */
	size_t who;	  /* person, REPORT_NO_PERSON */
	const char *format, *key_type, *fingerprint; /* NULL: not known */
	bool presence, verification;
	bool counted;
	const char *why;	/* not counted because; or NULL */
	const char *raw;	/* base64 of the tag object, when counted */
	const char *kind;	/* "tag", "merge", "gittuf" */
	size_t covers;		/* commits of the ref */
	const char *withdrawn;	/* ref of the withdrawal, when it would have
				 * counted for this ref; or NULL */
	const char *withdrawal; /* hex of the tag there */
	const char **others;	/* refs that it is for, too; NULL-terminated */
	const char *digest;	/* of the change that it approves by its
				 * content, hex; or NULL */
	const char *tip;	/* hex: the commit that it names; or NULL */
	const char *end;	/* RFC 3339: until when it counts; or NULL */
	const char *carried;	/* the record by which it counted on the ref
				 * from which it is carried; or NULL */
	const char *from;	/* that ref; or NULL */
};

/** What one key of one person has signed, and a rule relied on. */
struct report_signature {
	size_t ref, rule;
	int of;	    /* enum signed_thing */
	size_t who; /* person */
	const char *format, *key_type, *fingerprint;
	bool presence, verification;
	size_t count;	     /* objects */
	const char *objects; /* ids of REPORT_MAX_SIGNED of them, in hex, with
			      * blanks between; NULL for a push */
	size_t room;	     /* for report_add_signature */
};

/** The certificate of a signed push, where somebody asked for it. */
struct report_certificate {
	int state;  /* enum push_cert_state */
	int status; /* enum signature_status */
	size_t who; /* person, REPORT_NO_PERSON */
	const char *format, *key_type, *fingerprint; /* "" when unknown */
	bool presence, verification;
	const char *nonce; /* what git says of it, or NULL */
	const char *why;   /* what is off; "" when nothing is */
	const char *raw;   /* base64 of all of it */
};

/** A change that this push brings to the server, or to a gated ref. */
struct report_change {
	const char *commit; /* hex; NULL: all that the ref gains */
	const char *digest; /* hex */
	size_t ref;	    /* the gated one; REPORT_NO_REF: none is */
	bool known;	    /* it came to the server before */
	bool back; /* it takes an earlier one back, or has such a commit */
};

/** A commit that was let in unreviewed since it only takes a change back. */
struct report_revert {
	size_t ref;
	const char *commit; /* hex */
	const char *undoes; /* hex: what it takes back */
	const char *record; /* id of the decision that let that in */
	bool whole;	    /* which is all that was pushed then */
	bool review;	    /* one is due, */
	const char *deadline; /* … until then, RFC 3339 */
	size_t who;	    /* person, REPORT_NO_PERSON: who pushes, and owes
			     * the review */
};

/** An emergency by which a ref update is let in. */
struct report_emergency {
	size_t ref;
	size_t who;	 /* person, REPORT_NO_PERSON: who pushes, and owes
			  * what is missing */
	const char *how; /* "push-option" or "trailer" */
	const char *ticket, *reason;
	const char *deadline; /* RFC 3339 */
	size_t excused;	      /* findings */
};

enum statement_kind {
	STATEMENT_NONE = 0,
	STATEMENT_FOLLOW_UP,
	STATEMENT_WAIVER,
	STATEMENT_IMPORT
};

/** A signed statement that was looked at. */
struct report_tag {
	int kind;	     /* enum statement_kind */
	size_t ref, rule;    /* REPORT_NO_REF, REPORT_NO_RULE */
	const char *at;	     /* its ref */
	const char *tag;     /* hex */
	const char *payload; /* SHA-256 of what was signed, hex */
	size_t who;	     /* person, REPORT_NO_PERSON */
	const char *format, *key_type, *fingerprint; /* "" when unknown */
	bool counted;
	const char *why; /* not counted because; or NULL */
	const char *raw; /* base64 of the tag object, when counted */
	/* of a waiver */
	bool created;	   /* it is pushed now; else it was used */
	size_t commits;	   /* that it excuses */
	const char *until; /* RFC 3339 */
	const char *reason, *control;
	const char **refs, **paths; /* patterns, NULL-terminated */
	/* of an import, which has of these reason, until, refs, and in paths
	 * the directory where it comes to lie */
	const char *tip; /* hex */
	size_t files;	 /* that what is imported has there */
};

/** A ticket that is named for a ref update. */
struct report_ticket {
	size_t ref, rule;
	const char *id;	    /* as it was written */
	const char *from;   /* "push-option" or "trailer" */
	const char *commit; /* hex, or NULL */
	const char *sink;   /* that was asked; NULL: none */
	int answer;	    /* enum ticket_answer */
	const char *state;  /* in the words of its system, or NULL */
	const char *asked;  /* RFC 3339, or NULL */
	const char *why;    /* it does not hold; or NULL */
};

struct report {
	struct arena arena;
	int verdict; /* enum verdict */
	int would;
	int mode;	      /* the strictest of the refs */
	size_t commits;	      /* judged, over all refs */
	size_t nfindings_all; /* also those beyond REPORT_MAX_FINDINGS */
	size_t nevidence_all; /* likewise */
	const char *pusher;   /* login of who signed the push, where that says
			       * who pushes; else NULL */
	const char *sandbox;  /* what the judge could not do; NULL: nothing */
	struct report_person *persons;
	size_t npersons, persons_cap;
	struct report_ref *refs;
	size_t nrefs, refs_cap;
	struct report_result *results;
	size_t nresults, results_cap;
	struct report_finding *findings;
	size_t nfindings, findings_cap;
	size_t nwarnings, nadvice; /* of these; not on the wire */
	struct report_evidence *evidence;
	size_t nevidence, evidence_cap;
	struct report_provenance *provenance;
	size_t nprovenance, provenance_cap;
	struct report_approval *approvals;
	size_t napprovals, approvals_cap;
	struct report_signature *signatures;
	size_t nsignatures, signatures_cap;
	struct report_certificate *certificates; /* at most one */
	size_t ncertificates, certificates_cap;
	struct report_change *changes;
	size_t nchanges, changes_cap;
	struct report_emergency *emergencies;
	size_t nemergencies, emergencies_cap;
	struct report_revert *reverts;
	size_t nreverts, reverts_cap;
	struct report_tag *tags;
	size_t ntags, tags_cap;
	struct report_statement *statements;
	size_t nstatements, statements_cap;
	struct report_ticket *tickets;
	size_t ntickets, tickets_cap;
};

void report_init(struct report *r);
void report_release(struct report *r);

/** Each adds an element (copying its strings) or returns ERR_LIMIT,
 * ERR_MEMORY. Findings and evidence beyond the maximum are counted only. */
int report_add_ref(struct report *r, const struct report_ref *v, struct err *e);
int report_add_result(struct report *r, const struct report_result *v,
		      struct err *e);
int report_add_finding(struct report *r, const struct report_finding *v,
		       struct err *e);
int report_add_evidence(struct report *r, const struct report_evidence *v,
			struct err *e);
int report_add_provenance(struct report *r, const struct report_provenance *v,
			  struct err *e);
int report_add_approval(struct report *r, const struct report_approval *v,
			struct err *e);
/** One more signature: it joins those of the same key. @param v  objects is
 * one id, or NULL; count is 1 */
int report_add_signature(struct report *r, const struct report_signature *v,
			 struct err *e);
int report_add_certificate(struct report *r, const struct report_certificate *v,
			   struct err *e);
int report_add_change(struct report *r, const struct report_change *v,
		      struct err *e);
int report_add_emergency(struct report *r, const struct report_emergency *v,
			 struct err *e);
int report_add_revert(struct report *r, const struct report_revert *v,
		      struct err *e);
int report_add_tag(struct report *r, const struct report_tag *v, struct err *e);
int report_add_statement(struct report *r, const struct report_statement *v,
			 struct err *e);
/** The same ticket of the same ref and rule is kept once, and of all
 * REPORT_MAX_TICKETS. */
int report_add_ticket(struct report *r, const struct report_ticket *v,
		      struct err *e);
/** Whether one more finding of this weight would be kept, not counted alone:
 * whom it names need not be added otherwise. */
bool report_keeps_finding(const struct report *r, int weight);
/** @param number  of the person; equal ones share one */
int report_add_person(struct report *r, const struct report_person *v,
		      size_t *number, struct err *e);

/** The wire form: one JSON document. */
int report_write(const struct report *r, struct buf *out, struct err *e);
/**
 * Read it back, trusting nothing: types, ranges and every position in
 * another list are checked.
 * @param nrules  how many rules the policy has
 */
int report_read(struct report *r, struct span json, size_t nrules,
		struct err *e);

#endif
