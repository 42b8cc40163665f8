import { routePath } from "hono/route";
import { type Repeatable, repeatable } from "../../units/repeatable";
import type { PageContext } from "../context";
import { PageError } from "../page-error";
import type { FormState } from "./form";

const REQUEST_KEY = /^[\w-]{8,64}$/;

/** What a form is known by when it is sent twice. It says nothing about what is made. */
export function RequestKey({ state }: { state?: FormState | undefined }) {
  return <input type="hidden" name="request_key" value={state?.values.request_key ?? crypto.randomUUID()} />;
}

/**
 * What a form that makes something is known by when it is sent again: the session that it was sent in, what it asks for, and its
 * `RequestKey`.
 * @throws PageError when it has none
 */
export async function repeatableForm(
  c: PageContext,
  { request_key = "" }: Record<string, string>,
  content: unknown,
): Promise<Repeatable> {
  if (!REQUEST_KEY.test(request_key)) throw new PageError("not_found");
  const operation = [routePath(c), c.req.param()];
  return repeatable(c.var.session.id, operation, request_key, content);
}

/** As `repeatableForm`, of a button: null when nothing knows whether it is pressed a second time. */
export async function repeatableButton(
  c: PageContext,
  fields: Record<string, string>,
): Promise<Repeatable | null> {
  const { request_key, ...content } = fields;
  return request_key === undefined ? null : repeatableForm(c, fields, content);
}
