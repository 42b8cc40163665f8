import { SCOPES } from "../../../ledger/core/account/api-keys";
import { Choice, ErrorSummary, Field, type FormState, severalOf } from "../../parts/form";
import type { keysWords } from "./words";

/** The form for a new key. It carries the key's id, so that sending it twice makes one key. */
export function KeyForm({
  t,
  state,
  key_id,
}: {
  t: (typeof keysWords)["en"];
  state: FormState | undefined;
  key_id: string;
}) {
  const chosen = severalOf(state ? state.values.scopes : "read");
  const error = state?.errors.scopes;
  return (
    <section class="card">
      <h2>{t.create_title}</h2>
      {state ? <ErrorSummary title={t.errors} errors={state.errors} /> : null}
      <form method="post" class="stack" novalidate>
        <input type="hidden" name="key_id" value={state?.values.key_id ?? key_id} />
        <Field name="label" label={t.label} hint={t.label_hint} state={state} maxlength={100} required />
        <fieldset id="scopes" aria-describedby={error ? "scopes-error" : undefined}>
          <legend>{t.scopes}</legend>
          {error ? (
            <p class="error" id="scopes-error">
              {error}
            </p>
          ) : null}
          {SCOPES.map((scope) => (
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
        <Field name="expires" type="date" label={t.expires} hint={t.expires_hint} state={state} />
        <button class="button" type="submit">
          {t.create}
        </button>
      </form>
    </section>
  );
}
