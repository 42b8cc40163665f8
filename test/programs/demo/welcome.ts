import { DEMO_NUMBER, type Demo } from "./demo-file.ts";

/** Pages beside the dashboard: the events that a customer's endpoint gets, and the payments at the stand-in of Stripe. */
export interface OtherPages {
  events_url: string;
  payments_url: string;
}

/** What to open and what to paste, with the demo's own keys. */
export function welcome(
  { base_url, edge_key, organization, dashboard_url }: Demo,
  { events_url, payments_url }: OtherPages,
): string {
  const call_id = `call-${Date.now().toString(36)}`;
  const edge = `${base_url}/api/v1/edge/calls`;
  const json = `-H 'Authorization: Bearer ${edge_key}' -H 'Content-Type: application/json'`;
  const authorize = `{"call_id":"${call_id}","direction":"inbound","number":"${DEMO_NUMBER}","from":"+31612345678","to":"${DEMO_NUMBER}"}`;
  const settle = `{"organization_id":"${organization.id}","duration_ms":83500,"end_reason":"caller_hangup"}`;
  return `
1. Open the dashboard as a customer sees it. This link signs you in:

   ${dashboard_url}

   Choose Add credits and pay with the test card 4242 4242 4242 4242; no money moves.

2. In a second terminal, play a day's calls until the credit is gone, and watch the overview:

   npm run demo:calls

3. The same through the API. What the customer has:

curl -s ${base_url}/api/v1/account -H 'Authorization: Bearer ${organization.api_key}'

   A telephony node asks whether a call may start:

curl -s ${edge}/authorize ${json} -d '${authorize}'

   The same call ends after 83.5 seconds, which costs EUR 0.098 (at speed: a real node would have renewed meanwhile):

curl -s ${edge}/${call_id}/settle ${json} -d '${settle}'

Besides: ${base_url}/api/docs  the API reference
         ${events_url}  the events that a customer's endpoint gets
         ${payments_url}  the payments at the stand-in of Stripe, to be refunded or disputed

Ctrl-C stops everything; the next npm start goes on with the same data.
`;
}
