import type { PurchaseStatus } from "../../../storage/purchases/purchase-state";
import type { PurchaseRow } from "../../../storage/purchases/purchases";
import type { Format } from "../../format/format";
import { Pill, type PillKind } from "../../parts/figures";
import { Table } from "../../parts/table";
import type { creditsWords } from "./words";

const KINDS: Record<PurchaseStatus, PillKind> = {
  created: "wait",
  open: "wait",
  requires_action: "wait",
  paid: "wait",
  credited: "good",
  expired: "plain",
  failed: "bad",
  mismatch: "bad",
  refunded: "plain",
  closed: "plain",
};

/** Purchases with how they stand; each leads to its own page. */
export function Purchases({
  purchases,
  format,
  t,
}: {
  purchases: readonly PurchaseRow[];
  format: Format;
  t: (typeof creditsWords)["en"];
}) {
  return (
    <Table
      caption={t.earlier}
      hide_caption
      rows={purchases}
      columns={[
        {
          heading: t.when,
          names_row: true,
          cell: ({ id, created_at_ms }) => (
            <a href={`/billing/credits/result?purchase_id=${id}`}>{format.dateTime(created_at_ms)}</a>
          ),
        },
        {
          heading: t.amount,
          numeric: true,
          cell: ({ net_cents }) => format.cents(net_cents),
        },
        {
          heading: t.state,
          cell: ({ kind, status }) => (
            <>
              <Pill kind={KINDS[status]} text={t.states[status]} />
              {kind === "auto_top_up" ? <span class="note"> {t.automatic}</span> : null}
            </>
          ),
        },
      ]}
    />
  );
}
