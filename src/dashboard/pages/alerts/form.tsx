import { z } from "zod";
import { ALERT_KINDS } from "../../../ledger/core/credit/balance-alerts";
import { newAlert } from "../../../notifications/alert-schema";
import type { PageContext } from "../../context";
import { numberTrouble } from "../../format/amounts";
import { checkForm, ErrorSummary, Field, type FormState, Select } from "../../parts/form";
import { KINDS, WHOLE_NUMBER } from "./kinds";
import { alertsWords } from "./words";

/** The threshold that is written in the field `amount`, as it is meant by `kind`. */
const schema = z.strictObject({ amount: newAlert });

/** What the form asks for. */
export function readAlertForm(c: PageContext, { kind: name = "", amount = "" }: Record<string, string>) {
  const { format } = c.var;
  const t = alertsWords[format.language];
  const kind = ALERT_KINDS.find((each) => KINDS[each].name === name);
  const unit = kind ? KINDS[kind].unit : WHOLE_NUMBER;
  const written = unit.read(amount, format.language);
  const threshold = kind && { [kind]: unit.thresholdOf(written) };
  const wrong = numberTrouble(written, format, t.wrong, unit.trouble);
  // Whatever is wrong with a threshold is wrong with its number: it has no other field.
  const checked = checkForm(c, { schema, input: { amount: threshold }, words: {} });
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
          options={ALERT_KINDS.map((kind) => KINDS[kind].name).map((name) => [name, t.kinds[name]])}
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
