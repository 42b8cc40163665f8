import { Hono } from "hono";
import type { AppEnv } from "../context";
import { openApiDocument } from "../openapi";
import { ReferencePage } from "./page";
import style from "./style";

const PAGE_POLICY =
  "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'";
const FOR_A_WHILE = "public, max-age=300";

/** The OpenAPI document of an app, and a page for people made of it that needs nothing from anywhere else. */
export function documentation(app: Hono<AppEnv>) {
  // Made once: that takes a tenth of a second, and anybody may ask for it.
  let page: string | undefined;
  return new Hono<AppEnv>()
    .get("/openapi.json", async (c) => {
      c.header("Cache-Control", FOR_A_WHILE);
      c.header("Cross-Origin-Resource-Policy", "cross-origin");
      c.header("Access-Control-Allow-Origin", "*");
      return c.json(await openApiDocument(app));
    })
    .get("/docs", async (c) => {
      c.header("Cache-Control", FOR_A_WHILE);
      c.header("Content-Security-Policy", PAGE_POLICY);
      page ??= `<!doctype html>${ReferencePage({ document: await openApiDocument(app) })}`;
      return c.html(page);
    })
    .get("/docs/style.css", (c) => {
      c.header("Cache-Control", FOR_A_WHILE);
      return c.body(style, 200, { "Content-Type": "text/css; charset=utf-8" });
    });
}
