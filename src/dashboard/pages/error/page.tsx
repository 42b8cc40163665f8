import type { PageContext } from "../../context";
import { Document } from "../../document";
import type { PageError, PageErrorCode } from "../../page-error";
import { errorWords } from "./words";

/** What may go away by itself. */
const MAY_WORK_LATER: ReadonlySet<PageErrorCode> = new Set([
  "unavailable",
  "fault",
  "too_many_requests",
  "too_many_exports",
]);

/** A page that says what is wrong and where to go from here. */
export function ErrorPage({ c, error }: { c: PageContext; error: PageError }) {
  const { format, session, request_id } = c.var;
  const t = errorWords[format.language];
  const { title, text } = t[error.code];
  const return_url = error.detail.return_url ?? session?.return_url;
  const may_work = MAY_WORK_LATER.has(error.code);
  return (
    <Document format={format} title={title}>
      <main class="alone" id="content">
        <h1>{title}</h1>
        <p>{text}</p>
        <p class="actions">
          {may_work && c.req.method === "GET" ? (
            <a class="button" href={c.req.path}>
              {t.again}
            </a>
          ) : null}
          {session && error.code !== "left" ? <a href="/billing">{t.overview}</a> : null}
          {return_url ? <a href={return_url}>{t.back}</a> : null}
        </p>
        {error.code === "fault" ? (
          <p class="hint">
            {t.number}: <code>{request_id}</code>
          </p>
        ) : null}
      </main>
    </Document>
  );
}
