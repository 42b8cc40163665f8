import { z } from "zod";
import { LANGUAGES, PORTAL_PAGES, ROLES } from "../../access/portal-sessions";
import { END_REASONS, SESSION_STATUSES } from "../../access/session-standing";
import { idPattern } from "../../units/id";
import { typedText } from "../../units/text-schema";
import { returnUrl } from "../purchases/schema";
import { instant, queryInteger } from "../schema/amounts";
import { cursorQuery, nextCursor } from "../schema/cursor";
import { keyId, organizationId, platformsOwnId } from "../schema/names";

const userId = platformsOwnId.meta({
  description: "The platform's own id of the person, kept as it is.",
  examples: ["user-42"],
});

/** Who is let in to the dashboard, as what. */
export const newPortalSession = z
  .strictObject({
    user: z.strictObject({
      id: userId,
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
  })
  .meta({
    id: "NewPortalSession",
    examples: [
      { user: { id: "user-42", name: "J. Jansen" }, role: "billing", page: "credits", language: "nl" },
    ],
  });

const sessionId = z
  .string()
  .regex(idPattern("pse"), "Must be a session's id, such as pse_01k9z3v8qhe1w9m4c7d2x5n6tp.")
  .meta({
    id: "SessionId",
    description: "The link's id, and then the session's.",
    examples: ["pse_01k9z3v8qhe1w9m4c7d2x5n6tp"],
  });

/** The link that signs in, once. */
export const portalSessionSchema = z
  .strictObject({
    id: sessionId,
    url: z.url().meta({
      description:
        "Signs in whoever opens it first, once. Send the person's browser there at once, and keep it out of logs.",
      examples: ["https://billing.example.com/billing/enter?link=5f0c9a"],
    }),
    expires_at: instant("When the link stops working"),
  })
  .meta({ id: "PortalSession" });

/** A session in the path. */
export const sessionPath = z.strictObject({ session_id: sessionId });

/** A session of an organization in the path. */
export const sessionPathOf = sessionPath.extend({ organization_id: organizationId });

/** Which links and sessions are asked for. */
export const sessionPageQuery = z.strictObject({
  limit: queryInteger({ min: 1, max: 200, default: 50, description: "Sessions in a page, at most." }),
  cursor: cursorQuery,
  user_id: userId.optional().meta({ description: "Of one person." }),
  key_id: keyId.optional().meta({ description: "Of those that one key has let in." }),
  status: z.enum(SESSION_STATUSES).optional().meta({ description: "Those that stand so now." }),
});

/** Whose sessions are ended. */
export const sessionsOfUserQuery = z.strictObject({ user_id: userId });

const listedSessionSchema = z
  .strictObject({
    id: sessionId,
    user: z.strictObject({ id: z.string(), name: z.string() }),
    role: z.enum(ROLES),
    status: z.enum(SESSION_STATUSES).meta({
      description:
        "`pending`: the link was not used yet. `active`: a session. `ended`: nobody gets in by it any more.",
    }),
    end_reason: z.enum(END_REASONS).nullable().meta({
      description:
        "Null while it has not ended. `ended`: by somebody else. `idle`: not used for 30 minutes. `expired`: eight hours old. `key_expired` and `key_revoked`: with the key that made the link.",
    }),
    key_id: keyId.nullable().meta({
      description: "The key that made the link. For organizations null when that is an operator's.",
    }),
    created_at: instant("When the link was made"),
    signed_in_at: instant("When the link was used").nullable(),
    last_seen_at: instant("When the session was last used, to the minute").nullable(),
    expires_at: instant("When it ends at the latest, however much it is used"),
    ended_at: instant("When it ended, where that is known").nullable(),
  })
  .meta({
    id: "ListedPortalSession",
    description: "A link to the dashboard, and the session that came of it.",
  });

/** A page of an organization's links and sessions. */
export const sessionPageSchema = z
  .strictObject({ portal_sessions: z.array(listedSessionSchema), next_cursor: nextCursor })
  .meta({ id: "PortalSessions" });

/** What came of ending a person's sessions. */
export const endedSessionsSchema = z
  .strictObject({
    ended: z.int().min(0).meta({ description: "How many were ended, unused links among them." }),
    has_more: z.boolean().meta({ description: "There are more than were ended at a time: ask again." }),
  })
  .meta({ id: "EndedPortalSessions" });
