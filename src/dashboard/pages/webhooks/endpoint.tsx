import { Hono } from "hono";
import { resendDelivery, resendFailed, sendTestEvent } from "../../../notifications/deliveries";
import { ask, endpointsOf } from "../../../notifications/endpoint-owner";
import { MOST_KEPT_SECONDS } from "../../../notifications/endpoint-schema";
import { endPreviousSecret, rotateSecret } from "../../../notifications/endpoint-secrets";
import { changeEndpoint, removeEndpoint } from "../../../notifications/endpoints";
import { isRefused, type Refused } from "../../../units/refusal";
import type { DeliveryAnswer } from "../../../webhooks/rpc";
import type { Endpoint } from "../../../webhooks/types";
import { actorOf, may, type PageContext, type PageEnv } from "../../context";
import { isDay, startOfDay } from "../../format/days";
import { answerPage } from "../../layout";
import { PageError } from "../../page-error";
import { type FormState, readForm } from "../../parts/form";
import { Notice } from "../../parts/notice";
import { repeatableButton } from "../../parts/repeatable";
import { unwrap } from "../../refusals";
import { allowed } from "../../session";
import { EndpointActions } from "./actions";
import { Deliveries } from "./deliveries";
import { endpointOwnerOf } from "./endpoint-owner";
import { EndpointFields, readEndpointForm } from "./form";
import { EndpointState, NewSecret, shownUrl } from "./parts";
import { webhooksWords } from "./words";

const PAGE = 50;
const PLACE = /^(evt_[0-9a-z]{26})\.(whe_[0-9a-z]{26})$/;

/**
 * All that a button of an endpoint does.
 *
 * @internal exported for tests
 */
export const ACTIONS = [
  "disable",
  "enable",
  "test",
  "rotate",
  "end-old-secret",
  "remove",
  "resend",
  "resend-failed",
  "change",
] as const;
type Action = (typeof ACTIONS)[number];

/** One endpoint: what is set, what was delivered, and what can be done. */
export const endpointPage = new Hono<PageEnv>()
  .get("/:endpoint_id", async (c) => answer(c, await endpointIn(c)))
  .post("/:endpoint_id/:action", allowed("own"), async (c) => {
    const endpoint = await endpointIn(c);
    const action = ACTIONS.find((each) => each === c.req.param("action"));
    if (!action) throw new PageError("not_found");
    return act(c, endpoint, action, await readForm(c));
  });

async function act(c: PageContext, endpoint: Endpoint, action: Action, fields: Record<string, string>) {
  const { endpoint_id } = endpoint;
  const [actor, of] = [actorOf(c), endpointOwnerOf(c)];
  const t = webhooksWords[c.var.format.language];
  const request = await repeatableButton(c, fields);
  const done = (word: keyof typeof t.done) =>
    c.redirect(`/billing/webhooks/${endpoint_id}?done=${word}`, 303);
  switch (action) {
    case "enable":
    case "disable":
      await changeEndpoint(c.env, actor, of, { endpoint_id, enabled: action === "enable" });
      return done(action === "enable" ? "enabled" : "disabled");
    case "change":
      return change(c, endpoint, fields);
    case "remove":
      await removeEndpoint(c.env, actor, of, { endpoint_id, request });
      return c.redirect("/billing/webhooks?done=removed", 303);
    case "rotate": {
      const ends_old = fields.old_secret === "ends";
      const keep_previous_seconds = ends_old ? 0 : MOST_KEPT_SECONDS;
      const asked = { endpoint_id, keep_previous_seconds, request };
      const rotated = await rotateSecret(c.env, actor, of, asked);
      if (isRefused(rotated) && rotated.code === "rotation_under_way")
        return answer(c, endpoint, { refused: t.rotation_under_way });
      if (isRefused(rotated) && rotated.code === "idempotency_conflict")
        return answer(c, endpoint, { refused: t.made_before.text });
      const { secret, endpoint: after } = unwrap(rotated);
      return answer(c, after, { secret: { text: secret, said: ends_old ? t.rotated_at_once : t.rotated } });
    }
    case "end-old-secret":
      unwrap(await endPreviousSecret(c.env, actor, of, { endpoint_id, request }));
      return done("old_secret_ended");
    case "test": {
      const sent = await sendTestEvent(c.env, actor, of, { endpoint_id, request });
      return isRefused(sent) ? notSent(c, endpoint, sent) : done("tested");
    }
    case "resend": {
      const { event_id = "" } = fields;
      const sent = await resendDelivery(c.env, actor, of, { endpoint_id, event_id, request });
      return isRefused(sent) ? notSent(c, endpoint, sent) : done("resent");
    }
    case "resend-failed": {
      const { since = "" } = fields;
      if (!isDay(since)) return answer(c, endpoint, { refused: t.day_wrong });
      const since_ms = startOfDay(c.var.settings.time_zone, since);
      const sent = await resendFailed(c.env, actor, of, { endpoint_id, since_ms, request });
      if (isRefused(sent)) return notSent(c, endpoint, sent);
      return c.redirect(`/billing/webhooks/${endpoint_id}?resent=${sent.count}`, 303);
    }
  }
}

/** Why nothing was sent. A button that says something else the second time is none of ours. */
function notSent(c: PageContext, endpoint: Endpoint, { code }: Refused<DeliveryAnswer>) {
  if (code !== "endpoint_disabled") throw new PageError("not_found");
  return answer(c, endpoint, { refused: webhooksWords[c.var.format.language].endpoint_disabled });
}

async function change(c: PageContext, endpoint: Endpoint, fields: Record<string, string>) {
  const { endpoint_id } = endpoint;
  const t = webhooksWords[c.var.format.language];
  const checked = readEndpointForm(c, fields);
  if ("errors" in checked) return answer(c, endpoint, { state: { values: fields, errors: checked.errors } });
  const asked = { endpoint_id, ...checked.data };
  const changed = await changeEndpoint(c.env, actorOf(c), endpointOwnerOf(c), asked);
  if (isRefused(changed) && changed.code === "address_refused")
    return answer(c, endpoint, { state: { values: fields, errors: { url: t.url_wrong } } });
  unwrap(changed);
  return c.redirect(`/billing/webhooks/${endpoint_id}?done=saved`, 303);
}

/** The organization's own endpoint that the address names. */
async function endpointIn(c: PageContext): Promise<Endpoint> {
  const endpoint_id = c.req.param("endpoint_id");
  const endpoints = await endpointsOf(c.env, endpointOwnerOf(c));
  const found = endpoints.find((each) => each.endpoint_id === endpoint_id);
  if (!found) throw new PageError("not_found");
  return found;
}

interface Situation {
  state?: FormState;
  secret?: { text: string; said: { title: string; text: string } };
  refused?: string;
}

async function answer(c: PageContext, endpoint: Endpoint, { state, secret, refused }: Situation = {}) {
  const { format, session } = c.var;
  const t = webhooksWords[format.language];
  const { endpoint_id } = endpoint;
  const [, event_id = "", of_endpoint = ""] = PLACE.exec(c.req.query("before") ?? "") ?? [];
  const after = event_id === "" ? null : { event_id, endpoint_id: of_endpoint };
  const page = await ask(c.env, endpointOwnerOf(c), (webhooks) =>
    webhooks.listDeliveries({ endpoint_id, state: null, after, limit: PAGE + 1 }),
  );
  const may_change = may(session.role, "own");
  return answerPage(
    c,
    { page: "webhooks", title: shownUrl(endpoint.url, may_change), status: state || refused ? 422 : 200 },
    <>
      <DoneNotice c={c} />
      {refused ? <Notice kind="danger" title={refused} /> : null}
      {secret ? (
        <NewSecret t={t} said={secret.said} secret={secret.text} back={`/billing/webhooks/${endpoint_id}`} />
      ) : null}
      <p>
        <a href="/billing/webhooks">{t.back}</a>
      </p>
      <p>
        <EndpointState endpoint={endpoint} format={format} t={t} />
      </p>
      {may_change ? <EndpointActions endpoint={endpoint} t={t} /> : null}
      <Deliveries
        page={page}
        page_size={PAGE}
        is_first={after === null}
        endpoint={endpoint}
        may_change={may_change}
        format={format}
        t={t}
      />
      {may_change ? (
        <section class="card">
          <h2>{t.change_title}</h2>
          <form method="post" action={`/billing/webhooks/${endpoint_id}/change`} class="stack" novalidate>
            <EndpointFields endpoint={endpoint} state={state} t={t} />
            <button class="button" type="submit">
              {t.save}
            </button>
          </form>
        </section>
      ) : null}
    </>,
  );
}

/** What the action before this page has done. */
function DoneNotice({ c }: { c: PageContext }) {
  const { format } = c.var;
  const t = webhooksWords[format.language];
  const done = c.req.query("done") ?? "";
  const resent = c.req.query("resent") ?? "";
  if (Object.hasOwn(t.done, done))
    return <Notice kind="success" title={t.done[done as keyof typeof t.done]} />;
  return /^\d{1,4}$/.test(resent) ? (
    <Notice kind="success" title={t.resent_all(format.number(Number(resent)))} />
  ) : null;
}
