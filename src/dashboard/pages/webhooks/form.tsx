import { z } from "zod";
import {
  endpointDescription,
  endpointEvents,
  endpointFormat,
  MAX_DESCRIPTION_LENGTH,
  MAX_URL_LENGTH,
} from "../../../notifications/endpoint-schema";
import { typedText } from "../../../units/text-schema";
import { CUSTOMER_EVENT_TYPES } from "../../../webhooks/event-catalogue";
import type { Endpoint } from "../../../webhooks/types";
import type { PageContext } from "../../context";
import { Choice, checkForm, ErrorSummary, Field, type FormState, Select, severalOf } from "../../parts/form";
import { webhooksWords } from "./words";

/** The test event goes to an endpoint whether it was chosen or not. */
const OFFERED = CUSTOMER_EVENT_TYPES.filter((type) => type !== "webhook.test");

const schema = z.strictObject({
  // People paste addresses with spaces around them. Whether it may be an endpoint is said where it is made or changed.
  url: typedText({ min: 0, max: MAX_URL_LENGTH }),
  events: endpointEvents(OFFERED),
  // A form that says nothing of it leaves it as it is.
  format: endpointFormat.optional(),
  description: endpointDescription,
});

/** What the form says of an endpoint. */
export function readEndpointForm(
  c: PageContext,
  { url = "", description = "", format, events }: Record<string, string>,
) {
  const t = webhooksWords[c.var.format.language];
  const ticked = severalOf(events);
  return checkForm(c, {
    schema,
    input: {
      url,
      description,
      ...(format !== undefined && { format }),
      events: ticked.has("all") ? null : OFFERED.filter((type) => ticked.has(type)),
    },
    words: { url: t.url_wrong, description: t.description_wrong, events: t.events_wrong },
  });
}

/** The fields of an endpoint, with what is set or was entered. */
export function EndpointFields({
  endpoint,
  state,
  t,
}: {
  endpoint?: Endpoint;
  state: FormState | undefined;
  t: (typeof webhooksWords)["en"];
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
      <Select
        name="format"
        label={t.format}
        hint={t.format_hint}
        state={state}
        value={endpoint?.format ?? "standard"}
        options={[
          ["standard", "Standard Webhooks"],
          ["product", t.product_format],
        ]}
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
