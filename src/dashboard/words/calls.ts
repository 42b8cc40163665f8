import type { CallStatus } from "../../billing/call-status";
import type { Direction, ProviderService, RejectReason } from "../../ledger/types";
import { inEveryLanguage } from "./languages";

interface Words {
  direction: string;
  from: string;
  to: string;
  status: string;
  directions: Record<Direction, string>;
  statuses: Record<CallStatus, string>;
  rejections: Record<RejectReason, string>;
  services: Record<ProviderService, string>;
}

/** Calls, as people speak of them. */
export const callWords = inEveryLanguage<Words>({
  en: {
    direction: "Direction",
    from: "From",
    to: "To",
    status: "Status",
    directions: { inbound: "Inbound", outbound: "Outbound" },
    statuses: {
      dialing: "Dialing",
      connecting: "Ringing",
      "in-progress": "Talking",
      ended: "Ended",
      failed: "Not connected",
      rejected: "Rejected",
    },
    rejections: {
      insufficient_credits: "There was no credit left.",
      credit_in_use: "Other live calls held all the credit.",
      organization_suspended: "The account was suspended.",
      organization_closed: "The account was closed.",
    },
    services: {
      stt: "Speech to text",
      llm: "Language model",
      tts: "Text to speech",
      telephony: "Telephony",
      other: "Other",
    },
  },
  nl: {
    direction: "Richting",
    from: "Van",
    to: "Naar",
    status: "Status",
    directions: { inbound: "Inkomend", outbound: "Uitgaand" },
    statuses: {
      dialing: "Kiest",
      connecting: "Gaat over",
      "in-progress": "In gesprek",
      ended: "Beëindigd",
      failed: "Niet tot stand gekomen",
      rejected: "Geweigerd",
    },
    rejections: {
      insufficient_credits: "Er was geen tegoed meer.",
      credit_in_use: "Andere lopende gesprekken hielden al het tegoed vast.",
      organization_suspended: "Het account was geblokkeerd.",
      organization_closed: "Het account was gesloten.",
    },
    services: {
      stt: "Spraak naar tekst",
      llm: "Taalmodel",
      tts: "Tekst naar spraak",
      telephony: "Telefonie",
      other: "Overig",
    },
  },
  de: {
    direction: "Richtung",
    from: "Von",
    to: "An",
    status: "Status",
    directions: { inbound: "Eingehend", outbound: "Ausgehend" },
    statuses: {
      dialing: "Wählt",
      connecting: "Klingelt",
      "in-progress": "Im Gespräch",
      ended: "Beendet",
      failed: "Nicht zustande gekommen",
      rejected: "Abgewiesen",
    },
    rejections: {
      insufficient_credits: "Es war kein Guthaben mehr da.",
      credit_in_use: "Andere laufende Anrufe hielten das ganze Guthaben.",
      organization_suspended: "Das Konto war gesperrt.",
      organization_closed: "Das Konto war geschlossen.",
    },
    services: {
      stt: "Sprache zu Text",
      llm: "Sprachmodell",
      tts: "Text zu Sprache",
      telephony: "Telefonie",
      other: "Sonstiges",
    },
  },
});
