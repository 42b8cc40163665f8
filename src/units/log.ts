/**
 * The log: one line of JSON an event, `{"event":"ledger_unavailable",…}`, so that a search or an alert finds it by its name.
 * `fields` are ids, counts and errors as text; never a key, a secret or a caller's number.
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
  return JSON.stringify({ event, ...fields });
}
