import { Hono } from "hono";
import { describeRoute } from "hono-openapi";
import { verifyLedger } from "../../../admin/ledger-checks";
import { beginEpoch, postAdjustment, releaseCall } from "../../../admin/ledgers";
import { viewOfRow } from "../../../calls/call-view";
import { adjustmentKey } from "../../../ledger/core/entry-keys";
import { listParkedCalls } from "../../../storage/calls/calls";
import { findCheck } from "../../../storage/calls/ledger-checks";
import { openDatabase } from "../../../storage/database";
import { actorOf } from "../../authenticate";
import { callBody, receiptBody } from "../../calls/present";
import { receiptSchema } from "../../calls/schema";
import type { AppEnv } from "../../context";
import { pageOf, readCursor, timedPlace } from "../../cursor";
import { ApiError, BODY_ERRORS, errorResponses } from "../../errors";
import { entryBody, entryPageBody } from "../../ledger/present";
import { entryPageSchema, entryPlace, ledgerQuery } from "../../ledger/schema";
import { json } from "../../openapi";
import { idempotencyHeader } from "../../purchases/schema";
import { unwrap } from "../../refusals";
import { idempotencyKey, validJson, validParam, validQuery } from "../../validate";
import { callPath, parkedCallsSchema, parkedQuery } from "../calls/schema";
import { about, OF_AN_ORGANIZATION, requireOrganization } from "../context";
import { organizationPath } from "../organizations/schema";
import { checkBody, findingBody } from "./present";
import {
  adjustmentSchema,
  newAdjustment,
  newEpoch,
  reportPath,
  verificationReportSchema,
  verificationSchema,
} from "./schema";

/** What operators do with ledgers. */
export const adminLedgers = new Hono<AppEnv>()
  .post(
    "/organizations/:organization_id/adjustments",
    describeRoute({
      ...about("postAdjustment", "Give or take credit"),
      description: "A repeat with the same Idempotency-Key posts nothing and answers the same.",
      parameters: [idempotencyHeader("a new one for each adjustment")],
      responses: {
        ...errorResponses(...BODY_ERRORS, ...OF_AN_ORGANIZATION, "idempotency_conflict", "unprocessable"),
        201: json(adjustmentSchema, "The entry."),
      },
    }),
    validParam(organizationPath),
    validJson(newAdjustment),
    async (c) => {
      const { organization_id: id } = c.req.valid("param");
      const idempotency_key = idempotencyKey(c);
      if (idempotency_key === null)
        throw new ApiError("missing_field", "Missing required header: Idempotency-Key.", "Idempotency-Key");
      const command = { ...c.req.valid("json"), key: adjustmentKey(idempotency_key) };
      const posted = await postAdjustment(c.env, actorOf(c), await requireOrganization(c, id), command);
      const { entry } = unwrap(posted, id);
      return c.json(entryBody(entry), 201);
    },
  )
  .get(
    "/organizations/:organization_id/ledger",
    describeRoute({
      ...about("listOrganizationEntries", "Every change of an organization's balance, the newest first"),
      description: "From the copy in the records, which may lag by seconds.",
      responses: {
        ...errorResponses(...OF_AN_ORGANIZATION),
        200: json(entryPageSchema, "A page of entries."),
      },
    }),
    validParam(organizationPath),
    validQuery(ledgerQuery),
    async (c) => {
      const { organization_id: id } = c.req.valid("param");
      const { limit } = c.req.valid("query");
      const page = { before_seq: await readCursor(c, entryPlace), limit };
      const { ledger } = await requireOrganization(c, id);
      const answer = unwrap(await ledger.ask(async (object) => object.entries(null, page)));
      return c.json(await entryPageBody(c, answer));
    },
  )
  .get(
    "/organizations/:organization_id/verify",
    describeRoute({
      ...about("verifyLedger", "Let a ledger prove that it adds up"),
      description:
        "In portions, so that calls go on meanwhile. What takes longer than ten seconds goes on by itself: poll the report. While one is under way, asking again answers the same report.",
      responses: {
        ...errorResponses(...OF_AN_ORGANIZATION),
        200: json(verificationSchema, "What was found."),
        202: json(verificationReportSchema, "It takes longer: poll the report."),
      },
    }),
    validParam(organizationPath),
    async (c) => {
      const { organization_id: id } = c.req.valid("param");
      const organization = await requireOrganization(c, id);
      const answer = unwrap(await verifyLedger(c.env, actorOf(c), organization));
      if (answer.outcome === "verified") return c.json(findingBody(answer), 200);
      return c.json(checkBody(answer.check), 202);
    },
  )
  .get(
    "/organizations/:organization_id/verifications/:report_id",
    describeRoute({
      ...about("getVerification", "How far a check of a ledger has come"),
      description: "Of a check that took longer than ten seconds, or that found a difference.",
      responses: {
        ...errorResponses(...OF_AN_ORGANIZATION),
        200: json(verificationReportSchema, "The report."),
      },
    }),
    validParam(reportPath),
    async (c) => {
      const { organization_id: id, report_id } = c.req.valid("param");
      const check = await findCheck(openDatabase(c.env), report_id);
      if (check?.organization_id !== id)
        throw new ApiError("not_found", "There is no such report.", "report_id");
      return c.json(checkBody(check));
    },
  )
  .get(
    "/organizations/:organization_id/parked_calls",
    describeRoute({
      ...about("listParkedCalls", "Calls that wait for an operator"),
      description: "Reported without authorization above the cap of their edge key and hour.",
      responses: {
        ...errorResponses(...OF_AN_ORGANIZATION),
        200: json(parkedCallsSchema, "A page of them, the oldest first."),
      },
    }),
    validParam(organizationPath),
    validQuery(parkedQuery),
    async (c) => {
      const { organization_id: id } = c.req.valid("param");
      const { limit } = c.req.valid("query");
      await requireOrganization(c, id);
      const place = await readCursor(c, timedPlace);
      const after = place && { started_at_ms: place[0], call_id: place[1] };
      const rows = await listParkedCalls(openDatabase(c.env), id, { after, limit: limit + 1 });
      const { page, next_cursor } = await pageOf(c, rows, limit, ({ started_at_ms, call_id }) => [
        started_at_ms,
        call_id,
      ]);
      return c.json({ calls: page.map(viewOfRow).map(callBody), next_cursor });
    },
  )
  .post(
    "/organizations/:organization_id/calls/:call_id/release",
    describeRoute({
      ...about("releaseCall", "Accept a call that waits for an operator"),
      description:
        "A parked call is charged as it was reported. A settle or void that the ledger has stopped, because what it would have written violates an invariant (`ops.invariant_violated`), is written once in spite of that, and named by every verification since. Any other call answers its receipt.",
      responses: { ...errorResponses(...OF_AN_ORGANIZATION), 200: json(receiptSchema, "The call.") },
    }),
    validParam(callPath),
    async (c) => {
      const { organization_id: id, call_id } = c.req.valid("param");
      const organization = await requireOrganization(c, id);
      const answer = unwrap(await releaseCall(c.env, actorOf(c), organization, call_id), id);
      if (answer.outcome !== "receipt") throw new Error(`release answered ${answer.outcome}`);
      return c.json(receiptBody(answer.receipt, id));
    },
  )
  .post(
    "/organizations/:organization_id/epoch",
    describeRoute({
      ...about("beginEpoch", "Begin a new generation of a ledger"),
      description: "After its object was restored from a point in time, so that ids of entries never repeat.",
      responses: {
        ...errorResponses(...BODY_ERRORS, ...OF_AN_ORGANIZATION, "webhooks_unavailable"),
        200: json(
          newEpoch,
          "The generation in force: the one asked for, or a later one that was begun before.",
        ),
      },
    }),
    validParam(organizationPath),
    validJson(newEpoch),
    async (c) => {
      const { organization_id: id } = c.req.valid("param");
      const { epoch } = c.req.valid("json");
      const organization = await requireOrganization(c, id);
      const begun = unwrap(await beginEpoch(c.env, actorOf(c), organization, epoch));
      return c.json({ epoch: begun.epoch });
    },
  );
