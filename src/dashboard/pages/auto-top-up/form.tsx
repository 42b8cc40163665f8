import { AUTO_TOP_UP_CONSENT } from "../../../purchases/auto-top-up/configure";
import type { PageContext } from "../../context";
import { plainAmount } from "../../format/amounts";
import { Choice, ErrorSummary, Field, type FormState, Select } from "../../parts/form";
import type { TopUpPageFacts } from "./parts";
import type { autoTopUpWords } from "./words";

/** The settings of auto top-up, with what is set or was entered. */
export function TopUpForm({
  c,
  facts,
  state,
  t,
}: {
  c: PageContext;
  facts: TopUpPageFacts;
  state: FormState | undefined;
  t: (typeof autoTopUpWords)["en"];
}) {
  const { format, settings: deployment } = c.var;
  const { settings } = facts.view;
  const euros = (cents: number) =>
    plainAmount(Math.round(cents)).replace(".", format.language === "en" ? "." : ",");
  const by_runway = settings?.runway_minutes != null;
  const threshold = by_runway
    ? String(settings?.runway_minutes)
    : euros((settings?.threshold_micros ?? 10_000_000) / 10_000);
  const bounds = [deployment.purchase_min_cents, deployment.purchase_max_cents].map((cents) =>
    format.cents(cents),
  );
  const error = state?.errors.consent;
  return (
    <section class="card">
      <h2>{t.settings_title}</h2>
      {state ? <ErrorSummary title={t.errors} errors={state.errors} /> : null}
      <form method="post" class="stack" novalidate>
        <Select
          name="when"
          label={t.when}
          state={state}
          value={by_runway ? "runway" : "euros"}
          options={(["euros", "runway"] as const).map((kind) => [kind, t.when_kinds[kind]])}
        />
        <Field
          name="threshold"
          label={t.threshold}
          hint={t.threshold_hint}
          state={state}
          value={threshold}
          inputmode="decimal"
        />
        <Field
          name="amount"
          label={t.amount}
          hint={t.amount_hint(bounds[0] ?? "", bounds[1] ?? "")}
          state={state}
          value={euros(settings?.net_cents ?? 5_000)}
          inputmode="decimal"
        />
        <Field
          name="per_day"
          label={t.per_day}
          hint={t.per_day_hint}
          state={state}
          value={String(settings?.max_per_day ?? 2)}
          inputmode="numeric"
        />
        <Field
          name="cap"
          label={t.cap}
          hint={t.cap_hint}
          state={state}
          value={euros(settings?.monthly_cap_cents ?? 50_000)}
          inputmode="decimal"
        />
        <div class={error ? "field wrong" : "field"}>
          {error ? <p class="error">{error}</p> : null}
          <Choice
            name="consent"
            label={t.consent}
            hint={AUTO_TOP_UP_CONSENT[format.language]}
            checked={state?.values.consent === "yes"}
          />
        </div>
        <button class="button" type="submit">
          {settings?.enabled && !facts.view.waits_for_person ? t.save : t.turn_on}
        </button>
      </form>
    </section>
  );
}
