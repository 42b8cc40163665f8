import { Hono } from "hono";
import { describeRoute } from "hono-openapi";
import type { z } from "zod";
import type { TopUpView } from "../../ledger/core/credit/auto-top-up";
import { AUTO_TOP_UP_CONSENT, setAutoTopUp } from "../../purchases/auto-top-up/configure";
import { openDatabase } from "../../storage/database";
import { findPurchase } from "../../storage/purchases/purchases";
import { isoTime, isoTimeOrNull } from "../../units/duration";
import { CURRENCY } from "../../units/money";
import { actorOf, ledgerOf, organizationKey, ownOrganization } from "../authenticate";
import { type AppContext, type AppEnv, unwrapAuthenticated } from "../context";
import { BODY_ERRORS, errorResponses, ORGANIZATION_KEY_ERRORS } from "../errors";
import { json } from "../openapi";
import { unwrap } from "../refusals";
import { validJson } from "../validate";
import { standing } from "./present";
import { autoTopUpSchema, newAutoTopUp } from "./schema";

const common = { tags: ["Buying credit"], security: [{ organizationKey: [] }] };

/** Credit that is bought by itself, on the saved card. */
export const autoTopUp = new Hono<AppEnv>()
  .get(
    "/auto_top_up",
    describeRoute({
      ...common,
      operationId: "getAutoTopUp",
      summary: "Auto top-up as it is set and as it stands",
      description: "Its settings, whether it is on, and why it buys nothing when it is paused.",
      responses: {
        200: json(autoTopUpSchema, "Auto top-up."),
        ...errorResponses(...ORGANIZATION_KEY_ERRORS, "records_unavailable"),
      },
    }),
    organizationKey("read"),
    async (c) => c.json(await bodyOf(c, await viewOf(c))),
  )
  .put(
    "/auto_top_up",
    describeRoute({
      ...common,
      operationId: "putAutoTopUp",
      summary: "Turn auto top-up on or off",
      description:
        'Takes the place of all that was set before. Needs a saved card. To turn it off send `{"enabled": false}`: what is set is kept for the next time. A purchase that is under way goes on. Removing the card turns it off, too. A refund, a dispute, and an adjustment that brings the balance under the limit pause it until it is turned on again. The event `auto_top_up.paused` tells of each.',
      responses: {
        200: json(autoTopUpSchema, "Auto top-up as it is now."),
        ...errorResponses(
          ...BODY_ERRORS,
          "unprocessable",
          "card_missing",
          "purchases_unavailable",
          "records_unavailable",
          ...ORGANIZATION_KEY_ERRORS,
        ),
      },
    }),
    organizationKey("billing"),
    validJson(newAutoTopUp),
    async (c) => {
      await viewOf(c);
      const asked = toSettings(c.req.valid("json"));
      const answer = await setAutoTopUp(c.env, actorOf(c), await ownOrganization(c), { asked });
      return c.json(await bodyOf(c, unwrap(answer).top_up));
    },
  );

async function viewOf(c: AppContext): Promise<TopUpView> {
  const ledger = await ledgerOf(c);
  return unwrapAuthenticated(c, await ledger.ask(async (object) => object.autoTopUp(c.var.caller))).top_up;
}

function toSettings(body: z.output<typeof newAutoTopUp>) {
  if (!body.enabled) return null;
  const { threshold_micros = null, runway_minutes = null, net_cents, max_per_day, monthly_cap_cents } = body;
  return { threshold_micros, runway_minutes, net_cents, max_per_day, monthly_cap_cents };
}

async function bodyOf(c: AppContext, view: TopUpView): Promise<z.input<typeof autoTopUpSchema>> {
  const { settings, claim, last_failure } = view;
  const purchase = claim && (await findPurchase(openDatabase(c.env), claim.purchase_id));
  const requires_action = purchase?.status === "requires_action";
  return {
    enabled: settings?.enabled ?? false,
    threshold_micros: settings?.threshold_micros ?? null,
    runway_minutes: settings?.runway_minutes ?? null,
    currency: CURRENCY,
    net_cents: settings?.net_cents ?? null,
    max_per_day: settings?.max_per_day ?? null,
    monthly_cap_cents: settings?.monthly_cap_cents ?? null,
    consent_text: AUTO_TOP_UP_CONSENT.en,
    consent: settings && { text: settings.consent.text, given_at: isoTime(settings.consent.at_ms) },
    ...standing(view, requires_action),
    retry_at: isoTimeOrNull(view.retry_at_ms),
    purchase_id: claim?.purchase_id ?? null,
    pay_url: requires_action ? purchase.pay_url : null,
    used_today: view.used_today,
    used_this_month_cents: view.used_this_month_cents,
    last_failure: last_failure && {
      purchase_id: last_failure.purchase_id,
      net_cents: last_failure.net_cents,
      code: last_failure.code,
      message: last_failure.message,
      failed_at: isoTime(last_failure.at_ms),
    },
  };
}
