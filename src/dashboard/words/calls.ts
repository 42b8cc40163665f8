import type { CallStatus } from "../../calls/call-status";
import type { Direction, ProviderService, RejectReason } from "../../ledger/core/calls/call";
import { inEveryLanguage } from "./languages";

interface Words {
  direction: string;
  from: string;
  to: string;
  status: string;
  directions: Record<Direction, string>;
  statuses: Record<CallStatus, string>;
  rejections: Record<RejectReason, string>;
  /** By the name that nodes, and this service, give to an end. */
  end_reasons: Record<string, string>;
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
      connecting: "Ringing",
      "in-progress": "Talking",
      ended: "Ended",
      failed: "Not connected",
      rejected: "Rejected",
    },
    rejections: {
      insufficient_credits: "There was no credit left.",
      credit_in_use: "Other live calls held all the credit.",
      destination_blocked: "This destination cannot be called.",
      organization_suspended: "The account was suspended.",
      organization_closed: "The account was closed.",
    },
    end_reasons: {
      caller_hangup: "The caller hung up",
      callee_hangup: "The called party hung up",
      hangup: "One side hung up",
      credit_exhausted: "The credit ran out",
      granted_time_used_up: "The granted time ran out",
      lost: "The end of the call was not reported",
      no_answer: "There was no answer",
      not_answered: "There was no answer",
      busy: "The line was busy",
      cancelled: "The call was cancelled",
      canceled: "The call was cancelled",
      failed: "The call failed",
      dialer_refused: "The call could not be placed",
      dialer_invalid: "The call could not be placed as asked",
      rejected: "The call was rejected",
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
      connecting: "Gaat over",
      "in-progress": "In gesprek",
      ended: "Beëindigd",
      failed: "Niet tot stand gekomen",
      rejected: "Geweigerd",
    },
    rejections: {
      insufficient_credits: "Er was geen tegoed meer.",
      credit_in_use: "Al het tegoed was gereserveerd voor andere lopende gesprekken.",
      destination_blocked: "Deze bestemming kan niet worden gebeld.",
      organization_suspended: "Het account was geblokkeerd.",
      organization_closed: "Het account was gesloten.",
    },
    end_reasons: {
      caller_hangup: "De beller heeft opgehangen",
      callee_hangup: "De gebelde heeft opgehangen",
      hangup: "Er is opgehangen",
      credit_exhausted: "Het tegoed was op",
      granted_time_used_up: "De toegekende tijd was om",
      lost: "Het einde van het gesprek is niet gemeld",
      no_answer: "Er werd niet opgenomen",
      not_answered: "Er werd niet opgenomen",
      busy: "De lijn was bezet",
      cancelled: "Het gesprek is geannuleerd",
      canceled: "Het gesprek is geannuleerd",
      failed: "Het gesprek is mislukt",
      dialer_refused: "Het gesprek kon niet worden gestart",
      dialer_invalid: "Het gesprek kon niet zo worden gestart",
      rejected: "Het gesprek is geweigerd",
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
      connecting: "Klingelt",
      "in-progress": "Im Gespräch",
      ended: "Beendet",
      failed: "Nicht zustande gekommen",
      rejected: "Abgewiesen",
    },
    rejections: {
      insufficient_credits: "Es war kein Guthaben mehr vorhanden.",
      credit_in_use: "Das gesamte Guthaben war für andere laufende Anrufe reserviert.",
      destination_blocked: "Dieses Ziel kann nicht angerufen werden.",
      organization_suspended: "Das Konto war gesperrt.",
      organization_closed: "Das Konto war geschlossen.",
    },
    end_reasons: {
      caller_hangup: "Der Anrufer hat aufgelegt",
      callee_hangup: "Der Angerufene hat aufgelegt",
      hangup: "Es wurde aufgelegt",
      credit_exhausted: "Das Guthaben war aufgebraucht",
      granted_time_used_up: "Die gewährte Zeit war abgelaufen",
      lost: "Das Ende des Anrufs wurde nicht gemeldet",
      no_answer: "Es wurde nicht abgenommen",
      not_answered: "Es wurde nicht abgenommen",
      busy: "Die Leitung war besetzt",
      cancelled: "Der Anruf wurde abgebrochen",
      canceled: "Der Anruf wurde abgebrochen",
      failed: "Der Anruf ist fehlgeschlagen",
      dialer_refused: "Der Anruf konnte nicht gestartet werden",
      dialer_invalid: "Der Anruf konnte so nicht gestartet werden",
      rejected: "Der Anruf wurde abgewiesen",
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
