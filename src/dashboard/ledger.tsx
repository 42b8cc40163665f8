import { Hono } from "hono";
import { purchaseOfKey } from "../billing/purchase-keys";
import type { Entry } from "../ledger/types";
import type { PageContext, PageEnv } from "./context";
import { answerPage, pathOf } from "./layout";
import { receiptPath } from "./parts/call";
import { Amount } from "./parts/figures";
import { Notice } from "./parts/notice";
import { Empty, Pager, Table } from "./parts/table";
import { entryWords } from "./words/entries";
import { ledgerWords } from "./words/ledger";

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
  const { entries, next_before_seq } =
    answer.outcome === "entries" ? answer : { entries: [], next_before_seq: null };
  return answerPage(
    c,
    { page: "ledger" },
    <>
      <p class="quiet">{t.intro}</p>
      {entries.length === 0 ? <Empty {...t.none} /> : <Entries c={c} entries={entries} />}
      <Pager
        newest_href={before === null ? null : pathOf("ledger")}
        older_href={next_before_seq === null ? null : `?before=${next_before_seq}`}
        words={{ newest: t.newest, older: t.older, label: t.pages }}
      />
    </>,
  );
});

function Entries({ c, entries }: { c: PageContext; entries: Entry[] }) {
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
              {entryWords[format.language][entry.kind]} <Cause entry={entry} t={t} />
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
function Cause({ entry, t }: { entry: Entry; t: (typeof ledgerWords)["en"] }) {
  const purchase_id = purchaseOfKey(entry.key);
  return (
    <span class="note">
      {entry.call_id === null ? null : <a href={receiptPath(entry.call_id)}>{t.receipt}</a>}
      {purchase_id ? <a href={`/billing/credits/result?purchase_id=${purchase_id}`}>{t.purchase}</a> : null}{" "}
      {purchase_id || entry.reason === entry.kind ? null : entry.reason}
    </span>
  );
}
