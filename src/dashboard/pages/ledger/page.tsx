import { Hono } from "hono";
import type { Entry } from "../../../ledger/core/credit/entry";
import { purchaseOfKey, reversalOfKey } from "../../../ledger/core/entry-keys";
import { openDatabase } from "../../../storage/database";
import { findReversals } from "../../../storage/purchases/reversals";
import type { PageContext, PageEnv } from "../../context";
import type { Format } from "../../format/format";
import { answerPage, pathOf } from "../../layout";
import { endReason, receiptPath } from "../../parts/call";
import { Amount } from "../../parts/figures";
import { Notice } from "../../parts/notice";
import { Empty, Pager, Table } from "../../parts/table";
import { unwrap } from "../../refusals";
import { entryWords } from "../../words/entries";
import { ledgerWords } from "./words";

const PAGE = 50;
const SEQ = /^[1-9]\d{0,14}$/;

/** Every entry with its cause, straight from the ledger. */
export const ledger = new Hono<PageEnv>().get("/", async (c) => {
  const t = ledgerWords[c.var.format.language];
  const before = c.req.query("before") ?? null;
  if (before !== null && !SEQ.test(before))
    return answerPage(
      c,
      { page: "ledger", status: 400 },
      <Notice kind="warning" {...t.wrong}>
        <a href={pathOf("ledger")}>{t.newest}</a>
      </Notice>,
    );
  const page = { before_seq: before === null ? null : Number(before), limit: PAGE };
  const answer = await c.var.ledger.ask(async (object) => object.entries(null, page));
  const { entries, next_before_seq } = unwrap(answer);
  return answerPage(
    c,
    { page: "ledger" },
    <>
      <p class="quiet">{t.intro}</p>
      {entries.length === 0 ? (
        <Empty {...t.none} />
      ) : (
        <Entries c={c} entries={entries} purchases={await purchasesOf(c, entries)} />
      )}
      <Pager
        newest_href={before === null ? null : pathOf("ledger")}
        older_href={next_before_seq === null ? null : `?before=${next_before_seq}`}
        words={{ newest: t.newest, older: t.older, label: t.pages }}
      />
    </>,
  );
});

/** The purchase of each entry that has one, by the key of the entry: of the credit itself, and of what was taken back of it. */
async function purchasesOf(c: PageContext, entries: Entry[]): Promise<ReadonlyMap<string | null, string>> {
  const taken_back = entries.flatMap(({ key }) => reversalOfKey(key) ?? []);
  const reversals = taken_back.length > 0 ? await findReversals(openDatabase(c.env), taken_back) : [];
  const purchase_of = new Map(reversals.map(({ id, purchase_id }) => [id, purchase_id]));
  return new Map(
    entries.flatMap(({ key }) => {
      const purchase_id = purchaseOfKey(key) ?? purchase_of.get(reversalOfKey(key) ?? "");
      return purchase_id ? [[key, purchase_id] as const] : [];
    }),
  );
}

function Entries({
  c,
  entries,
  purchases,
}: {
  c: PageContext;
  entries: Entry[];
  purchases: ReadonlyMap<string | null, string>;
}) {
  const { format } = c.var;
  const t = ledgerWords[format.language];
  return (
    <Table
      caption={t.pages}
      hide_caption
      rows={entries}
      columns={[
        { heading: t.number, numeric: true, cell: ({ seq }) => seq },
        { heading: t.when, cell: ({ posted_at_ms }) => format.exactTime(posted_at_ms) },
        {
          heading: t.what,
          names_row: true,
          cell: (entry) => (
            <>
              {entryWords[format.language][entry.kind]}{" "}
              <Cause entry={entry} purchase_id={purchases.get(entry.key)} format={format} />
            </>
          ),
        },
        {
          heading: t.amount,
          numeric: true,
          cell: ({ amount_micros }) => <Amount micros={amount_micros} format={format} />,
        },
        {
          heading: t.balance,
          numeric: true,
          cell: ({ balance_after_micros }) => format.exactMoney(balance_after_micros),
        },
      ]}
    />
  );
}

/** What an entry came of: the call, the purchase, or the reason that was given. That of a refund is only its kind again. */
function Cause({
  entry,
  purchase_id,
  format,
}: {
  entry: Entry;
  purchase_id: string | undefined;
  format: Format;
}) {
  const t = ledgerWords[format.language];
  const { call_id, kind, reason } = entry;
  return (
    <span class="note">
      {call_id === null ? null : <a href={receiptPath(call_id)}>{t.receipt}</a>}
      {purchase_id ? <a href={`/billing/credits/result?purchase_id=${purchase_id}`}>{t.purchase}</a> : null}{" "}
      {purchase_id || reason === null || reason === kind
        ? null
        : call_id === null
          ? reason
          : endReason(reason, format)}
    </span>
  );
}
