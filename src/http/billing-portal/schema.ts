import { z } from "zod";
import { returnUrl } from "../purchases/schema";

/** Where the payment provider's page leads back to. */
export const newPortal = z
  .strictObject({ return_url: returnUrl.optional() })
  .meta({ id: "NewBillingPortal", examples: [{ return_url: "https://app.example.com/billing" }] });

/** The address of the payment provider's page. */
export const portalSchema = z
  .strictObject({ url: z.url().meta({ description: "Send the customer's browser there." }) })
  .meta({ id: "BillingPortal" });
