import { loggableField } from "./loggable";

/**
 * The log: one line of JSON an event, `{"event":"ledger_unavailable",…}`, so that a search or an alert finds it by its name.
 * `fields` are ids, counts, and under `error` what was thrown, as it is: what may be personal or secret is left out here.
 */
export const log = {
  /** What is as it should be. */
  info: (event: string, fields: object) => console.log(line(event, fields)),
  /** Another system is away or refuses; the Worker copes. */
  warn: (event: string, fields: object) => console.warn(line(event, fields)),
  /** An operator should look. */
  error: (event: string, fields: object) => console.error(line(event, fields)),
};

function line(event: string, fields: object): string {
  const clean = Object.entries(fields).map(([name, value]) => [name, loggableField(name, value)]);
  return JSON.stringify({ event, ...Object.fromEntries(clean) });
}
