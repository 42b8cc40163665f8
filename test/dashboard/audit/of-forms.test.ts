import { env } from "cloudflare:workers";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { dashboard } from "../../../src/dashboard/app";
import { ACTIONS } from "../../../src/dashboard/pages/webhooks/endpoint";
import { auditCopied } from "../../support/api/audit-copied";
import { ask } from "../../support/api/organizations";
import { stopClock } from "../../support/clock";
import { linksOf } from "../../support/dashboard/html";
import { type FullOrganization, fullOrganization, type Post, postsOf } from "../../support/dashboard/posts";
import { open, portalLink, type Visitor, visitor } from "../../support/dashboard/visitor";
import { bought } from "../../support/purchases/buying";
import { standInStripeForFile } from "../../support/purchases/stripe";

const stripe = standInStripeForFile();
const clock = stopClock();

/** Every form that the dashboard takes, as its router has it; each button of an endpoint by itself. */
const FORMS = [...new Set(routes("POST"))].flatMap((route) =>
  route.endsWith("/:action") ? ACTIONS.map((action) => route.replace(":action", action)) : [route],
);
const GETS = [...new Set(routes("GET"))];

/** What leaves a row though it is only looked at. */
const READS_WITH_A_ROW: Record<string, string> = {
  "/billing/enter": "portal_session.sign_in",
  "/billing/usage/calls.csv": "export.calls",
  "/billing/invoices/:invoice_id/pdf": "export.document",
};

/** Links as they were made before: signing in by one is the same as by `/billing/enter`. */
const OLD_LINKS = "/billing/enter/:secret";

/** What is written down of each form. */
const ACTION_OF: Record<string, string> = {
  "/billing/sign-out": "portal_session.sign_out",
  "/billing/language": "portal_session.language",
  "/billing/alerts": "alerts.set",
  "/billing/alerts/remove": "alerts.set",
  "/billing/auto-top-up": "auto_top_up.set",
  "/billing/auto-top-up/off": "auto_top_up.set",
  "/billing/auto-top-up/card": "payment_method.set_up",
  "/billing/auto-top-up/card/remove": "payment_method.remove",
  "/billing/credits": "purchase.start",
  "/billing/information": "billing_profile.save",
  "/billing/keys": "api_key.create",
  "/billing/keys/:key_id/revoke": "api_key.revoke",
  "/billing/sessions/end-others": "portal_session.end",
  "/billing/sessions/end-all": "portal_session.end",
  "/billing/sessions/:session_id/end": "portal_session.end",
  "/billing/webhooks": "webhook_endpoint.create",
  "/billing/webhooks/:endpoint_id/disable": "webhook_endpoint.change",
  "/billing/webhooks/:endpoint_id/enable": "webhook_endpoint.change",
  "/billing/webhooks/:endpoint_id/change": "webhook_endpoint.change",
  "/billing/webhooks/:endpoint_id/test": "webhook_delivery.test",
  "/billing/webhooks/:endpoint_id/resend": "webhook_delivery.resend",
  "/billing/webhooks/:endpoint_id/resend-failed": "webhook_delivery.resend_failed",
  "/billing/webhooks/:endpoint_id/rotate": "webhook_endpoint.rotate_secret",
  "/billing/webhooks/:endpoint_id/end-old-secret": "webhook_endpoint.end_previous_secret",
  "/billing/webhooks/:endpoint_id/remove": "webhook_endpoint.delete",
};

let organization: FullOrganization;

beforeAll(async () => {
  organization = await fullOrganization(stripe);
  await bought(stripe, organization);
});

/** So that no limit of a session or an address stands in the way. */
beforeEach(() => clock.pass(60_000));

function routes(method: string): string[] {
  return dashboard.routes.filter((route) => route.method === method).map(({ path }) => path);
}

/** The rows that the request with this answer has left. */
async function rowsOf(answer: Response) {
  await auditCopied();
  const read = env.DB.prepare("SELECT * FROM audit WHERE request_id = ?");
  return (await read.bind(answer.headers.get("X-Request-Id")).all()).results;
}

/** The post of a form, with what it is about as it is now. */
async function postOf(form: string): Promise<Post> {
  const [last = ""] = form.split("/").slice(-1);
  const posts = postsOf(organization);
  const post = posts.find(({ route, path }) =>
    route.endsWith("/:action")
      ? form.startsWith(route.replace(":action", "")) && path.endsWith(`/${last}`)
      : route === form,
  );
  if (!post) throw new Error(`Say in postsOf how ${form} is sent.`);
  return { ...post, fields: { ...post.fields, ...(await groundOf(form)) } };
}

/** Prepares what a form needs in order to change something; answers fields that name it. */
async function groundOf(form: string): Promise<Record<string, string>> {
  const { endpoint_id } = organization;
  const endpoint = `/webhook_endpoints/${endpoint_id}`;
  switch (form) {
    case "/billing/sessions/end-others":
      await visitor(organization);
      return {};
    case "/billing/sessions/end-all":
      await visitor(organization, "viewer", "en", { user: { id: "user-2", name: "A. Smit" } });
      return {};
    case "/billing/webhooks/:endpoint_id/enable":
      await ask(organization, "PATCH", endpoint, { body: { enabled: false } });
      return {};
    case "/billing/webhooks/:endpoint_id/end-old-secret":
      await ask(organization, "POST", `${endpoint}/rotate_secret`, {
        body: { keep_previous_seconds: 3_600 },
      });
      return {};
    case "/billing/webhooks/:endpoint_id/resend": {
      await ask(organization, "POST", `${endpoint}/test`);
      const { body } = await ask(organization, "GET", "/webhook_deliveries");
      return { event_id: body.deliveries[0].event_id };
    }
    default:
      return {};
  }
}

test("every form of the dashboard has a case here", () => {
  expect(FORMS.length).toBeGreaterThan(20);
  expect(Object.keys(ACTION_OF).sort()).toEqual(FORMS.sort());
});

// What takes away what others are about comes last.
const LAST = ["/card/remove", "/remove", "/sign-out"];
const rank = (form: string) => LAST.findIndex((end) => form.endsWith(end));
const ORDERED = FORMS.toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));

describe.each(ORDERED)("%s", (form) => {
  test("leaves one row that says who, from where and what came of it; a look at it leaves none", async () => {
    const owner = await visitor(organization);
    const post = await postOf(form);
    const looked = await owner.get(post.path);
    expect(await rowsOf(looked)).toEqual([]);
    const address = `2001:db8::${ORDERED.indexOf(form) + 1}`;
    const answer = await owner.post(post.path, post.fields, { "CF-Connecting-IP": address });
    expect([answer.status, await rowsOf(answer)]).toEqual([
      expect.toSatisfy((status: number) => status < 400),
      [
        expect.objectContaining({
          action: ACTION_OF[form],
          organization_id: organization.id,
          ...{ key_id: "user:user-1", actor_kind: "person", actor_name: "J. Jansen" },
          session_id: expect.stringMatching(/^pse_/),
          address,
          outcome: "done",
          code: null,
        }),
      ],
    ]);
  });
});

describe("what is only looked at", () => {
  let viewer: Visitor;

  /** The address of a page that there is something on. */
  async function addressOf(route: string): Promise<string> {
    if (route.includes(":invoice_id")) {
      const links = linksOf(await viewer.page("/billing/invoices"));
      return links.find(([, text]) => text === "PDF")?.[0] ?? "";
    }
    return route.replace(":endpoint_id", organization.endpoint_id).replace(":call_id", "call_unknown");
  }

  test("leaves no row, but a sign-in and each file that somebody takes", async () => {
    expect(GETS.length).toBeGreaterThan(12);
    const seen: Record<string, unknown> = {};
    for (const route of GETS.filter((each) => each !== OLD_LINKS)) {
      clock.pass(60_000);
      const is_entry = route === "/billing/enter";
      viewer = await visitor(organization, "viewer");
      const answer = await (is_entry
        ? portalLink(organization).then((link) => open(link))
        : viewer.get(await addressOf(route)));
      await answer.text();
      const actions = (await rowsOf(answer)).map(({ action, outcome }) => `${action} ${outcome}`);
      if (actions.length > 0) seen[route] = actions;
    }
    expect(seen).toEqual(
      Object.fromEntries(
        Object.entries(READS_WITH_A_ROW).map(([route, action]) => [route, [`${action} done`]]),
      ),
    );
  });
});
