import { Hono } from "hono";
import { endSession, endSessionsOf, type ListedSession, listSessions } from "../../../access/session-list";
import { idPattern } from "../../../units/id";
import { cleanText } from "../../../units/text";
import { actorOf, may, ownOrganization, type PageContext, type PageEnv } from "../../context";
import { answerPage, pathOf } from "../../layout";
import { PageError } from "../../page-error";
import { Confirm } from "../../parts/confirm";
import { readForm } from "../../parts/form";
import { Notice } from "../../parts/notice";
import { Empty, Pager, Table } from "../../parts/table";
import { unwrap } from "../../refusals";
import { allowed } from "../../session";
import { layoutWords } from "../../words/layout";
import { sessionsWords } from "./words";

const PAGE = 50;
const SESSION_ID = idPattern("pse");
const KEY_ID = idPattern("key");

/** Who is signed in, for owners; where they are signed in themselves, for everybody. */
export const sessions = new Hono<PageEnv>()
  .get("/", (c) => answer(c))
  .post("/end-others", async (c) => {
    const { id: except_id, organization_id, user_id } = c.var.session;
    return ended(c, await endSessionsOf(c.env, actorOf(c), { organization_id, user_id, except_id }));
  })
  .post("/end-all", allowed("own"), async (c) => {
    const { user_id } = await readForm(c);
    if (typeof user_id !== "string" || user_id === "") throw new PageError("not_found");
    const { organization_id } = c.var.session;
    return ended(c, await endSessionsOf(c.env, actorOf(c), { organization_id, user_id }));
  })
  .post("/:session_id/end", allowed("own"), async (c) => {
    const { organization_id } = c.var.session;
    unwrap(await endSession(c.env, actorOf(c), organization_id, c.req.param("session_id")));
    return ended(c, { has_more: false });
  });

function ended(c: PageContext, { has_more }: { has_more: boolean }): Response {
  return c.redirect(`${pathOf("sessions")}?done=${has_more ? "more" : "ended"}`, 303);
}

async function answer(c: PageContext) {
  const { format, session, ledger } = c.var;
  const t = sessionsWords[format.language];
  const may_end = may(session.role, "own");
  const { done, before = "", key = "", user } = c.req.query();
  const asked_user = cleanText(user ?? "") || null;
  const key_id = may_end && KEY_ID.test(key) ? key : null;
  const user_id = may_end ? asked_user : session.user_id;
  const before_id = SESSION_ID.test(before) ? before : null;
  const filter = { user_id, key_id, statuses: ["active", "pending"] as const, before_id, limit: PAGE };
  const [found, known] = await Promise.all([
    listSessions(c.env, ownOrganization(c), filter),
    ledger.ask(async (object) => object.keys(null)),
  ]);
  const { sessions: rows, next_before_id } = unwrap(found);
  const labels = new Map(unwrap(known).keys.map(({ key_id, label }) => [key_id, label]));
  const person = asked_user !== null && may_end ? rows[0]?.session : undefined;
  const is_sifted = may_end && (asked_user !== null || key_id !== null);
  const older = new URLSearchParams({ before: next_before_id ?? "", ...(key_id && { key: key_id }) });
  if (asked_user !== null) older.set("user", asked_user);
  return answerPage(
    c,
    { page: "sessions" },
    <>
      {done === "ended" ? <Notice kind="success" {...t.ended} /> : null}
      {done === "more" ? <Notice kind="warning" {...t.more} /> : null}
      <p class="hint">{may_end ? t.intro.all : t.intro.own}</p>
      {is_sifted ? (
        <p class="hint">
          {t.only} <a href={pathOf("sessions")}>{t.everybody}</a>
        </p>
      ) : null}
      {rows.length === 0 ? (
        <Empty {...t.none} />
      ) : (
        <Sessions c={c} rows={rows} labels={labels} may_end={may_end} />
      )}
      <Pager
        newest_href={before_id === null ? null : pathOf("sessions")}
        older_href={next_before_id === null ? null : `?${older}`}
        words={{ newest: t.newest, older: t.older, label: t.list }}
      />
      <Confirm
        action="/billing/sessions/end-others"
        name={t.end_others}
        sure={t.end_others_sure}
        button={t.end_others_confirm}
      />
      {person && person.user_id !== session.user_id ? (
        <Confirm
          action="/billing/sessions/end-all"
          name={t.end_all(person.user_name)}
          sure={t.end_all_sure}
          button={t.end_all_confirm}
        >
          <input type="hidden" name="user_id" value={person.user_id} />
        </Confirm>
      ) : null}
    </>,
  );
}

function Sessions({
  c,
  rows,
  labels,
  may_end,
}: {
  c: PageContext;
  rows: ListedSession[];
  labels: ReadonlyMap<string, string>;
  may_end: boolean;
}) {
  const { format } = c.var;
  const own_id = c.var.session.id;
  const t = sessionsWords[format.language];
  const { roles } = layoutWords[format.language];
  const openerOf = ({ session, is_own_key }: ListedSession) =>
    is_own_key ? (labels.get(session.key_id) ?? t.unknown_key) : t.operator;
  return (
    <Table
      caption={t.list}
      hide_caption
      rows={rows}
      columns={[
        {
          heading: t.person,
          names_row: true,
          cell: ({ session: { id, user_id, user_name } }) => (
            <>
              {may_end ? <a href={`?user=${encodeURIComponent(user_id)}`}>{user_name}</a> : user_name}
              {id === own_id ? <span class="note"> {t.this_one}</span> : null}
            </>
          ),
        },
        { heading: t.access, cell: ({ session }) => roles[session.role] },
        {
          heading: t.since,
          cell: ({ session: { used_at_ms } }) =>
            used_at_ms === null ? t.not_used : format.dateTime(used_at_ms),
        },
        {
          heading: t.last_seen,
          cell: ({ session: { last_seen_at_ms: at_ms } }) => (at_ms === null ? "–" : format.dateTime(at_ms)),
        },
        { heading: t.until, cell: ({ standing }) => format.dateTime(standing.expires_at_ms) },
        { heading: t.opened_with, cell: openerOf },
        ...(may_end
          ? [
              {
                heading: t.end,
                cell: ({ session: { id, user_name } }: ListedSession) => (
                  <Confirm
                    action={`/billing/sessions/${id}/end`}
                    name={t.end}
                    sure={t.end_sure(user_name)}
                    button={t.end_confirm}
                  />
                ),
              },
            ]
          : []),
      ]}
    />
  );
}
