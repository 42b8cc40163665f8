import { Hono } from "hono";
import { saveBillingProfile } from "../../../customers/billing-profile";
import { billingProfileInputSchema, toBillingProfile } from "../../../customers/billing-profile-schema";
import { buyerOf } from "../../../customers/buyer";
import { taxOn } from "../../../purchases/start-checkout";
import { type BillingProfileRow, findBillingProfile } from "../../../storage/accounts/billing-profiles";
import { openDatabase } from "../../../storage/database";
import { readVatId } from "../../../tax/vat-id";
import { actorOf, may, type PageContext, type PageEnv } from "../../context";
import { answerPage, pathOf } from "../../layout";
import { Pill, type PillKind } from "../../parts/figures";
import { checkForm, ErrorSummary, type FormState, readForm } from "../../parts/form";
import { Notice } from "../../parts/notice";
import { allowed } from "../../session";
import { creditsWords } from "../credits/words";
import { ProfileForm } from "./form";
import { informationWords } from "./words";

const AMOUNT = /^[\d.,]{1,12}$/;

/** Who buys: what stands on invoices, and what VAT depends on. */
export const information = new Hono<PageEnv>()
  .get("/", async (c) => {
    const profile = await findBillingProfile(openDatabase(c.env), c.var.session.organization_id);
    return answer(c, profile, { next: nextIn(c.req.query("next"), c.req.query("amount")) });
  })
  .post("/", allowed("set"), async (c) => {
    const fields = await readForm(c);
    const next = nextIn(fields.next, fields.amount);
    const { organization_id } = c.var.session;
    const words = informationWords[c.var.format.language].wrong;
    const checked = checkForm(c, { schema: billingProfileInputSchema, input: bodyOf(fields), words });
    if ("errors" in checked) {
      const { errors } = checked;
      const profile = await findBillingProfile(openDatabase(c.env), organization_id);
      return answer(c, profile, { next, state: { values: fields, errors } });
    }
    const stated = toBillingProfile(checked.data);
    const { obstacle } = await saveBillingProfile(c.env, actorOf(c), organization_id, stated);
    if (!obstacle && next !== null) return c.redirect(`${pathOf("credits")}?amount=${next}`, 303);
    const done = obstacle?.code === "payments_unavailable" ? "away" : "saved";
    return c.redirect(
      `${pathOf("information")}?done=${done}${next === null ? "" : `&next=credits&amount=${next}`}`,
      303,
    );
  });

/** The amount that is to be bought afterwards, null when nothing is. */
function nextIn(next: string | undefined, amount = "50"): string | null {
  return next === "credits" && AMOUNT.test(amount) ? amount : null;
}

function bodyOf(fields: Record<string, string>): unknown {
  const optional = (name: string) => (fields[name] ? fields[name] : null);
  return {
    company_name: fields.company_name ?? "",
    email: optional("email"),
    address: {
      line1: fields.line1 ?? "",
      line2: optional("line2"),
      postal_code: fields.postal_code ?? "",
      city: fields.city ?? "",
      region: optional("region"),
      country: fields.country ?? "",
    },
    is_business: { business: true, person: false }[fields.is_business ?? ""],
    vat_id: optional("vat_id"),
  };
}

function answer(
  c: PageContext,
  profile: BillingProfileRow | undefined,
  { next, state }: { next: string | null; state?: FormState },
) {
  const t = informationWords[c.var.format.language];
  const done = c.req.query("done");
  const refusal = profile?.sync_refusal;
  return answerPage(
    c,
    { page: "information", status: state ? 422 : 200 },
    <>
      {state ? <ErrorSummary title={t.errors} errors={state.errors} /> : null}
      {done === "saved" && !refusal ? <Notice kind="success" {...t.saved} /> : null}
      {done === "away" ? <Notice kind="warning" {...t.away} /> : null}
      {refusal ? <Notice kind="danger" title={t.refused.title} text={refusal.message} /> : null}
      <p class="hint">{t.intro}</p>
      {may(c.var.session.role, "set") ? (
        <ProfileForm c={c} profile={profile} state={state} next={next} />
      ) : (
        <Stated c={c} profile={profile} />
      )}
      {profile ? <Vat c={c} profile={profile} /> : null}
    </>,
  );
}

/** What is known, for those who may not change it. */
function Stated({ c, profile }: { c: PageContext; profile: BillingProfileRow | undefined }) {
  const { format } = c.var;
  const t = informationWords[format.language];
  const names = ["company_name", "email", "line1", "line2", "postal_code", "city", "region"] as const;
  return (
    <dl class="facts card">
      {names.map((name) => (
        <>
          <dt>{t.fields[name]}</dt>
          <dd>{profile?.[name] || t.none}</dd>
        </>
      ))}
      <dt>{t.fields.country}</dt>
      <dd>{profile ? format.country(profile.country) : t.none}</dd>
    </dl>
  );
}

const KINDS: Record<BillingProfileRow["vat_id_state"], PillKind> = {
  none: "plain",
  malformed: "bad",
  pending: "wait",
  valid: "good",
  invalid: "bad",
  unavailable: "wait",
};

/** The VAT ID with its state, and what it means for the next purchase. */
function Vat({ c, profile }: { c: PageContext; profile: BillingProfileRow }) {
  const { format } = c.var;
  const t = informationWords[format.language];
  const {
    vat_id,
    vat_id_state: state,
    vat_id_checked_at_ms,
    vat_id_source,
    vat_id_name,
    is_business,
  } = profile;
  const reading = readVatId(vat_id ?? "", profile.country);
  const meaning =
    state === "malformed" && reading.state === "malformed" ? t.malformed(reading) : t.means[state];
  const tax = taxOn(c.env, { buyer: buyerOf(profile) }, 0, Date.now());
  const words = creditsWords[format.language];
  return (
    <section class="card">
      <h2>{t.vat_title}</h2>
      <dl class="facts">
        <dt>{t.fields.vat_id}</dt>
        <dd>
          {vat_id ? <code>{vat_id}</code> : null} <Pill kind={KINDS[state]} text={t.states[state]} />
          <p class="hint">{is_business || state === "none" ? meaning : t.not_business}</p>
        </dd>
        {vat_id_checked_at_ms === null ? null : (
          <>
            <dt>{t.checked(format.dateTime(vat_id_checked_at_ms))}</dt>
            <dd>{vat_id_source ? t.sources[vat_id_source] : t.none}</dd>
          </>
        )}
        {vat_id_name ? (
          <>
            <dt>{t.registered}</dt>
            <dd>{vat_id_name}</dd>
          </>
        ) : null}
        <dt>{t.next_purchase}</dt>
        <dd>
          {words.vat(format.percent(tax.rate_basis_points / 100))}
          <p class="hint">{words.why(tax.treatment, tax.reason)}</p>
        </dd>
      </dl>
    </section>
  );
}
