import type { BillingProfileRow } from "../../../storage/accounts/billing-profiles";
import { COUNTRIES } from "../../../units/countries";
import type { PageContext } from "../../context";
import type { Format } from "../../format/format";
import { Choice, Field, type FormState, Select } from "../../parts/form";
import { informationWords } from "./words";

interface FormProps {
  c: PageContext;
  profile: BillingProfileRow | undefined;
  state: FormState | undefined;
  /** The amount that is to be bought afterwards. */
  next: string | null;
}

/** The form of the billing profile, with what is known or was entered. */
export function ProfileForm({ c, profile, state, next }: FormProps) {
  const { account, format, settings } = c.var;
  const t = informationWords[format.language];
  const text = (
    name: "company_name" | "email" | "line1" | "line2" | "postal_code" | "city" | "region" | "vat_id",
  ) => ({
    name,
    label: t.fields[name],
    hint: t.hints[name],
    state,
    value: profile?.[name] ?? (name === "company_name" ? account.company_name : ""),
  });
  const is_business = state ? state.values.is_business !== "person" : (profile?.is_business ?? true);
  return (
    <form method="post" class="stack card" novalidate>
      {next === null ? null : (
        <>
          <input type="hidden" name="next" value="credits" />
          <input type="hidden" name="amount" value={next} />
        </>
      )}
      <fieldset>
        <legend>{t.fields.is_business}</legend>
        <Choice
          name="is_business"
          id="is_business"
          type="radio"
          value="business"
          label={t.business}
          checked={is_business}
        />
        <Choice
          name="is_business"
          id="is_person"
          type="radio"
          value="person"
          label={t.person}
          checked={!is_business}
        />
      </fieldset>
      <Field {...text("company_name")} required maxlength={150} autocomplete="organization" />
      <Field {...text("line1")} required maxlength={200} autocomplete="address-line1" />
      <Field {...text("line2")} maxlength={200} autocomplete="address-line2" />
      <div class="row">
        <Field {...text("postal_code")} maxlength={20} autocomplete="postal-code" />
        <Field {...text("city")} required maxlength={100} autocomplete="address-level2" />
      </div>
      <Field {...text("region")} maxlength={100} autocomplete="address-level1" />
      <Select
        name="country"
        label={t.fields.country}
        options={countriesIn(format)}
        state={state}
        value={profile?.country ?? settings.seller_country}
      />
      <Field {...text("vat_id")} maxlength={80} />
      <Field {...text("email")} type="email" maxlength={254} autocomplete="email" />
      <button class="button" type="submit">
        {next === null ? t.save : t.save_and_buy}
      </button>
    </form>
  );
}

const by_language = new Map<string, [code: string, name: string][]>();

/** All countries by their names in the language, in its order. */
function countriesIn(format: Format): [code: string, name: string][] {
  const known = by_language.get(format.language);
  if (known) return known;
  const named = [...COUNTRIES].map((code): [string, string] => [code, format.country(code)]);
  const sorted = named.sort(([, a], [, b]) => a.localeCompare(b, format.language));
  by_language.set(format.language, sorted);
  return sorted;
}
