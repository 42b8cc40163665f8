import { Hono } from "hono";
import { endpointsOf } from "../../../notifications/endpoint-owner";
import { createEndpoint } from "../../../notifications/endpoints";
import { isRefused } from "../../../units/refusal";
import type { Endpoint } from "../../../webhooks/types";
import { actorOf, may, type PageContext, type PageEnv } from "../../context";
import { answerPage } from "../../layout";
import { type FormState, readForm } from "../../parts/form";
import { Notice } from "../../parts/notice";
import { RequestKey, repeatableForm } from "../../parts/repeatable";
import { Empty } from "../../parts/table";
import { allowed } from "../../session";
import { endpointPage } from "./endpoint";
import { endpointOwnerOf } from "./endpoint-owner";
import { EndpointFields, readEndpointForm } from "./form";
import { Endpoints, NewSecret } from "./parts";
import { webhooksWords } from "./words";

/** Endpoints that events are sent to. A secret is shown in the answer that makes it, and never again. */
export const webhooks = new Hono<PageEnv>()
  .get("/", (c) => answer(c))
  .post("/", allowed("own"), async (c) => {
    const fields = await readForm(c);
    const t = webhooksWords[c.var.format.language];
    const checked = readEndpointForm(c, fields);
    const request = await repeatableForm(c, fields, checked);
    const wrong = (wrong_fields: Record<string, string>) =>
      answer(c, { state: { values: fields, errors: wrong_fields } });
    if ("errors" in checked) return wrong(checked.errors);
    const asked = { ...checked.data, request };
    const made = await createEndpoint(c.env, actorOf(c), endpointOwnerOf(c), asked);
    if (!isRefused(made)) return answer(c, { secret: made.secret });
    switch (made.code) {
      case "address_refused":
        return wrong({ url: t.url_wrong });
      case "too_many_endpoints":
        return wrong({ url: t.too_many });
      case "idempotency_conflict":
        return answer(c, { made_before: true });
    }
  })
  .route("/", endpointPage);

interface Situation {
  state?: FormState;
  secret?: string;
  made_before?: boolean;
}

async function answer(c: PageContext, { state, secret, made_before = false }: Situation = {}) {
  const { format, session } = c.var;
  const t = webhooksWords[format.language];
  const endpoints: Endpoint[] = await endpointsOf(c.env, endpointOwnerOf(c));
  return answerPage(
    c,
    { page: "webhooks", status: state ? 422 : 200 },
    <>
      {secret ? <NewSecret t={t} said={t.made} secret={secret} back="/billing/webhooks" /> : null}
      {made_before ? <Notice kind="warning" {...t.made_before} /> : null}
      {c.req.query("done") === "removed" ? <Notice kind="success" title={t.done.removed} /> : null}
      <p class="hint">{t.intro}</p>
      <section>
        <h2>{t.list}</h2>
        {endpoints.length === 0 ? (
          <Empty {...t.none} />
        ) : (
          <Endpoints endpoints={endpoints} may_change={may(session.role, "own")} format={format} t={t} />
        )}
      </section>
      {may(session.role, "own") && !secret ? (
        <section class="card">
          <h2>{t.create_title}</h2>
          <form method="post" class="stack" novalidate>
            <RequestKey state={state} />
            <EndpointFields state={state} t={t} />
            <button class="button" type="submit">
              {t.create}
            </button>
          </form>
        </section>
      ) : null}
    </>,
  );
}
