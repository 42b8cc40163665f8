import type { Bindings } from "../env";
import { openDatabase } from "../storage/database";
import { findOrNameDeployment } from "../storage/deployment";
import { newId } from "../units/id";

const names = new WeakMap<D1Database, string>();

/** The name that this deployment's objects at Stripe carry. It is made when it is first asked for, and stays. */
export async function deploymentName(env: Bindings): Promise<string> {
  const known = names.get(env.DB);
  if (known) return known;
  const name = await findOrNameDeployment(openDatabase(env), newId("dep"), Date.now());
  names.set(env.DB, name);
  return name;
}
