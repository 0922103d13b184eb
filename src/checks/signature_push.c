/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether the push itself is signed, by whoever pushes: `git push --signed`.
 */
#include "checks/signature.h"

#include <stdio.h>
#include <string.h>

#include "policy/check_value.h"

static const char again_hint[] =
	"push again with --signed; to have that always: git config "
	"push.gpgSign if-asked";

static int say_unsigned(const struct check_ctx *ctx,
			const struct push_cert_facts *c, struct err *e)
{
	const struct finding f = {
		.code = "push-unsigned",
		.text = c->can_be ? "the push is not signed"
				  : "the push is not signed, and cannot be: "
				    "this repository has no "
				    "receive.certNonceSeed",
		.hint = c->can_be ? again_hint
				  : "nothing to type: the admin sets it, and "
				    "then you push again with --signed",
	};

	return check_find(ctx, &f, e);
}

static int say_unfit(const struct check_ctx *ctx,
		     const struct push_cert_facts *c, struct err *e)
{
	char text[CHECK_MAX_TEXT];
	struct finding f = {
		.code = "push-other", .text = text, .hint = again_hint};

	snprintf(text, sizeof(text), "the push certificate does not count: %s",
		 c->why);
	if (c->state == PUSH_CERT_MALFORMED)
		f.code = "malformed";
	if (c->state == PUSH_CERT_NONCE)
		f.code = "push-nonce";
	return check_find(ctx, &f, e);
}

static int say_not_good(const struct check_ctx *ctx,
			const struct signature *sig, struct err *e)
{
	char text[CHECK_MAX_TEXT];
	const struct finding f = {
		.code = signature_code(sig->status),
		.text = text,
		.hint = "push again with --signed, and with the key that is "
			"registered for you: git config user.signingkey KEY",
	};

	snprintf(text, sizeof(text), "the push's signature does not count: %s",
		 sig->why);
	return check_find(ctx, &f, e);
}

/* The login of a pusher whom nobody knows may be anything. */
static int say_not_pusher(const struct check_ctx *ctx,
			  const struct principal *signer, struct err *e)
{
	const struct pusher *p = ctx->pusher;
	struct finding f = {
		.code = "push-not-pusher",
		.text = "the push is signed by {0}, and made by {1}",
		.hint = "who pushes signs, with a key of their own",
		.nwho = 2,
	};

	signature_name(&f.who[0], signer);
	signature_name(&f.who[1], p->principal);
	f.who[1].login = span_str(p->login);
	return check_find(ctx, &f, e);
}

/* Where the certificate is what says who pushes, it is one person. */
static bool is_pusher(const struct check_ctx *ctx, const struct principal *p)
{
	return ctx->pusher->principal == p ||
	       !strcmp(ctx->policy->pusher_from, PUSHER_FROM_CERTIFICATE);
}

int signature_judge_push(const struct check_ctx *ctx, struct err *e)
{
	const struct push_cert_facts *c = ctx->certificate;
	const struct signature *sig = &c->signature;
	const struct finding none = {.code = NULL};
	bool said = false;
	int rc = 0;

	if (c->state == PUSH_CERT_NONE)
		return say_unsigned(ctx, c, e);
	if (c->state != PUSH_CERT_FITS)
		rc = say_unfit(ctx, c, e);
	if (rc || c->state == PUSH_CERT_MALFORMED)
		return rc;
	if (sig->status != SIG_GOOD || !sig->principal)
		return say_not_good(ctx, sig, e);
	if (!is_pusher(ctx, sig->principal))
		return say_not_pusher(ctx, sig->principal, e);
	rc = signature_check_presence(ctx, none, "the push's signature", sig,
				      &said, e);
	if (rc || said || c->state != PUSH_CERT_FITS)
		return rc;
	return check_signed(ctx, SIGNED_PUSH, NULL, sig, e);
}
