import { env } from "cloudflare:workers";
import { vi } from "vitest";

/** What becomes of one try to ask a ledger; `ask` asks it. */
export type Trouble = (ask: () => Promise<unknown>) => Promise<unknown>;

export const well: Trouble = (ask) => ask();

export const hanging: Trouble = () => new Promise(() => {});

export function failing(message: string, properties: object = {}): Trouble {
  return () => Promise.reject(Object.assign(new Error(message), properties));
}

/** The ledger carries out what it was asked; the trouble happens to its answer. */
export function tooLate(trouble: Trouble): Trouble {
  return async (ask) => {
    await ask();
    return trouble(ask);
  };
}

/** A try as it was made: on which stub, and what was asked. */
interface Try {
  stub: object;
  method: string;
  args: unknown[];
}

type Stub = Record<string, (...args: unknown[]) => Promise<unknown>>;

/** What stands in the way to the ledgers of organizations, by their ids. */
const in_the_way = new Map<string, (stub: Stub) => Stub>();

/**
 * Lets each try to ask one organization's ledger meet the next of these troubles, the last of them for all that come
 * after it, until `mend` is called. Tells which tries there were.
 */
export function troubleLedger(organization_id: string, ...troubles: [Trouble, ...Trouble[]]) {
  const tries: Try[] = [];
  const meet = (stub: Stub, method: string, args: unknown[]) => {
    const trouble = troubles[tries.length] ?? troubles.at(-1) ?? well;
    tries.push({ stub, method, args: structuredClone(args) });
    return trouble(async () => stub[method]?.(...args));
  };
  watchTheWay();
  in_the_way.set(
    organization_id,
    (stub) =>
      new Proxy(
        {},
        {
          get:
            (_, method: string) =>
            (...args: unknown[]) =>
              meet(stub, method, args),
        },
      ),
  );
  return { tries, mend: () => void in_the_way.delete(organization_id) };
}

/** Lets each try to ask one organization's ledger this one thing meet the trouble, until the returned function is called. */
export function troubleMethod(organization_id: string, troubled: string, trouble: Trouble): () => void {
  watchTheWay();
  in_the_way.set(
    organization_id,
    (stub) =>
      new Proxy(
        {},
        {
          get:
            (_, method: string) =>
            (...args: unknown[]) =>
              (method === troubled ? trouble : well)(async () => stub[method]?.(...args)),
        },
      ),
  );
  return () => void in_the_way.delete(organization_id);
}

/** Makes one organization's ledger answer nothing but errors, or nothing at all, until the returned function is called. */
export function failLedger(organization_id: string, how: "throws" | "hangs" = "throws"): () => void {
  return troubleLedger(
    organization_id,
    how === "hangs" ? hanging : failing("Internal error (made by the test)"),
  ).mend;
}

function watchTheWay(): void {
  const prototype = Object.getPrototypeOf(env.LEDGER);
  const { getByName } = prototype;
  if (vi.isMockFunction(getByName)) return;
  vi.spyOn(prototype, "getByName").mockImplementation(function (this: unknown, ...args: unknown[]) {
    const stub: Stub = Reflect.apply(getByName, this, args) as never;
    return in_the_way.get(String(args[0]))?.(stub) ?? stub;
  });
}
