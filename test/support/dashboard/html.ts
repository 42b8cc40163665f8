import type { Visitor } from "./visitor";

const ENTITIES: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };

/** What a piece of HTML says, as one line. */
export function textOf(html: string): string {
  return decoded(html.replace(/<[^>]*>/g, " "))
    .replace(/\s+/g, " ")
    .trim();
}

/** The cells of every row of a page's tables, without their headings. */
export function rowsOf(html: string): string[][] {
  return [...html.matchAll(/<tbody>(.*?)<\/tbody>/gs)].flatMap(([, body = ""]) =>
    [...body.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row = ""]) =>
      [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell = ""]) => textOf(cell)),
    ),
  );
}

/** What stands beside each name of a page's figures and facts; of a name that is there twice the last one. */
export function factsOf(html: string): Record<string, string> {
  const pairs = html.matchAll(/<dt[^>]*>(.*?)<\/dt>\s*<dd[^>]*>(.*?)<\/dd>/gs);
  return Object.fromEntries([...pairs].map(([, name = "", value = ""]) => [textOf(name), textOf(value)]));
}

/** What is said to be wrong, by the field that it is said at. */
export function errorsOf(html: string): Record<string, string> {
  const errors = html.matchAll(/<p class="error" id="([^"]*)-error">(.*?)<\/p>/gs);
  return Object.fromEntries([...errors].map(([, name = "", text = ""]) => [name, textOf(text)]));
}

/** The fields that a page's summary of what is wrong leads to. */
export function wrongFieldsOf(html: string): string[] {
  const [, summary = ""] = /id="errors"(.*?)<\/ul>/s.exec(html) ?? [];
  return [...summary.matchAll(/<a href="#([^"]*)">/g)].map(([, name = ""]) => name);
}

/** Where the first link of this text leads; undefined when there is none. */
export function linkOf(html: string, text: string): string | undefined {
  return linksOf(html).find(([, label]) => label === text)?.[0];
}

/** All links of a page. */
export function linksOf(html: string): [href: string, text: string][] {
  const links = [...html.matchAll(/<a ([^>]*)>(.*?)<\/a>/gs)];
  return links.map(([, head = "", label = ""]) => [attributesOf(head).href ?? "", textOf(label)]);
}

export interface PageForm {
  /** Where it is sent to; null for the address of the page itself. */
  action: string | null;
  /** Its fields as a browser would send them, as they stand. */
  fields: [name: string, value: string][];
}

/** The form with this button, which must be there. */
export function formOf(html: string, button: string): PageForm {
  for (const [, head = "", inner = ""] of html.matchAll(/<form ([^>]*)>(.*?)<\/form>/gs)) {
    const buttons = [...inner.matchAll(/<button[^>]*>(.*?)<\/button>/gs)].map(([, text = ""]) =>
      textOf(text),
    );
    if (buttons.includes(button))
      return { action: attributesOf(head).action ?? null, fields: fieldsOf(inner) };
  }
  throw new Error(`There is no form with the button ${button}.`);
}

/** What stands in a field of a page, wherever on it. */
export function enteredIn(html: string, name: string): string | undefined {
  return fieldsOf(html).find(([field]) => field === name)?.[1];
}

/** Fills in the form with this button of a page and sends it, as a browser does. */
export async function submit(
  browser: Visitor,
  path: string,
  button: string,
  changes: Record<string, string> = {},
): Promise<Response> {
  const form = formOf(await browser.page(path), button);
  return browser.post(form.action ?? path, filledIn(form, changes));
}

/** The fields of a form with some of them filled in otherwise. */
export function filledIn(
  { fields }: PageForm,
  changes: Record<string, string>,
): [name: string, value: string][] {
  return [...fields.filter(([name]) => !(name in changes)), ...Object.entries(changes)];
}

function fieldsOf(html: string): [name: string, value: string][] {
  const inputs = [...html.matchAll(/<input ([^>]*?)\/?>/gs)].flatMap(([, head = ""]) => {
    const { type, name, value = "", checked } = attributesOf(head);
    const is_sent = (type !== "checkbox" && type !== "radio") || checked !== undefined;
    return name && is_sent ? [[name, value] as [string, string]] : [];
  });
  const selects = [...html.matchAll(/<select ([^>]*)>(.*?)<\/select>/gs)].map(
    ([, head = "", inner = ""]): [string, string] => {
      const options = [...inner.matchAll(/<option ([^>]*)>/g)].map(([, option = ""]) => attributesOf(option));
      const chosen = options.find(({ selected }) => selected !== undefined) ?? options[0];
      return [attributesOf(head).name ?? "", chosen?.value ?? ""];
    },
  );
  return [...inputs, ...selects];
}

function attributesOf(text: string): Record<string, string> {
  const found = text.matchAll(/([\w-]+)(?:="([^"]*)")?/g);
  return Object.fromEntries([...found].map(([, name = "", value = ""]) => [name, decoded(value)]));
}

function decoded(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => ENTITIES[name] ?? "");
}
