import { z } from "zod";
import { idPattern } from "../../units/id";
import { E164 } from "../../units/phone-number";
import { typedText } from "../../units/text-schema";

/** Text of telephony that is kept as it came: any printable characters, nothing that could break a log or a header. */
const PRINTABLE = /^[^\p{C}\p{Zl}\p{Zp}]{1,128}$/u;

export const EXAMPLE_CALL_ID = "node1-3c26700dcf8a@pbx.example.com-as7d0f2e";

export const EXAMPLE_ORGANIZATION_ID = "org_01k9z3v8qhe1w9m4c7d2x5n6tp";

/** As PRINTABLE, without "." and "..": in a path, also percent-encoded, they name another place (WHATWG URL, 4.4). */
const CALL_ID = /^(?!\.{1,2}$)[^\p{C}\p{Zl}\p{Zp}]{1,128}$/u;

/** A call's id, chosen by the node. */
export const callId = z
  .string()
  .regex(CALL_ID, "Must be 1 to 128 printable characters, and not a dot or two.")
  .meta({
    id: "CallId",
    description:
      "The call's id, chosen by the caller of this API: opaque text of 1 to 128 printable characters.",
    examples: [EXAMPLE_CALL_ID],
  });

/** Who calls or is called, as telephony says it. */
export const party = z
  .string()
  .regex(PRINTABLE, "Must be 1 to 128 printable characters.")
  .meta({
    id: "Party",
    description: "A telephone number, SIP user or `anonymous`: 1 to 128 printable characters.",
    examples: ["+31201234567"],
  });

/** What a node calls itself. */
export const nodeName = z
  .string()
  .regex(PRINTABLE, "Must be 1 to 128 printable characters.")
  .meta({
    id: "NodeName",
    description: "What a telephony node calls itself: 1 to 128 printable characters.",
    examples: ["edge-ams-1"],
  });

/** A telephone number in E.164 form. */
export const phoneNumber = z
  .string()
  .regex(E164, "Must be a telephone number in E.164 form, such as +31201234567.")
  .meta({
    id: "PhoneNumber",
    description: "A telephone number in E.164 form.",
    examples: ["+31201234567"],
  });

/** An id that the platform has given to something of its own, kept as it is. */
export const platformsOwnId = z
  .string()
  .regex(/^[^\p{C}\p{Zl}\p{Zp}]{1,100}$/u, "Must be 1 to 100 printable characters.");

/** An organization's id. */
export const organizationId = z
  .string()
  .regex(idPattern("org"), "Must be an organization's id, such as org_01k9z3v8qhe1w9m4c7d2x5n6tp.")
  .meta({
    id: "OrganizationId",
    description: "An organization's id.",
    examples: [EXAMPLE_ORGANIZATION_ID],
  });

/** An API key's id. */
export const keyId = z
  .string()
  .regex(idPattern("key"), "Must be an API key's id, such as key_01k9z3v8qhe1w9m4c7d2x5n6tp.")
  .meta({
    id: "KeyId",
    description: "An API key's id: the part of it that is no secret.",
    examples: ["key_01k9z3v8qhe1w9m4c7d2x5n6tp"],
  });

/** Towards the organization, or from it. */
export const direction = z.enum(["inbound", "outbound"]).meta({ id: "Direction", examples: ["outbound"] });

/** A rate's name on the rate card. */
export const rateName = z
  .string()
  .regex(
    /^[a-z][a-z0-9_-]{0,39}$/,
    "Must be 1 to 40 characters of a-z, 0-9, _ and -, starting with a letter.",
  )
  .meta({ id: "RateName", description: "The name of a rate on the rate card.", examples: ["voice"] });

/** Why a call ended, in the words of its node. */
export const endReason = z
  .string()
  .regex(PRINTABLE, "Must be 1 to 128 printable characters.")
  .meta({
    id: "EndReason",
    description: "Why the call ended, in the words of the node.",
    examples: ["caller_hangup"],
  });

/** Free text that an operator writes for people to read later. */
export const reasonText = typedText({ max: 200 }).meta({
  description: "Why, for people who read the ledger later.",
  examples: ["Goodwill after incident 42"],
});
