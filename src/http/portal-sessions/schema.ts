import { z } from "zod";
import { LANGUAGES, PORTAL_PAGES, ROLES } from "../../access/portal-sessions";
import { idPattern } from "../../units/id";
import { typedText } from "../../units/text-schema";
import { returnUrl } from "../purchases/schema";
import { instant } from "../schema/amounts";
import { platformsOwnId } from "../schema/names";

/** Who is let in to the dashboard, as what. */
export const newPortalSession = z.strictObject({
  user: z.strictObject({
    id: platformsOwnId.meta({
      description: "The platform's own id of the person, kept as it is.",
      examples: ["user-42"],
    }),
    name: typedText({ max: 100 }).meta({
      description: "The person's name, for the page and for the audit.",
      examples: ["J. Jansen"],
    }),
  }),
  role: z.enum(ROLES).meta({
    description:
      "`viewer` reads. `billing` also buys credit, and sets the billing profile, auto top-up and alerts. `owner` also manages API keys and webhook endpoints.",
    examples: ["owner"],
  }),
  language: z
    .enum(LANGUAGES)
    .optional()
    .meta({ description: "Left out: as the browser prefers.", examples: ["nl"] }),
  return_url: returnUrl.optional().meta({
    description: "Where the dashboard leads back to, and where people get a new link.",
    examples: ["https://app.example.com/settings"],
  }),
  page: z
    .enum(PORTAL_PAGES)
    .optional()
    .meta({ description: "Where the link leads to: `overview` when left out.", examples: ["credits"] }),
});

/** The link that signs in, once. */
export const portalSessionSchema = z
  .strictObject({
    id: z
      .string()
      .regex(idPattern("pse"))
      .meta({ examples: ["pse_01k9z3v8qhe1w9m4c7d2x5n6tp"] }),
    url: z.url().meta({
      description:
        "Signs in whoever opens it first, once. Send the person's browser there at once, and keep it out of logs.",
      examples: ["https://billing.example.com/billing/enter?link=5f0c…"],
    }),
    expires_at: instant("When the link stops working"),
  })
  .meta({ id: "PortalSession" });
