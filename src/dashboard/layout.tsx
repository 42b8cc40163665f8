import type { Child } from "hono/jsx";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { LANGUAGES, PORTAL_PAGES, type PortalPage } from "../access/portal-sessions";
import { isOutOfCredit } from "../ledger/core/credit/credit-left";
import { may, type PageContext } from "./context";
import { Document } from "./document";
import { Notice } from "./parts/notice";
import { layoutWords } from "./words/layout";

const GROUPS = ["credit", "records", "settings"] as const;

/** The group of the menu in which each page stands: one that is left out does not compile. Their order is that of `PORTAL_PAGES`. */
const GROUP_OF: Record<PortalPage, (typeof GROUPS)[number]> = {
  overview: "credit",
  credits: "credit",
  "auto-top-up": "credit",
  alerts: "credit",
  usage: "records",
  ledger: "records",
  invoices: "records",
  information: "settings",
  webhooks: "settings",
  keys: "settings",
  sessions: "settings",
  audit: "settings",
};

const LANGUAGE_NAMES = { en: "English", nl: "Nederlands", de: "Deutsch" };

export interface PageOptions {
  /** The page of the menu that it belongs to. */
  page: PortalPage;
  /** Its heading; the menu's word for the page when left out. */
  title?: string;
  status?: ContentfulStatusCode;
  /** Seconds after which a browser without scripts asks again. */
  refresh_seconds?: number;
  /** Whether its `data-live` parts are kept fresh. */
  live?: boolean;
  /** Whether the warning of an empty account is left out, where the page itself says it. */
  quiet?: boolean;
  /** Whether the days and months that it counts are those of UTC, where its times are in the zone of the deployment. */
  counts_in_utc?: boolean;
}

/** Answers a whole page of somebody who is signed in. */
export function answerPage(
  c: PageContext,
  options: PageOptions,
  content: Child,
): Response | Promise<Response> {
  const { account, format, session } = c.var;
  const t = layoutWords[format.language];
  const title = options.title ?? t.pages[options.page];
  return c.html(
    <Document
      format={format}
      title={`${title} · ${account.company_name}`}
      refresh_seconds={options.refresh_seconds}
      live={options.live}
    >
      <a class="skip" href="#content">
        {t.skip}
      </a>
      <div class="frame">
        <header class="top">
          <p class="brand">
            <img src="/billing/icon.svg" width="24" height="24" alt="" /> {t.product}{" "}
            <span class="organization">{account.company_name}</span>
          </p>
          <p class="who">
            {session.user_name} <span class="pill">{t.roles[session.role]}</span>
          </p>
        </header>
        <details class="menu">
          <summary>{t.menu}</summary>
        </details>
        <nav class="side" aria-label={t.product}>
          {GROUPS.map((name) => (
            <div class="group">
              <p class="group-name" id={`group-${name}`}>
                {t.groups[name]}
              </p>
              <ul aria-labelledby={`group-${name}`}>
                {PORTAL_PAGES.filter((page) => GROUP_OF[page] === name).map((page) => (
                  <li>
                    <a href={pathOf(page)} aria-current={page === options.page ? "page" : undefined}>
                      {t.pages[page]}
                    </a>
                  </li>
                ))}
              </ul>
            </div>
          ))}
          <div class="group leave">
            {session.return_url ? <a href={session.return_url}>{t.back}</a> : null}
            <form method="post" action="/billing/sign-out">
              <button class="link" type="submit">
                {t.sign_out}
              </button>
            </form>
          </div>
        </nav>
        <main id="content" tabindex={-1}>
          <h1>{title}</h1>
          {options.quiet ? null : <CallObstacle c={c} page={options.page} />}
          {may(session.role, "set") ? null : <p class="hint read-only">{t.read_only}</p>}
          {content}
        </main>
        <footer class="foot">
          <p>{options.counts_in_utc ? t.only_times_in(format.time_zone) : t.times_in(format.time_zone)}</p>
          <form method="post" action="/billing/language" class="languages" aria-label={t.language}>
            {LANGUAGES.map((language) => (
              <button
                class="link"
                type="submit"
                name="language"
                value={language}
                lang={language}
                aria-pressed={language === format.language ? "true" : "false"}
              >
                {LANGUAGE_NAMES[language]}
              </button>
            ))}
          </form>
        </footer>
      </div>
    </Document>,
    options.status ?? 200,
  );
}

/** Where a page of the menu is. */
export function pathOf(page: PortalPage): string {
  return page === "overview" ? "/billing" : `/billing/${page}`;
}

/** What keeps calls from starting, said on every page. */
function CallObstacle({ c, page }: { c: PageContext; page: PortalPage }) {
  const { account, format, session } = c.var;
  const t = layoutWords[format.language];
  if (account.state !== "active") {
    const { title, text } = t[account.state];
    return <Notice kind="danger" title={title} text={text} />;
  }
  const { remaining_micros } = account;
  if (!isOutOfCredit(account)) return <div data-live="standing" />;
  const [title, text] =
    remaining_micros < 0
      ? [t.negative.title, t.negative.text(format.debt(-remaining_micros))]
      : [t.empty.title, t.empty.text];
  return (
    <div data-live="standing">
      <Notice kind="danger" title={title} text={text}>
        {may(session.role, "set") && page !== "credits" ? (
          <a class="button" href={pathOf("credits")}>
            {t.add_credits}
          </a>
        ) : null}
      </Notice>
    </div>
  );
}
