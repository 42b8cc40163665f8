import type Stripe from "stripe";
import type { World } from "../core/account.ts";

/** An intent to save a card without charging it. */
export function newSetupIntent(
  world: World,
  asked: { customer: string; description: string | null; metadata: Record<string, string> },
): Stripe.SetupIntent {
  const id = world.newId("seti");
  const intent: Stripe.SetupIntent = {
    id,
    object: "setup_intent",
    allowed_payment_method_types: ["card"],
    application: null,
    automatic_payment_methods: null,
    cancellation_reason: null,
    client_secret: `${id}_secret_${world.newId("s").slice(2)}`,
    created: world.seconds(),
    customer: asked.customer,
    customer_account: null,
    description: asked.description,
    excluded_payment_method_types: null,
    flow_directions: null,
    last_setup_error: null,
    latest_attempt: null,
    livemode: false,
    managed_payments: null,
    mandate: null,
    metadata: asked.metadata,
    next_action: null,
    on_behalf_of: null,
    payment_method: null,
    payment_method_configuration_details: null,
    payment_method_options: null,
    payment_method_types: ["card"],
    single_use_mandate: null,
    status: "requires_payment_method",
    usage: "off_session",
  };
  world.add("setup_intent", intent);
  world.emit("setup_intent.created", intent);
  return intent;
}
