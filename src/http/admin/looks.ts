import { createMiddleware } from "hono/factory";
import { recordLook } from "../../organizations/looks";
import { actorOf } from "../authenticate";
import type { AppEnv } from "../context";

const OF_ONE_ORGANIZATION = /\/admin\/organizations\/([^/]+)(?:\/(\w+))?/;

/** What a GET does besides reading, and is audited by itself. */
const NO_LOOKS: ReadonlySet<string> = new Set(["verify"]);

/** Writes down what operators read of one organization. Nothing of it leaves before that is written. */
export const looked = createMiddleware<AppEnv>(async (c, next) => {
  await next();
  const [, organization_id, part = "profile"] = OF_ONE_ORGANIZATION.exec(c.req.path) ?? [];
  const is_look = (c.req.method === "GET" || c.req.method === "HEAD") && c.res.ok && !NO_LOOKS.has(part);
  if (is_look && organization_id !== undefined) await recordLook(c.env, actorOf(c), organization_id, part);
});
