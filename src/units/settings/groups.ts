import { z } from "zod";

/** A setting that is not as it should be, and the sentence that says so to an operator. */
export interface WrongSetting {
  setting: string;
  message: string;
}

/** Settings that were read together, or what is wrong with them. */
type ReadGroup<T> = z.ZodSafeParseResult<T>;

/** What needs a setting cannot go on, because it is wrong: `message` says which, and what it should be. */
class SettingWrong extends Error {
  override readonly name = "SettingWrong";
}

/** Parts that are read from the same variables. What is refined of them sees only parts in which nothing is wrong. */
export function allOf<Parts extends z.ZodRawShape>(of: Parts) {
  const same = (variables: unknown) => Object.fromEntries(Object.keys(of).map((part) => [part, variables]));
  return z.preprocess(same, z.object(of)).transform((read) => read);
}

/** A part that is read only when the variable is set that turns it on: null without. */
export function onlyWith<Part extends z.ZodType>(name: string, part: Part) {
  return z.preprocess(
    (variables) => ((variables as Record<string, unknown>)[name] ? variables : null),
    part.nullable(),
  );
}

/** The settings that were read. Throws an error that names the first one that is wrong, and what it should be. */
export function needed<T>(read: ReadGroup<T>): T {
  const [wrong] = wrongIn(read);
  if (wrong) throw new SettingWrong(wrong.message);
  return read.data as T;
}

/** What is wrong with them. */
export function wrongIn({ error }: ReadGroup<unknown>): WrongSetting[] {
  return (error?.issues ?? []).map(({ code, path, message }) => {
    const setting = String(path.at(-1));
    // Of what is no text at all, the library says it without the name.
    return { setting, message: code === "invalid_type" ? `${setting} must be text.` : message };
  });
}
