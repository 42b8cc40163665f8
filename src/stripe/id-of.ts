/** The id of an object of Stripe's that may stand there whole or by its id alone, null when there is none. */
export function idOf(reference: string | { id: string } | null | undefined): string | null {
  return typeof reference === "string" ? reference : (reference?.id ?? null);
}
