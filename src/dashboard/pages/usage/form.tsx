import type { Format } from "../../format/format";
import { pathOf } from "../../layout";
import { ErrorSummary, Field, type FormState, Select } from "../../parts/form";
import { callWords } from "../../words/calls";
import type { UsageFilter } from "./filter";
import type { usageWords } from "./words";

/** Which calls to show. Its answer is an address, so that it can be kept and shared. */
export function UsageForm({
  t,
  format,
  filter,
  state,
}: {
  t: (typeof usageWords)["en"];
  format: Format;
  filter?: UsageFilter;
  state?: FormState;
}) {
  const called = callWords[format.language];
  const { directions, statuses } = called;
  return (
    <form method="get" action={pathOf("usage")} class="filter" aria-label={t.filter}>
      {state ? <ErrorSummary title={t.wrong_title} errors={state.errors} /> : null}
      <Field name="from" type="date" label={t.first} value={filter?.first} state={state} />
      <Field name="to" type="date" label={t.last} value={filter?.last} state={state} />
      <Select
        name="direction"
        label={called.direction}
        value={filter?.direction}
        state={state}
        options={[
          ["", t.all],
          ["inbound", directions.inbound],
          ["outbound", directions.outbound],
        ]}
      />
      <Select
        name="status"
        label={called.status}
        value={filter?.ending}
        state={state}
        options={[
          ["", t.all],
          ["ended", statuses.ended],
          ["failed", statuses.failed],
          ["rejected", statuses.rejected],
        ]}
      />
      <Field
        name="number"
        label={t.number}
        value={filter?.number}
        state={state}
        maxlength={128}
        placeholder="+31…"
      />
      <button class="button" type="submit">
        {t.show}
      </button>
    </form>
  );
}
