import type { StripeSettings } from "../env";
import { SECOND_MS } from "../units/duration";
import { log } from "../units/log";

const TIMEOUT_MS = 15 * SECOND_MS;
/** Stripe's links lead on to where the file is. */
const MAX_REDIRECTS = 3;

/**
 * The PDF behind a link of Stripe's, as it comes in: it is never held as a whole. Null when it cannot be had now.
 * Only https is asked, or the stand-in that stands in Stripe's place, at each step on the way.
 */
export async function fetchPdf(settings: StripeSettings, link: string): Promise<ReadableStream | null> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  let url = new URL(link);
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    if (!isAllowed(url, settings)) return null;
    const response = await ask(url, signal);
    const location = response?.headers.get("Location");
    if (response && isPdf(response)) return response.body;
    await response?.body?.cancel();
    if (!response || !location || !URL.canParse(location, url.href)) return null;
    url = new URL(location, url);
  }
  return null;
}

async function ask(url: URL, signal: AbortSignal): Promise<Response | null> {
  try {
    return await fetch(url, { redirect: "manual", signal });
  } catch (error) {
    log.warn("pdf_unreachable", { host: url.host, error });
    return null;
  }
}

function isAllowed({ protocol, origin }: URL, { api_url }: StripeSettings): boolean {
  return protocol === "https:" || origin === api_url?.origin;
}

function isPdf({ ok, headers }: Response): boolean {
  return ok && (headers.get("Content-Type") ?? "").startsWith("application/pdf");
}
