import { z } from "zod";
import { cleanText, type TextFault, textFault } from "./text";

/** The name under which an issue carries what is wrong with a text, for a door that says it in its own words. */
const FAULT = "text_fault";

const MEANINGS: Record<TextFault["fault"], string> = {
  direction: "which changes the direction of the text around it",
  line_break: "which begins a new line",
  control: "which is a control character",
  unknown_sign: "which has no meaning in Unicode",
};

/**
 * A line that a person types, 1 to `max` characters of it once it is cleaned; none will do with `min` 0. Every text that
 * people type and others read is one, so that it is the same text at every door.
 */
export function typedText({ min = 1, max }: { min?: 0 | 1; max: number }) {
  const message =
    min === 0 ? `Must be at most ${max} printable characters.` : `Must be 1 to ${max} printable characters.`;
  return z
    .string()
    .check(withoutFault)
    .overwrite(cleanText)
    .refine((text) => text.length >= min && [...text].length <= max, message)
    .meta({ minLength: min, maxLength: max });
}

/** An e-mail address that a person types. */
export function typedEmail() {
  return z
    .string()
    .check(withoutFault)
    .overwrite(cleanText)
    .max(254)
    .check(z.email("Must be an e-mail address."));
}

function withoutFault({ value, issues }: z.core.ParsePayload<string>): void {
  const found = textFault(value);
  if (!found) return;
  const message = `Contains ${found.sign}, ${MEANINGS[found.fault]}. Please remove it.`;
  issues.push({ code: "custom", input: value, message, params: { [FAULT]: found }, continue: false });
}

/** What is wrong with a text as such, when that is what an issue is about. */
export function textFaultOf(issue: z.core.$ZodIssue): TextFault | null {
  const fault: unknown = issue.code === "custom" ? issue.params?.[FAULT] : undefined;
  return isFault(fault) ? fault : null;
}

function isFault(fault: unknown): fault is TextFault {
  return typeof fault === "object" && fault !== null && "fault" in fault && "sign" in fault;
}
