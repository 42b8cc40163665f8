import { z } from "zod";
import { newApiKey } from "../../../access/api-key-schema";
import { SCOPES, type Scope } from "../../../ledger/core/account/api-keys";
import type { PageContext } from "../../context";
import { addDays, isDay, startOfDay } from "../../format/days";
import { Choice, checkForm, ErrorSummary, Field, type FormState, severalOf } from "../../parts/form";
import { RequestKey } from "../../parts/repeatable";
import { keysWords } from "./words";

/** A new key with the end of its last day in Unix milliseconds, null for none. */
const schema = newApiKey.extend({ expires: z.number().nullable() });

/** What the form asks for. */
export function readKeyForm(c: PageContext, { label = "", scopes, expires = "" }: Record<string, string>) {
  const t = keysWords[c.var.format.language];
  const ticked = severalOf(scopes);
  return checkForm(c, {
    schema,
    input: { label, scopes: SCOPES.filter((scope) => ticked.has(scope)), expires: endOf(c, expires) },
    words: { label: t.label_wrong, scopes: t.scopes_wrong, expires: t.expires_wrong },
  });
}

/** Undefined when it is no day, or has passed. */
function endOf(c: PageContext, day: string): number | null | undefined {
  if (day === "") return null;
  if (!isDay(day)) return undefined;
  const end_ms = startOfDay(c.var.settings.time_zone, addDays(day, 1));
  return end_ms > Date.now() ? end_ms : undefined;
}

/** The form for a new key. Sent twice, it makes one key. */
export function KeyForm({
  t,
  state,
  offered,
  ends,
}: {
  t: (typeof keysWords)["en"];
  state: FormState | undefined;
  /** What the key that opened this session may do itself. */
  offered: readonly Scope[];
  /** When the key ends that opened this session, and with it what is made in it; null: it does not. */
  ends: string | null;
}) {
  const chosen = severalOf(state ? state.values.scopes : "read");
  const error = state?.errors.scopes;
  return (
    <section class="card">
      <h2>{t.create_title}</h2>
      {state ? <ErrorSummary title={t.errors} errors={state.errors} /> : null}
      <form method="post" class="stack" novalidate>
        <RequestKey state={state} />
        <Field name="label" label={t.label} hint={t.label_hint} state={state} maxlength={100} required />
        <fieldset id="scopes" aria-describedby={error ? "scopes-error" : undefined}>
          <legend>{t.scopes}</legend>
          {error ? (
            <p class="error" id="scopes-error">
              {error}
            </p>
          ) : null}
          {SCOPES.filter((scope) => offered.includes(scope)).map((scope) => (
            <Choice
              name="scopes"
              id={`scope-${scope}`}
              value={scope}
              label={t.scope[scope].name}
              hint={t.scope[scope].allows}
              checked={chosen.has(scope)}
            />
          ))}
        </fieldset>
        <Field
          name="expires"
          type="date"
          label={t.expires}
          hint={ends === null ? t.expires_hint : t.expires_hint_until(ends)}
          state={state}
        />
        <button class="button" type="submit">
          {t.create}
        </button>
      </form>
    </section>
  );
}
