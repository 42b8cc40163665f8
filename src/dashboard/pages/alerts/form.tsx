import { z } from "zod";
import { newAlert } from "../../../notifications/alert-schema";
import { centsToMicros } from "../../../units/money";
import type { PageContext } from "../../context";
import { amountIn, hundredthsOf, numberTrouble, unitsOf, wholeNumberIn } from "../../format/amounts";
import { checkForm, ErrorSummary, Field, type FormState, Select } from "../../parts/form";
import { alertsWords } from "./words";

/** The threshold that is written in the field `amount`, as it is meant by `kind`. */
const schema = z.strictObject({ amount: newAlert });

/** What the form asks for. */
export function readAlertForm(c: PageContext, { kind = "", amount = "" }: Record<string, string>) {
  const { format } = c.var;
  const t = alertsWords[format.language];
  const is_money = kind === "euros";
  const written = is_money ? amountIn(amount, format.language) : wholeNumberIn(amount, format.language);
  const units = unitsOf(written) ?? undefined;
  const cents = hundredthsOf(written);
  const thresholds: Record<string, object> = {
    minutes: { minutes: units },
    euros: { amount_micros: cents === null ? undefined : centsToMicros(cents) },
    runway: { runway_minutes: units },
  };
  const wrong = numberTrouble(written, format, t.wrong, is_money ? "euros" : "number");
  // Whatever is wrong with a threshold is wrong with its number: it has no other field.
  const checked = checkForm(c, { schema, input: { amount: thresholds[kind] }, words: {} });
  return "errors" in checked ? { errors: { amount: wrong } } : checked;
}

/** The form for a new alert. */
export function AlertForm({ state, t }: { state: FormState | undefined; t: (typeof alertsWords)["en"] }) {
  return (
    <section class="card">
      <h2>{t.add_title}</h2>
      {state ? <ErrorSummary title={t.errors} errors={state.errors} /> : null}
      <form method="post" class="stack" novalidate>
        <Select
          name="kind"
          label={t.kind}
          state={state}
          options={(["minutes", "euros", "runway"] as const).map((kind) => [kind, t.kinds[kind]])}
        />
        <Field
          name="amount"
          label={t.amount}
          hint={t.amount_hint}
          state={state}
          inputmode="decimal"
          maxlength={24}
        />
        <button class="button" type="submit">
          {t.add}
        </button>
      </form>
    </section>
  );
}
