import { z } from "zod";
import { cleanText, textFault } from "../../../units/text";
import { typedText } from "../../../units/text-schema";
import { CUSTOMER_EVENT_TYPES } from "../../../webhooks/event-catalogue";
import type { EndpointSettings } from "../../../webhooks/rpc";
import type { Endpoint } from "../../../webhooks/types";
import type { PageContext } from "../../context";
import type { Format } from "../../format/format";
import { Pill } from "../../parts/figures";
import { Choice, ErrorSummary, Field, type FormState, formErrors, severalOf } from "../../parts/form";
import { Notice } from "../../parts/notice";
import { Secret } from "../../parts/secret";
import { Table } from "../../parts/table";
import { textWords } from "../../words/text";
import type { webhooksWords } from "./words";

const MAX_DESCRIPTION_LENGTH = 200;
/** As through the API. */
const stated_description = z.strictObject({
  description: typedText({ min: 0, max: MAX_DESCRIPTION_LENGTH }),
});
/** The test event goes to an endpoint whether it was chosen or not. */
const OFFERED = CUSTOMER_EVENT_TYPES.filter((type) => type !== "webhook.test");

type Words = (typeof webhooksWords)["en"];

/** What the form says of an endpoint, and what is wrong with it; the address is judged where it is used. */
export function parseEndpointSettings(
  c: PageContext,
  fields: Record<string, string>,
  t: Words,
): { settings: EndpointSettings; errors: Record<string, string> } {
  const chosen = severalOf(fields.events);
  const events = chosen.has("all") ? null : OFFERED.filter((type) => chosen.has(type));
  const { description = "" } = fields;
  const fault = textFault(fields.url ?? "");
  const url = cleanText(fields.url ?? "");
  const described = stated_description.safeParse({ description });
  return {
    settings: { url, description: described.data?.description ?? "", events },
    errors: {
      ...(fault ? { url: textWords[c.var.format.language](fault) } : {}),
      ...(events?.length === 0 ? { events: t.events_wrong } : {}),
      ...(described.success ? {} : formErrors(c, described.error, () => t.description_wrong)),
    },
  };
}

/** The fields of an endpoint, with what is set or was entered. */
export function EndpointFields({
  endpoint,
  state,
  t,
}: {
  endpoint?: Endpoint;
  state: FormState | undefined;
  t: Words;
}) {
  const listed = endpoint?.events?.join("\n") ?? "all";
  const chosen = severalOf(state ? state.values.events : listed);
  const error = state?.errors.events;
  return (
    <>
      {state ? <ErrorSummary title={t.errors} errors={state.errors} /> : null}
      <Field
        name="url"
        type="url"
        label={t.url}
        hint={t.url_hint}
        state={state}
        value={endpoint?.url}
        required
      />
      <Field
        name="description"
        label={t.description}
        hint={t.description_hint}
        state={state}
        value={endpoint?.description}
        maxlength={MAX_DESCRIPTION_LENGTH}
      />
      <fieldset id="events" aria-describedby={error ? "events-error" : undefined}>
        <legend>{t.events}</legend>
        {error ? (
          <p class="error" id="events-error">
            {error}
          </p>
        ) : null}
        <Choice
          name="events"
          id="events-all"
          value="all"
          label={t.all_events}
          hint={t.all_hint}
          checked={chosen.has("all")}
        />
        {OFFERED.map((type) => (
          <Choice
            name="events"
            id={`events-${type}`}
            value={type}
            label={<code>{type}</code>}
            checked={chosen.has(type)}
          />
        ))}
      </fieldset>
    </>
  );
}

/** Endpoints, each leading to its own page. */
export function Endpoints({ endpoints, format, t }: { endpoints: Endpoint[]; format: Format; t: Words }) {
  return (
    <Table
      caption={t.list}
      hide_caption
      rows={endpoints}
      columns={[
        {
          heading: t.url,
          names_row: true,
          cell: ({ endpoint_id, url }) => <a href={`/billing/webhooks/${endpoint_id}`}>{url}</a>,
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
