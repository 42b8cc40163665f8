import { Hono } from "hono";
import { createOwnKey, revokeOwnKey } from "../../../access/api-keys";
import { type ApiKey, SCOPES, type Scope, whyVoid } from "../../../ledger/core/account/api-keys";
import { isRefused } from "../../../units/refusal";
import { actorOf, may, ownOrganization, type PageContext, type PageEnv } from "../../context";
import { answerPage, pathOf } from "../../layout";
import { PageError } from "../../page-error";
import { Confirm } from "../../parts/confirm";
import { Pill } from "../../parts/figures";
import { type FormState, readForm } from "../../parts/form";
import { Notice } from "../../parts/notice";
import { repeatableForm } from "../../parts/repeatable";
import { Secret } from "../../parts/secret";
import { Empty, Table } from "../../parts/table";
import { refusalError, unwrap } from "../../refusals";
import { allowed } from "../../session";
import { KeyForm, readKeyForm } from "./form";
import { keysWords } from "./words";

type Words = (typeof keysWords)["en"];

/** The organization's own keys. One is shown in the answer that makes it, and never again. */
export const keys = new Hono<PageEnv>()
  .get("/", (c) => answer(c))
  .post("/", allowed("own"), async (c) => {
    const fields = await readForm(c);
    const t = keysWords[c.var.format.language];
    const checked = readKeyForm(c, fields);
    const request = await repeatableForm(c, fields, checked);
    if ("errors" in checked) return answer(c, { state: { values: fields, errors: checked.errors } });
    const { expires: expires_at_ms, ...stated } = checked.data;
    const asked = { ...stated, expires_at_ms, maker_id: c.var.session.key_id, request };
    const made = await createOwnKey(c.env, actorOf(c), ownOrganization(c), asked);
    if (!isRefused(made)) return answer(c, { made });
    const wrong = (expires: string) => answer(c, { state: { values: fields, errors: { expires } } });
    switch (made.code) {
      case "idempotency_conflict":
        return answer(c, { made_before: true });
      case "too_many":
        return wrong(t.too_many);
      case "expires_in_the_past":
        return wrong(t.expires_wrong);
      case "outlives_maker":
        return wrong(t.expires_too_late);
      case "exceeds_maker":
        return answer(c, { state: { values: fields, errors: { scopes: t.scopes_beyond } } });
      default:
        throw refusalError(made);
    }
  })
  .post("/:key_id/revoke", allowed("own"), async (c) => {
    const key_id = c.req.param("key_id");
    const { keys: known } = unwrap(await c.var.ledger.ask(async (object) => object.keys(null)));
    if (!known.some((key) => key.key_id === key_id)) throw new PageError("not_found");
    await revokeOwnKey(c.env, actorOf(c), ownOrganization(c), key_id);
    return c.redirect(`${pathOf("keys")}?done=revoked`, 303);
  });

async function answer(
  c: PageContext,
  {
    state,
    made,
    made_before = false,
  }: { state?: FormState; made?: { key: string }; made_before?: boolean } = {},
) {
  const { format, ledger, session } = c.var;
  const t = keysWords[format.language];
  const found = unwrap(await ledger.ask(async (object) => object.keys(null)));
  const all = found.keys.toReversed();
  const opener = all.find(({ key_id }) => key_id === session.key_id);
  const may_change = may(session.role, "own");
  return answerPage(
    c,
    { page: "keys", status: state ? 422 : 200 },
    <>
      {made ? (
        <Notice kind="success" {...t.made}>
          <Secret id="new-key" text={made.key} copy={t.copy} copied={t.copied} />
          <a class="button plain" href={pathOf("keys")}>
            {t.done}
          </a>
        </Notice>
      ) : null}
      {made_before ? <Notice kind="warning" {...t.made_before} /> : null}
      {c.req.query("done") === "revoked" ? <Notice kind="success" {...t.revoked} /> : null}
      <p class="hint">{t.intro}</p>
      <section>
        <h2>{t.list}</h2>
        {all.length === 0 ? <Empty {...t.none} /> : <Keys c={c} all={all} may_change={may_change} />}
      </section>
      {may_change && !made ? (
        <KeyForm
          t={t}
          state={state}
          offered={opener?.scopes ?? SCOPES}
          ends={dateTimeOrNull(c, opener?.expires_at_ms)}
        />
      ) : null}
    </>,
  );
}

function dateTimeOrNull({ var: { format } }: PageContext, at_ms: number | null | undefined): string | null {
  return typeof at_ms === "number" ? format.dateTime(at_ms) : null;
}

function Keys({ c, all, may_change }: { c: PageContext; all: ApiKey[]; may_change: boolean }) {
  const { format } = c.var;
  const t = keysWords[format.language];
  const now_ms = Date.now();
  const works = (key: ApiKey) => !whyVoid(key, now_ms);
  const labels = new Map(all.map(({ key_id, label }) => [key_id, label]));
  const madeWith = (key: ApiKey) => all.filter((each) => each.made_by === key.key_id && works(each));
  const revoke_sure = (key: ApiKey) => {
    const others = madeWith(key).map(({ label }) => label);
    return [t.revoke_sure(key.label), others.length > 0 ? t.revoke_leaves(others) : ""].join(" ").trim();
  };
  return (
    <Table
      caption={t.list}
      hide_caption
      rows={all}
      columns={[
        {
          heading: t.label,
          names_row: true,
          cell: ({ key_id, label }) => (
            <div class="detail">
              {label}
              <div class="note">
                <code>{key_id}</code>
              </div>
              {may_change ? (
                <div class="note">
                  <a href={`${pathOf("sessions")}?key=${key_id}`}>{t.its_sessions}</a>
                </div>
              ) : null}
            </div>
          ),
        },
        { heading: t.access, cell: ({ scopes }) => <Scopes scopes={scopes} t={t} /> },
        {
          heading: t.created,
          cell: ({ created_at_ms, made_by }) => (
            <>
              {format.date(created_at_ms)}
              {made_by ? <span class="note"> {t.made_with(labels.get(made_by) ?? made_by)}</span> : null}
            </>
          ),
        },
        {
          heading: t.last_used,
          heading_note: t.to_the_hour,
          cell: ({ last_used_at_ms: at_ms }) => (at_ms === null ? t.unused : format.dateTime(at_ms)),
        },
        {
          heading: t.state,
          cell: (key) => (
            <>
              <Pill
                kind={works(key) ? "good" : "plain"}
                text={
                  works(key)
                    ? t.states.works
                    : key.revoked_at_ms === null
                      ? t.states.expired
                      : t.states.revoked
                }
              />
              {works(key) && key.expires_at_ms !== null ? (
                <span class="note"> {t.until(format.dateTime(key.expires_at_ms))}</span>
              ) : null}
              {may_change && works(key) ? (
                <Confirm
                  action={`/billing/keys/${key.key_id}/revoke`}
                  name={t.revoke}
                  sure={revoke_sure(key)}
                  button={t.revoke_confirm}
                />
              ) : null}
            </>
          ),
        },
      ]}
    />
  );
}

/** One under the other: beside each other they would push what comes after them out of sight. */
function Scopes({ scopes, t }: { scopes: Scope[]; t: Words }) {
  return scopes.map((scope, at) => (
    <>
      {at > 0 ? <br /> : null}
      {t.scope[scope].name}
    </>
  ));
}
