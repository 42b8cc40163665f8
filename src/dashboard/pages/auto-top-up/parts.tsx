import type { TopUpView } from "../../../ledger/core/credit/auto-top-up";
import { openDatabase } from "../../../storage/database";
import { findPurchase, type PurchaseRow } from "../../../storage/purchases/purchases";
import { findSavedCard, type SavedCardRow } from "../../../storage/purchases/saved-cards";
import type { PageContext } from "../../context";
import type { Format } from "../../format/format";
import { Confirm } from "../../parts/confirm";
import { Pill } from "../../parts/figures";
import { Notice } from "../../parts/notice";
import { unwrap } from "../../refusals";
import type { autoTopUpWords } from "./words";

type Words = (typeof autoTopUpWords)["en"];

export interface TopUpPageFacts {
  view: TopUpView;
  card: SavedCardRow | undefined;
  /** The purchase that is under way. */
  purchase: PurchaseRow | undefined;
}

/** How auto top-up is set and stands, and the card that it charges. */
export async function topUpFacts(c: PageContext): Promise<TopUpPageFacts> {
  const db = openDatabase(c.env);
  const [answer, card] = await Promise.all([
    c.var.ledger.ask(async (object) => object.autoTopUp(null)),
    findSavedCard(db, c.var.session.organization_id),
  ]);
  const view = unwrap(answer).top_up;
  return { view, card, purchase: view.claim ? await findPurchase(db, view.claim.purchase_id) : undefined };
}

interface PartProps {
  facts: TopUpPageFacts;
  t: Words;
  may_change: boolean;
}

/** Whether auto top-up is on, and what it does or waits for. */
export function Standing({
  facts: { view, purchase },
  format,
  t,
  may_change,
}: PartProps & { format: Format }) {
  const { settings, obstacle, last_failure } = view;
  const is_on = settings?.enabled ?? false;
  const pay_url = purchase?.status === "requires_action" ? purchase.pay_url : null;
  return (
    <section class="card">
      <h2>{t.standing}</h2>
      <dl class="facts">
        <dt>{t.state}</dt>
        <dd>
          <StatePill view={view} t={t} />{" "}
          {is_on ? (obstacle === null ? t.ready : t.obstacles[obstacle]) : null}
          {pay_url ? (
            <p>
              <a href={pay_url}>{t.confirm_at_bank}</a>
            </p>
          ) : null}
        </dd>
        {settings ? (
          <>
            <dt>{t.used}</dt>
            <dd>{t.used_value(format.number(view.used_today), format.cents(view.used_this_month_cents))}</dd>
          </>
        ) : null}
        {last_failure ? (
          <>
            <dt>{t.last_failure}</dt>
            <dd>
              {format.dateTime(last_failure.at_ms)}: {last_failure.message}
            </dd>
          </>
        ) : null}
      </dl>
      {is_on && may_change ? (
        <form method="post" action="/billing/auto-top-up/off">
          <button class="button plain" type="submit">
            {t.turn_off}
          </button>
        </form>
      ) : null}
    </section>
  );
}

function StatePill({ view, t }: { view: TopUpView; t: Words }) {
  if (!view.settings?.enabled) return <Pill kind="plain" text={t.off} />;
  return isPaused(view) ? <Pill kind="wait" text={t.paused} /> : <Pill kind="good" text={t.on} />;
}

/** Whether nothing is bought, although it is on and nothing is under way. */
function isPaused({ settings, obstacle }: TopUpView): boolean {
  return (settings?.enabled ?? false) && obstacle !== null && obstacle !== "under_way";
}

/** The saved card, with what replaces or removes it. */
export function Card({ facts: { card }, t, may_change }: PartProps) {
  const other = card?.default_not_charged;
  const until = card ? `${String(card.exp_month).padStart(2, "0")}/${card.exp_year}` : "";
  return (
    <section class="card">
      <h2>{t.card_title}</h2>
      <p>{card ? t.card(card.brand, card.last4, until) : t.no_card}</p>
      {other && card ? (
        <Notice
          kind="warning"
          title={t.not_charged.title(other.brand, other.last4)}
          text={t.not_charged.text(card.last4, may_change)}
        />
      ) : null}
      {may_change ? (
        <>
          <form method="post" action="/billing/auto-top-up/card" class="stack">
            <button class={card ? "button plain" : "button"} type="submit">
              {card ? t.replace_card : t.save_card}
            </button>
            <p class="hint">{t.card_hint}</p>
          </form>
          {card ? (
            <Confirm
              action="/billing/auto-top-up/card/remove"
              name={t.remove_card}
              sure={t.remove_sure}
              button={t.remove_confirm}
            />
          ) : null}
        </>
      ) : null}
    </section>
  );
}
