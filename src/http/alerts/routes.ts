import { Hono } from "hono";
import { describeRoute } from "hono-openapi";
import { setAlerts } from "../../notifications/alerts";
import { actorOf, checkKeyAtLedger, ledgerOf, organizationKey, ownOrganization } from "../authenticate";
import { type AppEnv, unwrapAuthenticated } from "../context";
import { BODY_ERRORS, errorResponses, ORGANIZATION_KEY_ERRORS } from "../errors";
import { json } from "../openapi";
import { unwrap } from "../refusals";
import { validJson } from "../validate";
import { alertsBody } from "./present";
import { alertsSchema, newAlerts } from "./schema";

const common = { tags: ["Events"], security: [{ organizationKey: [] }] };

/** At which credit the organization is told, by `balance.low`. */
export const alerts = new Hono<AppEnv>()
  .get(
    "/alerts",
    describeRoute({
      ...common,
      operationId: "getAlerts",
      summary: "The alerts that are set",
      description: "Each with whether it has gone off and waits to be armed again.",
      responses: { 200: json(alertsSchema, "All alerts."), ...errorResponses(...ORGANIZATION_KEY_ERRORS) },
    }),
    organizationKey("read"),
    async (c) => {
      const ledger = await ledgerOf(c);
      const answer = unwrapAuthenticated(c, await ledger.ask(async (object) => object.alerts(c.var.caller)));
      return c.json(alertsBody(answer.alerts));
    },
  )
  .put(
    "/alerts",
    describeRoute({
      ...common,
      operationId: "putAlerts",
      summary: "Set the alerts",
      description:
        "Takes the place of all that were set; at most 10. An alert watches what *remains*, not what is spendable, and goes off once when it is crossed, also while calls are live. It is armed again when credit is added that lifts it above its threshold, or when it rises a tenth above.",
      responses: {
        200: json(alertsSchema, "The alerts as they are now."),
        ...errorResponses(...BODY_ERRORS, ...ORGANIZATION_KEY_ERRORS, "records_unavailable"),
      },
    }),
    organizationKey("billing"),
    validJson(newAlerts),
    async (c) => {
      await checkKeyAtLedger(c);
      const thresholds = c.req.valid("json").alerts;
      const set = await setAlerts(c.env, actorOf(c), await ownOrganization(c), { thresholds });
      return c.json(alertsBody(unwrap(set).alerts));
    },
  );
