import { z } from "zod";
import { taxSchema } from "../purchases/schema";
import { instant } from "../schema/amounts";

const nullableText = (description: string) => z.string().nullable().meta({ description });

/** Who buys, with the state of the VAT ID and how that is taxed. */
export const billingProfileSchema = z
  .strictObject({
    company_name: z.string(),
    email: z.string().nullable(),
    address: z.strictObject({
      line1: z.string(),
      line2: z.string().nullable(),
      postal_code: z.string(),
      city: z.string(),
      region: z.string().nullable(),
      country: z.string(),
    }),
    is_business: z.boolean(),
    vat_id: z.strictObject({
      value: nullableText("In the form that the register knows, or as it was given when it is malformed."),
      state: z.enum(["none", "malformed", "pending", "valid", "invalid", "unavailable"]).meta({
        description:
          "`none`: not given. `malformed`: not one of this country. `pending`: not checked yet. `valid`, `invalid`: by the last check. `unavailable`: the register could not answer; it is asked again. Only `valid` ever lowers VAT.",
      }),
      message: z.string().meta({ description: "What that means, for people." }),
      checked_at: instant("When it was last checked").nullable(),
      source: z.enum(["vies", "offline", "stripe"]).nullable().meta({
        description:
          "`vies`: the European Commission's register. `offline`: its check digits only. `stripe`: the payment provider.",
      }),
      name: nullableText("The holder's name, where the register tells it."),
      address: nullableText("The holder's address, where the register tells it."),
      consultation_number: nullableText("The register's proof that it was asked."),
    }),
    tax: taxSchema.meta({ description: "How a purchase would be taxed now." }),
    obstacle: z
      .strictObject({
        code: z.enum(["billing_profile_incomplete", "billing_address_invalid", "payments_unavailable"]),
        message: z.string(),
        param: z.string().optional(),
      })
      .nullable()
      .meta({ description: "What is known to keep a purchase from being opened." }),
    updated_at: instant("When it was last saved"),
  })
  .meta({ id: "BillingProfile", description: "Who buys: what stands on invoices, and what VAT depends on." });
