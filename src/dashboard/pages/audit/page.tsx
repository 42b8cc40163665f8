import { Hono } from "hono";
import type { AuditAction } from "../../../organizations/audit-actions";
import { detailOf } from "../../../organizations/audit-detail";
import { type AuditRow, listAudit } from "../../../storage/accounts/audit";
import { openDatabase } from "../../../storage/database";
import { idPattern } from "../../../units/id";
import type { PageEnv } from "../../context";
import type { Format } from "../../format/format";
import { answerPage, pathOf } from "../../layout";
import { Empty, Pager, Table } from "../../parts/table";
import { unwrap } from "../../refusals";
import { factsText } from "./facts";
import { auditWords } from "./words";

const PAGE = 50;
const AUDIT_ID = idPattern("aud");

type Words = (typeof auditWords)["en"];

/** Who changed what, and when. What operators wrote for themselves is theirs. */
export const audit = new Hono<PageEnv>().get("/", async (c) => {
  const { format, ledger, session } = c.var;
  const t = auditWords[format.language];
  const asked = c.req.query("before") ?? "";
  const before_id = AUDIT_ID.test(asked) ? asked : null;
  const [found, keys] = await Promise.all([
    listAudit(openDatabase(c.env), { of: session, before_id, limit: PAGE + 1 }),
    ledger.ask(async (object) => object.keys(null)),
  ]);
  const labels = new Map(unwrap(keys).keys.map(({ key_id, label }) => [key_id, label]));
  const rows = found.slice(0, PAGE);
  const last = found.length > PAGE ? rows.at(-1) : undefined;
  return answerPage(
    c,
    { page: "audit" },
    <>
      <p class="hint">{t.intro}</p>
      {rows.length === 0 ? (
        <Empty {...t.none} />
      ) : (
        <Table
          caption={t.pages}
          hide_caption
          rows={rows}
          columns={[
            { heading: t.when, cell: ({ at_ms }) => format.exactTime(at_ms) },
            { heading: t.who, cell: (row) => actorIn(row, labels, t) },
            { heading: t.what, names_row: true, cell: (row) => <What row={row} t={t} /> },
            {
              heading: t.detail,
              cell: (row) => <Detail row={row} format={format} is_own={isOwn(row, labels)} />,
            },
          ]}
        />
      )}
      <Pager
        newest_href={before_id === null ? null : pathOf("audit")}
        older_href={last ? `?before=${last.id}` : null}
        words={{ newest: t.newest, older: t.older, label: t.pages }}
      />
    </>,
  );
});

/** What was asked for, and that it was refused when it was. Rows of another release may say what this one has no word for. */
function What({ row: { action, outcome }, t }: { row: AuditRow; t: Words }) {
  return (
    <>
      {Object.hasOwn(t.actions, action) ? t.actions[action as AuditAction] : action}
      {outcome === "refused" ? <span class="note"> {t.refused}</span> : null}
    </>
  );
}

function isOwn({ key_id }: AuditRow, labels: ReadonlyMap<string, string>): boolean {
  return key_id.startsWith("user:") || labels.has(key_id);
}

function actorIn({ key_id, actor_name }: AuditRow, labels: ReadonlyMap<string, string>, t: Words): string {
  if (actor_name !== null) return actor_name;
  const label = labels.get(key_id);
  return label === undefined ? t.operator : t.key(label);
}

function Detail({ row, format, is_own }: { row: AuditRow; format: Format; is_own: boolean }) {
  const t = auditWords[format.language].facts;
  return <span class="detail">{factsText(detailOf(row), { format, t, is_own })}</span>;
}
