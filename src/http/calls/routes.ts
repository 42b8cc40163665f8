import { Hono } from "hono";
import { describeRoute } from "hono-openapi";
import { viewOfKnown, viewOfRow } from "../../calls/call-view";
import { findLeftCall } from "../../calls/find-call";
import { readList } from "../../calls/usage/list-reads";
import { openDatabase } from "../../storage/database";
import { ledgerOf, organizationKey } from "../authenticate";
import { type AppEnv, unwrapAuthenticated } from "../context";
import { ApiError, errorResponses, ORGANIZATION_KEY_ERRORS } from "../errors";
import { json } from "../openapi";
import { validParam, validQuery } from "../validate";
import { answerCalls } from "./list";
import { callBody } from "./present";
import { callPageSchema, callPath, callQuery, callSchema, listQuery } from "./schema";

const common = { tags: ["Calls"], security: [{ organizationKey: [] }] };

/** An organization's calls, live and past. */
export const calls = new Hono<AppEnv>()
  .get(
    "/calls",
    describeRoute({
      ...common,
      operationId: "listCalls",
      summary: "Live and past calls",
      description:
        "Live calls first, then the others, each the newest first. Refused calls are calls too: `rejected`. Follow `next_cursor` to its end to get every call once, also when some begin or end meanwhile; a page may then be shorter than `limit`, even empty. Pages by `offset` drift while calls come in: some come twice and others never. Of the legs of one call, `total` counts 4,000 at most.",
      responses: {
        200: json(callPageSchema, "A page of calls."),
        ...errorResponses(...ORGANIZATION_KEY_ERRORS, "records_unavailable"),
      },
    }),
    organizationKey("read"),
    validQuery(listQuery),
    (c) => answerCalls(c, c.req.valid("query")),
  )
  .get(
    "/calls/:call_id",
    describeRoute({
      ...common,
      operationId: "getCall",
      summary: "One call",
      description:
        "Read from the ledger itself; when it is no longer kept there, from the records. Those are looked through for the 16,000 calls that left last, or for the one that began at `created_at`. The id is percent-encoded in the path.",
      responses: {
        200: json(callSchema, "The call."),
        ...errorResponses("not_found", ...ORGANIZATION_KEY_ERRORS, "records_unavailable"),
      },
    }),
    organizationKey("read"),
    validParam(callPath),
    validQuery(callQuery),
    async (c) => {
      const { call_id } = c.req.valid("param");
      const ledger = await ledgerOf(c);
      const answer = unwrapAuthenticated(
        c,
        await ledger.ask(async (object) => object.call(c.var.caller, call_id)),
      );
      const { known, some_left } = answer;
      if (known.state !== "unknown") return c.json(callBody(viewOfKnown(known)));
      const { organization_id } = c.var;
      // An object of the release before says only that some have left.
      const left_until_ms = answer.left_until_ms ?? (some_left ? Date.now() : null);
      const asked = { call_id, began_at_ms: c.req.valid("query").created_at };
      const row =
        left_until_ms !== null &&
        (await readList(organization_id, () =>
          findLeftCall(openDatabase(c.env), organization_id, { ...asked, left_until_ms }),
        ));
      if (!row) throw new ApiError("not_found", "There is no such call.", "call_id");
      return c.json(callBody(viewOfRow(row)));
    },
  );
