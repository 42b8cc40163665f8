import { z } from "zod";
import { AUTO_TOP_UP_CONSENT, liftsAbove, type TopUpRequest } from "../../../purchases/auto-top-up/configure";
import { topUpFields } from "../../../purchases/auto-top-up/schema";
import { refuseAmount } from "../../../purchases/start-checkout";
import { centsToMicros } from "../../../units/money";
import type { PageContext } from "../../context";
import {
  amountIn,
  hundredthsOf,
  numberTrouble,
  plainAmount,
  unitsOf,
  wholeNumberIn,
} from "../../format/amounts";
import {
  type CheckedForm,
  Choice,
  checkForm,
  ErrorSummary,
  Field,
  type FormState,
  Select,
} from "../../parts/form";
import type { TopUpPageFacts } from "./parts";
import { autoTopUpWords } from "./words";

/** A limit by what it is called in the field `when`. */
const LIMITS = new Map<string, z.ZodType<number>>([
  ["euros", topUpFields.threshold_micros.unwrap()],
  ["runway", topUpFields.runway_minutes.unwrap()],
]);

/** What the form asks for. The bounds of each field are the API's, and so is that they have to fit each other. */
export function readTopUpForm(c: PageContext, fields: Record<string, string>): CheckedForm<TopUpRequest> {
  const { format } = c.var;
  const { language } = format;
  const t = autoTopUpWords[language].wrong;
  const { when = "", threshold = "", amount = "", per_day = "", cap = "", consent } = fields;
  const is_runway = when === "runway";
  const limit = is_runway ? wholeNumberIn(threshold, language) : amountIn(threshold, language);
  const [bought, times, most] = [
    amountIn(amount, language),
    wholeNumberIn(per_day, language),
    amountIn(cap, language),
  ];
  const limit_cents = hundredthsOf(limit);
  const limit_micros = limit_cents === null ? null : centsToMicros(limit_cents);
  const net_cents = hundredthsOf(bought);
  const limit_schema = LIMITS.get(when) ?? z.never();
  const input = {
    threshold: is_runway ? unitsOf(limit) : limit_micros,
    amount: net_cents,
    per_day: unitsOf(times),
    cap: hundredthsOf(most),
    consent,
  };
  const is_sold = net_cents !== null && refuseAmount(c.env, net_cents) === null;
  // A limit that is itself wrong is told of alone.
  const threshold_micros = is_runway || !limit_schema.safeParse(limit_micros).success ? null : limit_micros;
  const checked = checkForm(c, {
    schema: z.strictObject({
      threshold: limit_schema,
      amount: topUpFields.net_cents.refine(
        (cents) => is_sold && liftsAbove({ net_cents: cents, threshold_micros }),
      ),
      per_day: topUpFields.max_per_day,
      cap: topUpFields.monthly_cap_cents.refine((cents) => cents >= (net_cents ?? 1)),
      consent: z.literal("yes"),
    }),
    input,
    words: {
      threshold: numberTrouble(limit, format, t.threshold, is_runway ? "number" : "euros"),
      amount: is_sold ? t.amount_below : numberTrouble(bought, format, t.amount),
      per_day: numberTrouble(times, format, t.per_day, "number"),
      cap: numberTrouble(most, format, t.cap),
      consent: t.consent,
    },
  });
  if ("errors" in checked) return checked;
  const { data } = checked;
  return {
    data: {
      threshold_micros: is_runway ? null : data.threshold,
      runway_minutes: is_runway ? data.threshold : null,
      net_cents: data.amount,
      max_per_day: data.per_day,
      monthly_cap_cents: data.cap,
    },
  };
}

/** The fields by which the form asks for the same, whatever language it is read in. */
export function fieldsOf({
  threshold_micros,
  runway_minutes,
  net_cents,
  max_per_day,
  monthly_cap_cents,
}: TopUpRequest): Record<string, string> {
  return {
    when: threshold_micros === null ? "runway" : "euros",
    threshold: threshold_micros === null ? String(runway_minutes) : plainAmount(threshold_micros / 10_000),
    amount: plainAmount(net_cents),
    per_day: String(max_per_day),
    cap: plainAmount(monthly_cap_cents),
    consent: "yes",
  };
}

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
