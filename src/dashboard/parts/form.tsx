import type { Child } from "hono/jsx";
import type { z } from "zod";
import { textFaultOf } from "../../units/text-schema";
import { isWellEncoded, utf8Text } from "../../units/web-text";
import type { PageContext } from "../context";
import { PageError } from "../page-error";
import { textWords } from "../words/text";

/** What was entered, and what is wrong with it, by the name of the field. */
export interface FormState {
  values: Record<string, string>;
  errors: Record<string, string>;
}

/**
 * The fields of a form that was sent, as text. Of a name that is there several times all values, a line each.
 * @throws PageError when it is not encoded as a browser does
 */
export async function readForm(c: PageContext): Promise<Record<string, string>> {
  // The runtime warns of text() with the type that forms have.
  const text = utf8Text(await c.req.arrayBuffer());
  if (text === null || !isWellEncoded(text)) throw new PageError("malformed");
  const fields = new URLSearchParams(text);
  return Object.fromEntries(
    [...new Set(fields.keys())].map((name) => [name, fields.getAll(name).join("\n").trim()]),
  );
}

/** The values of a name that a form may have several times. */
export function severalOf(value: string | undefined): Set<string> {
  return new Set((value ?? "").split("\n"));
}

/** What a schema makes of what a form says, else what is wrong with it, by the name of the field. */
export type CheckedForm<Data> = { data: Data } | { errors: Record<string, string> };

/**
 * Checks what a form says by the schema that the API has for the same. What is wrong is said in `words`, one text a field of
 * the schema; a text that cannot be taken as such is told in words of its own. A group of fields counts as its fields, a list
 * as one field.
 */
export function checkForm<S extends z.ZodType>(
  c: PageContext,
  { schema, input, words }: { schema: S; input: unknown; words: Record<string, string> },
): CheckedForm<z.output<S>> {
  const checked = schema.safeParse(input);
  if (checked.success) return { data: checked.data };
  const say = textWords[c.var.format.language];
  const errors = new Map<string, string>();
  for (const issue of checked.error.issues) {
    const name = String(issue.path.findLast((part) => typeof part === "string") ?? "");
    const fault = textFaultOf(issue);
    if (!errors.has(name)) errors.set(name, fault ? say(fault) : (words[name] ?? issue.message));
  }
  return { errors: Object.fromEntries(errors) };
}

/** All that is wrong, above the form, with links to the fields. Gets the focus when the page comes. */
export function ErrorSummary({ title, errors }: { title: string; errors: Record<string, string> }) {
  const all = Object.entries(errors);
  if (all.length === 0) return null;
  return (
    <div class="notice danger" role="alert" tabindex={-1} id="errors" autofocus>
      <span class="sign" aria-hidden="true">
        !
      </span>
      <div>
        <p class="notice-title">{title}</p>
        <ul>
          {all.map(([name, text]) => (
            <li>{name ? <a href={`#${name}`}>{text}</a> : text}</li>
          ))}
        </ul>
      </div>
    </div>
  );
}

/** A label with its field, its hint and what is wrong with it. */
export function Field({
  name,
  label,
  state,
  hint,
  type = "text",
  value,
  required = false,
  ...rest
}: {
  name: string;
  label: string;
  state?: FormState | undefined;
  hint?: string | undefined;
  type?: "text" | "email" | "url" | "number" | "date";
  /** What stands in it until something else was entered. */
  value?: string | undefined;
  required?: boolean;
  autocomplete?: string;
  inputmode?: "text" | "decimal" | "numeric";
  maxlength?: number;
  min?: string;
  max?: string;
  step?: string;
  placeholder?: string;
}) {
  const error = state?.errors[name];
  return (
    <Labelled name={name} label={label} hint={hint} error={error}>
      <input
        id={name}
        name={name}
        type={type}
        value={state?.values[name] ?? value ?? ""}
        required={required}
        aria-invalid={error ? "true" : undefined}
        aria-describedby={describedBy(name, hint, error)}
        {...rest}
      />
    </Labelled>
  );
}

/** What stands around a field: its label, its hint and what is wrong with it. */
function Labelled({
  name,
  label,
  hint,
  error,
  children,
}: {
  name: string;
  label: string;
  hint: string | undefined;
  error: string | undefined;
  children?: Child;
}) {
  return (
    <div class={error ? "field wrong" : "field"}>
      <label for={name}>{label}</label>
      {hint ? (
        <p class="hint" id={`${name}-hint`}>
          {hint}
        </p>
      ) : null}
      {error ? (
        <p class="error" id={`${name}-error`}>
          {error}
        </p>
      ) : null}
      {children}
    </div>
  );
}

/** The same with a list to choose from. */
export function Select({
  name,
  label,
  options,
  state,
  value,
  hint,
}: {
  name: string;
  label: string;
  options: readonly (readonly [value: string, text: string])[];
  state?: FormState | undefined;
  value?: string | undefined;
  hint?: string | undefined;
}) {
  const chosen = state?.values[name] ?? value;
  const error = state?.errors[name];
  return (
    <Labelled name={name} label={label} hint={hint} error={error}>
      <select
        id={name}
        name={name}
        aria-invalid={error ? "true" : undefined}
        aria-describedby={describedBy(name, hint, error)}
      >
        {options.map(([option, text]) => (
          <option value={option} selected={option === chosen}>
            {text}
          </option>
        ))}
      </select>
    </Labelled>
  );
}

/** A box to tick, or one of several with `type="radio"`. `id` where one name has several. */
export function Choice({
  name,
  label,
  type = "checkbox",
  value = "yes",
  checked = false,
  id = name,
  hint,
}: {
  name: string;
  label: Child;
  type?: "checkbox" | "radio";
  value?: string;
  checked?: boolean;
  id?: string;
  hint?: string | undefined;
}) {
  return (
    <div class="choice">
      <input
        id={id}
        name={name}
        type={type}
        value={value}
        checked={checked}
        aria-describedby={hint ? `${id}-hint` : undefined}
      />
      <label for={id}>{label}</label>
      {hint ? (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      ) : null}
    </div>
  );
}

function describedBy(name: string, hint: string | undefined, error: string | undefined): string | undefined {
  const ids = [hint && `${name}-hint`, error && `${name}-error`].filter(Boolean);
  return ids.length > 0 ? ids.join(" ") : undefined;
}
