import { z } from "zod";
import { vatAreaOf } from "../tax/vat-territory";
import { isCountry } from "../units/countries";
import { typedEmail, typedText } from "../units/text-schema";
import type { BillingProfile } from "./billing-profile";

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
    line1: typedText({ max: 200 }).meta({ examples: ["Koningsstraat 1"] }),
    line2: typedText({ max: 200 }).nullish(),
    postal_code: typedText({ min: 0, max: 20 }).meta({
      description: "May be empty outside the European Union.",
      examples: ["1000"],
    }),
    city: typedText({ max: 100 }).meta({ examples: ["Brussel"] }),
    region: typedText({ max: 100 })
      .nullish()
      .meta({ description: "Province or state, where addresses have one.", examples: ["Vlaams-Brabant"] }),
    country,
  })
  .refine(hasPostalCode, { path: ["postal_code"], message: "Must not be empty in the European Union." });

/** Parts of member states with another VAT are told apart by it. */
function hasPostalCode(given: { postal_code: string; country: string }): boolean {
  // Of no country nothing is known, and that it is none is said at its own field.
  if (given.postal_code !== "" || !isCountry(given.country)) return true;
  return vatAreaOf(given).area === "outside_eu";
}

/** A billing profile as a customer states it, through the API or at the dashboard. */
export const billingProfileInputSchema = z
  .strictObject({
    company_name: typedText({ max: 150 }).meta({
      description: "The name on invoices: the company's, or the person's who buys.",
      examples: ["Example Trading BV"],
    }),
    email: typedEmail()
      .nullish()
      .meta({ description: "Where invoices are sent.", examples: ["billing@example.com"] }),
    address,
    is_business: z
      .boolean()
      .meta({ description: "Whether the buyer is a business. A consumer's VAT ID is not used." }),
    vat_id: typedText({ min: 0, max: 80 })
      .nullish()
      .meta({
        description:
          "As people write it: spaces, dots, case and a label before it do not matter. A French SIREN or SIRET, a Hungarian adószám and a Swedish organisationsnummer are taken for the VAT ID that follows from them.",
        examples: ["BE 0428.759.497"],
      }),
  })
  .meta({
    id: "NewBillingProfile",
    examples: [
      {
        company_name: "Example Trading BV",
        email: "billing@example.com",
        address: { line1: "Grote Markt 1", postal_code: "1000", city: "Brussel", country: "BE" },
        is_business: true,
        vat_id: "BE 0428.759.497",
      },
    ],
  });

/** The same as `saveBillingProfile` takes it. */
export function toBillingProfile(stated: z.output<typeof billingProfileInputSchema>): BillingProfile {
  const { address, company_name, email, is_business, vat_id } = stated;
  const { line1, line2, postal_code, city, region, country } = address;
  return {
    company_name,
    email: email ?? null,
    line1,
    line2: line2 ?? null,
    postal_code,
    city,
    region: region ?? null,
    country,
    is_business,
    vat_id: vat_id ?? null,
  };
}
