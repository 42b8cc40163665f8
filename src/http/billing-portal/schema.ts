import { z } from "zod";
import { returnUrl } from "../purchases/schema";

export const newPortal = z.strictObject({ return_url: returnUrl.optional() });

export const portalSchema = z
  .strictObject({ url: z.url().meta({ description: "Send the customer's browser there." }) })
  .meta({ id: "BillingPortal" });
