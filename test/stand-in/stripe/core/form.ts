/** What a request said, before anybody knows which types it meant: text, lists and named values. */
export type FormValue = string | FormValue[] | FormFields;
export interface FormFields {
  [name: string]: FormValue;
}

type Branch = Map<string, Branch | string>;

/**
 * Reads Stripe's form encoding: `a[b][0][c]=1` is `{a: {b: [{c: "1"}]}}`, `a[]=1&a[]=2` is `{a: ["1", "2"]}`.
 * Values stay text: what they mean is for the schema of the request to say.
 */
export function decodeForm(text: string): FormFields {
  const root: Branch = new Map();
  for (const [name, value] of new URLSearchParams(text)) place(root, pathOf(name), value);
  return Object.fromEntries([...root].map(([name, value]) => [name, grown(value)]));
}

/** The body of a form that was sent. Read as bytes: workerd takes its content type for none of text and warns. */
export async function formText(request: Request): Promise<string> {
  return new TextDecoder().decode(await request.arrayBuffer());
}

/** `a[b][0]` as `["a", "b", "0"]`. */
function pathOf(name: string): string[] {
  const open = name.indexOf("[");
  if (open <= 0 || !name.endsWith("]")) return [name];
  return [name.slice(0, open), ...name.slice(open + 1, -1).split("][")];
}

function place(root: Branch, path: string[], value: string): void {
  let branch = root;
  for (const name of path.slice(0, -1)) {
    const next = branch.get(name);
    if (next instanceof Map) {
      branch = next;
      continue;
    }
    const made: Branch = new Map();
    branch.set(name, made);
    branch = made;
  }
  const last = path.at(-1) ?? "";
  branch.set(last === "" ? String(branch.size) : last, value);
}

function grown(branch: Branch | string): FormValue {
  if (typeof branch === "string") return branch;
  const names = [...branch.keys()];
  if (names.every((name) => /^\d{1,4}$/.test(name)))
    return names.sort((a, b) => Number(a) - Number(b)).map((name) => grown(branch.get(name) ?? ""));
  return Object.fromEntries([...branch].map(([name, value]) => [name, grown(value)]));
}

/** `["automatic_tax", "enabled"]` as Stripe names it in its errors: `automatic_tax[enabled]`. */
export function parameterName(path: readonly string[]): string {
  const [first = "", ...rest] = path;
  return first + rest.map((name) => `[${name}]`).join("");
}
