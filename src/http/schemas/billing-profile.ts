import { z } from "zod";
import { vatAreaOf } from "../../billing/vat-territory";
import { isCountry } from "../../units/countries";
import { instant } from "./amounts";
import { taxSchema } from "./purchases";

/** Text that is printed on invoices: one line, nothing that could break it. */
const line = (longest: number) =>
  z
    .string()
    .trim()
    .regex(/^[^\p{C}\p{Zl}\p{Zp}]+$/u, `Must be 1 to ${longest} printable characters.`)
    .max(longest, `Must be 1 to ${longest} printable characters.`);

const NO_COUNTRY = "Must be the two letters of a country, such as NL (ISO 3166-1).";

const country = z
  .string()
  .regex(/^[A-Z]{2}$/, NO_COUNTRY)
  .refine(isCountry, NO_COUNTRY)
  .meta({
    description: "ISO 3166-1. Greece is GR, the United Kingdom with Northern Ireland GB.",
    examples: ["BE"],
  });

const address = z
  .strictObject({
    line1: line(200).meta({ examples: ["Koningsstraat 1"] }),
    line2: line(200).nullish(),
    postal_code: z
      .string()
      .trim()
      .regex(/^[^\p{C}\p{Zl}\p{Zp}]{0,20}$/u, "Must be at most 20 printable characters.")
      .meta({ description: "May be empty outside the European Union.", examples: ["1000"] }),
    city: line(100).meta({ examples: ["Brussel"] }),
    region: line(100)
      .nullish()
      .meta({ description: "Province or state, where addresses have one.", examples: ["Vlaams-Brabant"] }),
    country,
  })
  .refine(hasPostalCode, { path: ["postal_code"], message: "Must not be empty in the European Union." });

/** Parts of member states with another VAT are told apart by it. */
function hasPostalCode(given: { postal_code: string; country: string }): boolean {
  return given.postal_code !== "" || vatAreaOf(given).area === "outside_eu";
}

export const statedBillingProfile = z.strictObject({
  company_name: line(150).meta({
    description: "The name on invoices: the company's, or the person's who buys.",
    examples: ["Example Trading BV"],
  }),
  email: z
    .email("Must be an e-mail address.")
    .max(254)
    .nullish()
    .meta({ description: "Where invoices are sent.", examples: ["billing@example.com"] }),
  address,
  is_business: z
    .boolean()
    .meta({ description: "Whether the buyer is a business. A consumer's VAT ID is not used." }),
  vat_id: z
    .string()
    .max(40, "Must be at most 40 characters.")
    .nullish()
    .meta({
      description: "As people write it: spaces, dots and case do not matter.",
      examples: ["BE 0428.759.497"],
    }),
});

const nullableText = (description: string) => z.string().nullable().meta({ description });

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
