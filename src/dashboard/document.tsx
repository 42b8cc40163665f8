import { raw } from "hono/html";
import type { Child } from "hono/jsx";
import type { Format } from "./format/format";

/** The document around every page, signed in or not. */
export function Document({
  format,
  title,
  refresh_seconds,
  live = false,
  children,
}: {
  format: Format;
  title: string;
  refresh_seconds?: number | undefined;
  live?: boolean | undefined;
  children?: Child;
}) {
  return (
    <>
      {raw("<!doctype html>")}
      <html lang={format.language}>
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <meta name="robots" content="noindex" />
          <title>{title}</title>
          <link rel="icon" href="/billing/icon.svg" type="image/svg+xml" />
          <link rel="stylesheet" href="/billing/style.css" />
          {refresh_seconds === undefined ? null : (
            <noscript>
              <meta http-equiv="refresh" content={String(refresh_seconds)} />
            </noscript>
          )}
          <script type="module" src="/billing/page.js" />
        </head>
        <body data-live-pages={live ? "true" : undefined}>{children}</body>
      </html>
    </>
  );
}
