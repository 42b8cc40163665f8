import type { Delivery, DeliveryPlace, DeliveryState, Endpoint } from "../../../webhooks/types";
import type { Format } from "../../format/format";
import { Pill, type PillKind } from "../../parts/figures";
import { Field } from "../../parts/form";
import { RequestKey } from "../../parts/repeatable";
import { Pager, Table } from "../../parts/table";
import type { webhooksWords } from "./words";

type Words = (typeof webhooksWords)["en"];

const KINDS: Record<DeliveryState, PillKind> = { pending: "wait", delivered: "good", failed: "bad" };

interface Props {
  /** One more than a page when there are older ones. */
  page: { deliveries: Delivery[]; looked_up_to?: DeliveryPlace | null };
  page_size: number;
  is_first: boolean;
  endpoint: Endpoint;
  may_change: boolean;
  format: Format;
  t: Words;
}

/** What was sent to an endpoint, what came of it, and a way to send it again. */
export function Deliveries(props: Props) {
  const { page, page_size, is_first, endpoint, may_change, t } = props;
  const { endpoint_id, state } = endpoint;
  const shown = page.deliveries.slice(0, page_size);
  const last = page.deliveries.length > page_size ? shown.at(-1) : page.looked_up_to;
  return (
    <section>
      <h2>{t.deliveries}</h2>
      {shown.length === 0 ? (
        <p class="quiet">{t.no_deliveries}</p>
      ) : (
        <DeliveryTable {...props} shown={shown} />
      )}
      <Pager
        newest_href={is_first ? null : `/billing/webhooks/${endpoint_id}`}
        older_href={last ? `?before=${last.event_id}.${last.endpoint_id}` : null}
        words={{ newest: t.newest, older: t.older, label: t.pages }}
      />
      {may_change && state === "enabled" ? (
        <details>
          <summary>{t.all_failed}</summary>
          <form method="post" action={`/billing/webhooks/${endpoint_id}/resend-failed`} class="row">
            <RequestKey />
            <Field name="since" type="date" label={t.all_failed_day} required />
            <button class="button plain" type="submit">
              {t.all_failed_send}
            </button>
          </form>
        </details>
      ) : null}
    </section>
  );
}

function DeliveryTable({ shown, endpoint, may_change, format, t }: Props & { shown: Delivery[] }) {
  const may_resend = may_change && endpoint.state === "enabled";
  return (
    <Table
      caption={t.deliveries}
      hide_caption
      rows={shown}
      columns={[
        { heading: t.when, cell: ({ created_at_ms }) => format.exactTime(created_at_ms) },
        { heading: t.event, names_row: true, cell: ({ type }) => <code>{type}</code> },
        {
          heading: t.delivery,
          cell: ({ state, next_try_at_ms }) => (
            <>
              <Pill kind={KINDS[state]} text={t.delivery_states[state]} />
              {next_try_at_ms === null ? null : (
                <span class="note"> {t.next(format.exactTime(next_try_at_ms))}</span>
              )}
            </>
          ),
        },
        { heading: t.tries, numeric: true, cell: ({ tries }) => format.number(tries) },
        { heading: t.last_answer, cell: (delivery) => <LastAnswer delivery={delivery} t={t} /> },
        ...(may_resend
          ? [{ heading: t.again, cell: (delivery: Delivery) => <Resend delivery={delivery} t={t} /> }]
          : []),
      ]}
    />
  );
}

/** The status, and the beginning of the answer where there was one. */
function LastAnswer({ delivery: { attempts }, t }: { delivery: Delivery; t: Words }) {
  const last = attempts.at(-1);
  if (!last) return "–";
  const said = last.status === null ? (last.error ?? t.no_answer) : String(last.status);
  if (!last.excerpt) return said;
  return (
    <details>
      <summary>{said}</summary>
      <code>{last.excerpt}</code>
    </details>
  );
}

function Resend({ delivery, t }: { delivery: Delivery; t: Words }) {
  return (
    <form method="post" action={`/billing/webhooks/${delivery.endpoint_id}/resend`}>
      <input type="hidden" name="event_id" value={delivery.event_id} />
      <RequestKey />
      <button class="link" type="submit" aria-label={t.again_which(delivery.type)}>
        {t.again}
      </button>
    </form>
  );
}
