/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_POLICY_SINK_H
#define GATEPOST_POLICY_SINK_H

/**
 * `[sink "name"]`: where records are posted, and how. Texts stand as they
 * were written, checked for their form; who posts compiles them
 * (policy/template.h, policy/predicate.h, policy/status_set.h).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/options.h"
#include "policy/severity.h"

enum sink_format {
	SINK_FORMAT_NONE = 0,
	SINK_CLOUDEVENTS,
	SINK_CLOUDEVENTS_BATCH,
	SINK_NDJSON,
	SINK_TEMPLATE
};
enum sink_sign {
	SINK_SIGN_UNSET = 0,
	SINK_SIGN_NONE,
	SINK_STANDARD_WEBHOOKS,
	SINK_RFC9421
};
enum sink_auth {
	SINK_AUTH_UNSET = 0,
	SINK_AUTH_NONE,
	SINK_AUTH_BASIC,
	SINK_AUTH_BEARER,
	SINK_AUTH_TOKEN,
	SINK_AUTH_SPLUNK,
	SINK_AUTH_OAUTH2
};
enum sink_frame {
	SINK_FRAME_UNSET = 0,
	SINK_FRAME_SINGLE,
	SINK_FRAME_ARRAY,
	SINK_FRAME_NDJSON
};
enum sink_method { SINK_METHOD_UNSET = 0, SINK_POST, SINK_PUT, SINK_PATCH };
enum sink_per { SINK_PER_UNSET = 0, SINK_PER_RECORD, SINK_PER_CHANGE };

/** What may open a ticket. */
#define SINK_OPENS_EMERGENCY "emergency"
#define SINK_OPENS_LANDING "landing"
#define SINK_OPENS_REFUSAL "refusal"

/** A request that follows the one with the record. */
struct sink_call {
	char *url;	/* a path; NULL: there is none */
	int method;	/* enum sink_method */
	char *template; /* file, absolute */
};

struct sink {
	char *name;
	char *ready;		 /* the ready template: a name, or a folder */
	struct option_list vars; /* `NAME VALUE`, for templates */
	char *url;
	int format, frame, method, sign, auth; /* the enums above */
	char *secret_file, *sign_secret_file;  /* absolute */
	char *sign_key_id;		       /* of SINK_RFC9421 */
	char *token_url, *client_id, *scope;   /* of SINK_AUTH_OAUTH2 */
	char *client_cert, *client_key;	       /* absolute; both or none */
	char *ca_file;		    /* absolute, or NULL: the system's */
	struct option_list pins;    /* sha256//… */
	struct option_list headers; /* `Name: value` */
	char *content_type;
	char *post_url; /* a path below url, or NULL */
	char *body_template;
	int64_t batch_max, batch_bytes;
	int64_t timeout; /* seconds for a whole request */

	char *ok_status, *duplicate_status, *permanent_status;
	struct option_list ok_json;
	char *id_json;
	char *lookup_url, *lookup_id;
	struct option_list lookup_found;
	struct sink_call then;
	struct option_list then_ok_json;
	int64_t then_within; /* seconds */

	struct option_list records;  /* kinds; none: all */
	struct option_list verdicts; /* of decisions; none: all */
	struct option_list gates;    /* globs on names; none: all */
	struct option_list repos;    /* globs; none: all */
	int severity;		     /* at least; enum severity */

	int per; /* enum sink_per; what follows is for SINK_PER_CHANGE */
	struct option_list opens;
	char *ticket_pattern;
	char *ticket_url;
	struct option_list ticket_found;
	char *ticket_id; /* a pointer; NULL: the number is the id */
	/* what a look-up for a push asks of that answer; none: nothing */
	char *ticket_state, *ticket_window_start, *ticket_window_end;
	char *ticket_backout, *ticket_repository; /* pointers */
	struct option_list ticket_approved;
	struct sink_call comment;
	struct option_list comment_ok_json;
	char *comment_lookup_url;
	struct option_list comment_lookup_found;
	char *upload_url, *upload_type, *upload_id;
};

enum {
	SINK_N_OPTIONS = 64,	   /* asserted where they stand */
	SINK_MAX_KEY_ID = 128,	   /* bytes */
	SINK_MAX_CLIENT_ID = 1024, /* bytes; of a scope, too */
};

/** Whether two readings ask the same of who posts; what their files say does
 * not count. */
bool sink_is_same(const struct sink *a, const struct sink *b);

#endif
