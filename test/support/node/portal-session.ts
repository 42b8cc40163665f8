import type { Customer } from "./platform.ts";

/** Signs an owner in to the dashboard by a link of the organization's own key. Answers the cookie. */
export async function signIn(base_url: string, api_key: Customer["api_key"]): Promise<string> {
  const made = await fetch(`${base_url}/api/v1/portal_sessions`, {
    method: "POST",
    headers: { authorization: `Bearer ${api_key}`, "content-type": "application/json" },
    body: JSON.stringify({ user: { id: "bench", name: "Bench" }, role: "owner", language: "en" }),
  });
  if (made.status !== 201) throw new Error(`POST /portal_sessions answered ${made.status}.`);
  const { pathname, search } = new URL(((await made.json()) as { url: string }).url);
  const entered = await fetch(`${base_url}${pathname}${search}`, { redirect: "manual" });
  await entered.arrayBuffer();
  const cookie = entered.headers.get("Set-Cookie")?.split(";")[0];
  if (!cookie) throw new Error(`The link answered ${entered.status} and no cookie.`);
  return cookie;
}
