import Stripe from "stripe";

const crypto_provider = Stripe.createSubtleCryptoProvider();

/**
 * The event that Stripe has signed with one of the secrets within the last five minutes, null for anything else.
 * `text` is the body as it came, to the letter. Source: Stripe's documentation, "Verify webhook signatures".
 */
export async function verifiedEvent(
  text: string,
  signature: string,
  secrets: readonly string[],
): Promise<Stripe.Event | null> {
  for (const secret of secrets) {
    try {
      return await Stripe.webhooks.constructEventAsync(text, signature, secret, undefined, crypto_provider);
    } catch (error) {
      if (error instanceof Stripe.errors.StripeSignatureVerificationError) continue;
      if (error instanceof SyntaxError) return null;
      throw error;
    }
  }
  return null;
}
