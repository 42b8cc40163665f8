import { DEMO_NUMBER, type Demo } from "./demo-file.ts";

/**
 * What to open and what to paste, with the demo's own keys. `pay_url` is where credit is bought, `events_url` the page
 * that shows the events that come of it.
 */
export function welcome(
  { base_url, edge_key, organization, dashboard_url }: Demo,
  pay_url: string,
  events_url: string,
): string {
  const call_id = `call-${Date.now().toString(36)}`;
  const edge = `${base_url}/api/v1/edge/calls`;
  const json = `-H 'Authorization: Bearer ${edge_key}' -H 'Content-Type: application/json'`;
  const authorize = `{"call_id":"${call_id}","direction":"inbound","number":"${DEMO_NUMBER}","from":"+31612345678","to":"${DEMO_NUMBER}"}`;
  const settle = `{"organization_id":"${organization.id}","duration_ms":83500,"end_reason":"caller_hangup"}`;
  return `
Open ${dashboard_url} to see what a customer sees: it signs you in to the dashboard, where you can
buy credit with a test card (4242 4242 4242 4242; no money moves) and watch calls use it up.
Open ${base_url}/api/docs for the API reference,
and ${events_url} for the events that a customer's endpoint gets, as they arrive.

The same purchase through the API, EUR 50.00, and its invoice:
${pay_url}
curl -s ${base_url}/api/v1/invoices -H 'Authorization: Bearer ${organization.api_key}'

1. What the customer sees:
curl -s ${base_url}/api/v1/account -H 'Authorization: Bearer ${organization.api_key}'

2. A telephony node asks whether a call may start:
curl -s ${edge}/authorize ${json} -d '${authorize}'

3. The same call ends after 83.5 seconds, which costs EUR 0.098:
curl -s ${edge}/${call_id}/settle ${json} -d '${settle}'

In a second terminal, a day's calls at speed until the credit is gone:  npm run demo:calls
Ctrl-C stops everything; the next npm start goes on with the same data.
`;
}
