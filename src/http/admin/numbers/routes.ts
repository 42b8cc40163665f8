import { Hono } from "hono";
import { describeRoute } from "hono-openapi";
import { freeNumber, moveNumber } from "../../../organizations/numbers";
import { listOwners, numbersOf, OWNERS_KEPT } from "../../../storage/accounts/numbers";
import { openDatabase } from "../../../storage/database";
import { actorOf } from "../../authenticate";
import type { AppEnv } from "../../context";
import { idPlace, pageOf, readCursor } from "../../cursor";
import { ApiError, BODY_ERRORS, errorResponses } from "../../errors";
import { json } from "../../openapi";
import { unwrap } from "../../refusals";
import { validJson, validParam, validQuery } from "../../validate";
import { about, OF_AN_ORGANIZATION, requireOrganization } from "../context";
import { organizationPath } from "../organizations/schema";
import { numberBody, ownerBody } from "./present";
import {
  listQuery,
  newNumber,
  numberPath,
  numberSchema,
  numbersSchema,
  numberWithHistorySchema,
} from "./schema";

/** Whose numbers are whose. */
export const adminNumbers = new Hono<AppEnv>()
  .put(
    "/numbers/:e164",
    describeRoute({
      ...about("moveNumber", "Give a number to an organization"),
      description:
        "From now on; whoever had it has it no more. Live calls stay with the organization that was asked.",
      responses: {
        ...errorResponses(...BODY_ERRORS, "unprocessable", ...OF_AN_ORGANIZATION),
        200: json(numberSchema, "The number and since when it is the organization's."),
      },
    }),
    validParam(numberPath),
    validJson(newNumber),
    async (c) => {
      const { e164 } = c.req.valid("param");
      const { organization_id, is_default } = c.req.valid("json");
      const organization = await requireOrganization(c, organization_id, "organization_id");
      const moved = await moveNumber(c.env, actorOf(c), organization, { e164, is_default });
      const { number } = unwrap(moved);
      return c.json(numberBody(number));
    },
  )
  .get(
    "/numbers/:e164",
    describeRoute({
      ...about("getNumber", "Whose a number is"),
      description: `And whose it was: the latest ${OWNERS_KEPT} owners.`,
      responses: {
        ...errorResponses(...OF_AN_ORGANIZATION),
        200: json(numberWithHistorySchema, "The organization that has it."),
      },
    }),
    validParam(numberPath),
    async (c) => {
      const owners = await listOwners(openDatabase(c.env), c.req.valid("param").e164);
      const present = owners.find(({ until_ms }) => until_ms === null);
      if (!present) throw new ApiError("not_found", "This number is no organization's.", "e164");
      return c.json({ ...numberBody(present), history: owners.map(ownerBody) });
    },
  )
  .delete(
    "/numbers/:e164",
    describeRoute({
      ...about("freeNumber", "Take a number from its organization"),
      description: "From now on it is nobody's. Live calls stay with the organization that was asked.",
      responses: {
        ...errorResponses(...OF_AN_ORGANIZATION),
        200: json(numberSchema, "The number and until when it was the organization's."),
      },
    }),
    validParam(numberPath),
    async (c) => {
      const { e164 } = c.req.valid("param");
      const number = await freeNumber(c.env, actorOf(c), e164);
      if (!number) throw new ApiError("not_found", "This number never belonged to any organization.");
      return c.json(numberBody(number));
    },
  )
  .get(
    "/organizations/:organization_id/numbers",
    describeRoute({
      ...about("listOrganizationNumbers", "An organization's numbers"),
      description:
        "In the order of the numbers. `is_default` marks the one that outbound calls come from unless they name another.",
      responses: {
        ...errorResponses(...OF_AN_ORGANIZATION),
        200: json(numbersSchema, "A page of its present numbers."),
      },
    }),
    validParam(organizationPath),
    validQuery(listQuery),
    async (c) => {
      const { organization_id: id } = c.req.valid("param");
      const { limit } = c.req.valid("query");
      const { ledger } = await requireOrganization(c, id);
      const after = (await readCursor(c, idPlace)) ?? undefined;
      const rows = await numbersOf(openDatabase(c.env), id, { after, limit: limit + 1 });
      const known = unwrap(await ledger.ask(async (object) => object.numbers(null))).numbers;
      const marked = known.find(({ is_default }) => is_default)?.e164;
      const { page, next_cursor } = await pageOf(c, rows, limit, ({ e164 }) => e164);
      return c.json({
        numbers: page.map((row) => ({ ...numberBody(row), is_default: row.e164 === marked })),
        next_cursor,
      });
    },
  );
