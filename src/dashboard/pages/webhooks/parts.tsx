import { hostOnly } from "../../../units/public-url";
import type { Endpoint } from "../../../webhooks/types";
import type { Format } from "../../format/format";
import { Pill } from "../../parts/figures";
import { Notice } from "../../parts/notice";
import { Secret } from "../../parts/secret";
import { Table } from "../../parts/table";
import type { webhooksWords } from "./words";

type Words = (typeof webhooksWords)["en"];

/** Endpoints, each leading to its own page. */
export function Endpoints({
  endpoints,
  may_change,
  format,
  t,
}: {
  endpoints: Endpoint[];
  may_change: boolean;
  format: Format;
  t: Words;
}) {
  return (
    <Table
      caption={t.list}
      hide_caption
      rows={endpoints}
      columns={[
        {
          heading: t.url,
          names_row: true,
          cell: ({ endpoint_id, url }) => (
            <a href={`/billing/webhooks/${endpoint_id}`}>{shownUrl(url, may_change)}</a>
          ),
        },
        { heading: t.description, cell: ({ description }) => description },
        {
          heading: t.events,
          cell: ({ events }) => (events === null ? t.all_events : format.number(events.length)),
        },
        { heading: t.state, cell: (endpoint) => <EndpointState endpoint={endpoint} format={format} t={t} /> },
      ]}
    />
  );
}

/** An endpoint's address. Whoever may not change it sees the host alone: what follows often has a token that is kept like a key. */
export function shownUrl(url: string, may_change: boolean): string {
  return may_change ? url : hostOnly(url);
}

/** Whether an endpoint is on, why not, and since when it fails. */
export function EndpointState({ endpoint, format, t }: { endpoint: Endpoint; format: Format; t: Words }) {
  const { state, disabled_because, failing_since_ms } = endpoint;
  return (
    <>
      <Pill
        kind={state === "enabled" ? (failing_since_ms ? "wait" : "good") : "bad"}
        text={t.states[state]}
      />
      {disabled_because ? <span class="note"> {t.because[disabled_because]}</span> : null}
      {state === "enabled" && failing_since_ms ? (
        <span class="note"> {t.failing(format.dateTime(failing_since_ms))}</span>
      ) : null}
    </>
  );
}

/** A secret that was just made, with what it is for. */
export function NewSecret({
  t,
  said,
  secret,
  back,
}: {
  t: Words;
  said: { title: string; text: string };
  secret: string;
  back: string;
}) {
  return (
    <Notice kind="success" {...said}>
      <Secret id="new-secret" text={secret} copy={t.copy} copied={t.copied} />
      <p class="hint">{t.verify}</p>
      <a class="button plain" href={back}>
        {t.done_copying}
      </a>
    </Notice>
  );
}
