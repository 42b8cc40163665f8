import type { TopUpObstacle } from "../../../ledger/core/credit/auto-top-up";
import { cardName } from "../../words/card-names";
import { counted, inEveryLanguage } from "../../words/languages";

// Long because it is a dictionary in three languages: a page's words stay in one file, so that translators see them together.

interface Words {
  intro: string;
  card_title: string;
  card: (brand: string, last4: string, until: string) => string;
  not_charged: {
    title: (brand: string, last4: string) => string;
    text: (charged_last4: string, may_change: boolean) => string;
  };
  no_card: string;
  save_card: string;
  replace_card: string;
  card_hint: string;
  remove_card: string;
  remove_sure: string;
  remove_confirm: string;
  not_sold: { title: string; text: string };
  away: { title: string; text: string };
  handing_over: { title: string; text: string };
  done: Record<"on" | "off" | "removed" | "card_saved" | "card_not_saved", string>;
  standing: string;
  state: string;
  on: string;
  off: string;
  paused: string;
  obstacles: Record<TopUpObstacle, string>;
  ready: string;
  confirm_at_bank: string;
  used: string;
  used_value: (times: string, amount: string) => string;
  last_failure: string;
  settings_title: string;
  when: string;
  when_kinds: Record<"euros" | "runway", string>;
  threshold: string;
  threshold_hint: string;
  amount: string;
  amount_hint: (min: string, max: string) => string;
  per_day: string;
  per_day_hint: string;
  cap: string;
  cap_hint: string;
  consent: string;
  turn_on: string;
  save: string;
  turn_off: string;
  errors: string;
  wrong: Record<"threshold" | "amount" | "amount_below" | "per_day" | "cap" | "consent", string>;
  now_title: (amount: string) => string;
  now_text: (remaining: string, limit: string) => string;
  now_minutes: (minutes: string) => string;
  now_confirm: (amount: string) => string;
  now_back: string;
}

/** Credit that is bought by itself. */
export const autoTopUpWords = inEveryLanguage<Words>({
  en: {
    intro:
      "Buys credit with your saved card before you run out, so that calls never stop for lack of credit.",
    card_title: "Your card",
    card: (brand, last4, until) => `${cardName(brand, "Card")} ending in ${last4}, valid until ${until}`,
    not_charged: {
      title: (brand, last4) =>
        `${cardName(brand, "The card")} ending in ${last4} is your default at Stripe, but it is not charged`,
      text: (charged, may_change) =>
        `It was not set up there for later payments, so the card ending in ${charged} is still charged. ${may_change ? "To have it charged instead, enter it with “Replace the card”." : "To change that, ask an owner of your organization."}`,
    },
    no_card: "No card is saved yet. Save one first; this costs nothing.",
    save_card: "Save a card",
    replace_card: "Replace the card",
    card_hint:
      "You enter it on Stripe's page. We never see the number. A card that you choose as your default on Stripe's page is charged only if it was set up there for later payments; the card shown here is the one that is charged.",
    remove_card: "Remove the card…",
    remove_sure: "This also turns auto top-up off.",
    remove_confirm: "Remove the card",
    not_sold: { title: "No credit is sold here", text: "This installation has no payment provider." },
    away: {
      title: "That did not work",
      text: "The payment provider does not answer. Please try again in a moment.",
    },
    handing_over: {
      title: "Your billing information is still being passed on",
      text: "The page for your card opens once our payment provider has it. Please try again in ten seconds.",
    },
    done: {
      on: "Auto top-up is on",
      off: "Auto top-up is off",
      removed: "The card has been removed and auto top-up is off",
      card_saved: "Your card is saved",
      card_not_saved: "No card was saved",
    },
    standing: "Status",
    state: "Auto top-up",
    on: "On",
    off: "Off",
    paused: "Paused",
    obstacles: {
      off: "It is turned off.",
      under_way: "A purchase is under way.",
      organization_not_active: "Your organization is not active.",
      card_declined: "Paused because the card was declined. Replace the card to resume.",
      authentication_required: "Paused because your bank wants you to confirm payments. Save the card again.",
      refund: "Paused because of a refund. Turn it on again below to resume.",
      dispute: "Paused because a payment was disputed. Turn it on again below to resume.",
      adjustment:
        "Paused because an adjustment brought your balance under the limit. Turn it on again below to resume.",
      restore: "Paused because your account was restored from a backup. Turn it on again below to resume.",
      customer_balance:
        "Paused because you have an open balance with our payment provider. We have been told. Turn it on again below once that is settled.",
      purchase_mismatch: "Paused because a payment did not come as expected. We are looking into it.",
      max_per_day: "The maximum for today has been reached. It resumes tomorrow.",
      monthly_cap: "The maximum for this month has been reached. Raise it, or wait until next month.",
      retry_later: "The last attempt failed. It will be tried again automatically.",
    },
    ready: "Ready: credit is bought when your balance falls below the limit.",
    confirm_at_bank: "Confirm the payment at your bank",
    used: "So far",
    used_value: (times, amount) => `${counted(times, "time", "times")} today, ${amount} this month (UTC)`,
    last_failure: "Last failure",
    settings_title: "Settings",
    when: "Buy when",
    when_kinds: {
      euros: "the balance is below an amount in euros",
      runway: "the balance lasts fewer minutes at the present pace",
    },
    threshold: "Limit",
    threshold_hint: "An amount such as 10 or 12.50, or whole minutes such as 30.",
    amount: "Credit per purchase, in euros before VAT",
    amount_hint: (min, max) => `From ${min} to ${max}.`,
    per_day: "Maximum purchases per day",
    per_day_hint: "From 1 to 10. Days and months begin at midnight UTC.",
    cap: "Maximum per month, in euros before VAT",
    cap_hint: "At least the amount of one purchase.",
    consent: "I agree",
    turn_on: "Turn on",
    save: "Save",
    turn_off: "Turn off",
    errors: "Please correct the following:",
    wrong: {
      threshold: "Enter an amount of at least 0.01, or whole minutes from 1 to 10080.",
      amount: "Enter an amount that can be bought.",
      amount_below: "Enter more than the limit: otherwise credit is bought several times in a row.",
      per_day: "Enter a number from 1 to 10.",
      cap: "Enter at least the amount of one purchase.",
      consent: "Your card is charged only if you agree.",
    },
    now_title: (amount) => `This buys ${amount} of credit right now`,
    now_text: (remaining, limit) =>
      `Your balance of ${remaining} is already below the limit of ${limit}. VAT is added.`,
    now_minutes: (minutes) => `${counted(minutes, "minute", "minutes")} at the present pace`,
    now_confirm: (amount) => `Turn on and buy ${amount} now`,
    now_back: "Back, without changing anything",
  },
  nl: {
    intro:
      "Koopt tegoed met uw opgeslagen kaart voordat het op is, zodat gesprekken nooit stoppen door te weinig tegoed.",
    card_title: "Uw kaart",
    card: (brand, last4, until) => `${cardName(brand, "Kaart")} eindigend op ${last4}, geldig tot ${until}`,
    not_charged: {
      title: (brand, last4) =>
        `${cardName(brand, "De kaart")} eindigend op ${last4} is uw standaardkaart bij Stripe, maar wordt niet belast`,
      text: (charged, may_change) =>
        `De kaart is daar niet ingesteld voor latere betalingen, dus de kaart eindigend op ${charged} wordt nog steeds belast. ${may_change ? "Wilt u dat de andere wordt belast, voer die dan in via “Kaart vervangen”." : "Vraag een eigenaar van uw organisatie om dat te wijzigen."}`,
    },
    no_card: "Er is nog geen kaart opgeslagen. Sla er eerst een op; daarvoor wordt niets afgeschreven.",
    save_card: "Kaart opslaan",
    replace_card: "Kaart vervangen",
    card_hint:
      "U voert hem in op de pagina van Stripe. Wij zien het nummer nooit. Een kaart die u op de pagina van Stripe als standaard kiest, wordt alleen belast als u hem daar voor latere betalingen hebt ingesteld; de kaart die hier staat, is de kaart die wordt belast.",
    remove_card: "Kaart verwijderen…",
    remove_sure: "Automatisch opwaarderen wordt dan ook uitgezet.",
    remove_confirm: "Kaart verwijderen",
    not_sold: {
      title: "Hier wordt geen tegoed verkocht",
      text: "Deze installatie heeft geen betaalprovider.",
    },
    away: {
      title: "Dat is niet gelukt",
      text: "De betaalprovider antwoordt niet. Probeer het zo meteen opnieuw.",
    },
    handing_over: {
      title: "Uw factuurgegevens worden nog doorgegeven",
      text: "De pagina voor uw kaart opent zodra onze betaalprovider ze heeft. Probeer het over tien seconden opnieuw.",
    },
    done: {
      on: "Automatisch opwaarderen staat aan",
      off: "Automatisch opwaarderen staat uit",
      removed: "De kaart is verwijderd en automatisch opwaarderen staat uit",
      card_saved: "Uw kaart is opgeslagen",
      card_not_saved: "Er is geen kaart opgeslagen",
    },
    standing: "Status",
    state: "Automatisch opwaarderen",
    on: "Aan",
    off: "Uit",
    paused: "Gepauzeerd",
    obstacles: {
      off: "Het staat uit.",
      under_way: "Er loopt een aankoop.",
      organization_not_active: "Uw organisatie is niet actief.",
      card_declined: "Gepauzeerd omdat de kaart is geweigerd. Vervang de kaart om door te gaan.",
      authentication_required:
        "Gepauzeerd omdat uw bank betalingen wil laten bevestigen. Sla de kaart opnieuw op.",
      refund: "Gepauzeerd vanwege een terugbetaling. Zet het hieronder weer aan om door te gaan.",
      dispute: "Gepauzeerd omdat een betaling is betwist. Zet het hieronder weer aan om door te gaan.",
      adjustment:
        "Gepauzeerd omdat uw saldo door een correctie onder de grens is gekomen. Zet het hieronder weer aan om door te gaan.",
      restore:
        "Gepauzeerd omdat uw account is hersteld vanaf een back-up. Zet het hieronder weer aan om door te gaan.",
      customer_balance:
        "Gepauzeerd omdat u nog een openstaand saldo bij onze betaalprovider hebt. Wij zijn op de hoogte. Zet het hieronder weer aan zodra dat is geregeld.",
      purchase_mismatch:
        "Gepauzeerd omdat een betaling anders is binnengekomen dan verwacht. We zoeken het uit.",
      max_per_day: "Het maximum voor vandaag is bereikt. Morgen gaat het verder.",
      monthly_cap: "Het maximum voor deze maand is bereikt. Verhoog het of wacht tot volgende maand.",
      retry_later: "De laatste poging is mislukt. Er volgt automatisch een nieuwe poging.",
    },
    ready: "Klaar: er wordt gekocht zodra uw saldo onder de grens komt.",
    confirm_at_bank: "Bevestig de betaling bij uw bank",
    used: "Tot nu toe",
    used_value: (times, amount) => `vandaag ${times} keer, deze maand ${amount} (UTC)`,
    last_failure: "Laatste mislukte poging",
    settings_title: "Instellingen",
    when: "Koop als",
    when_kinds: {
      euros: "het saldo onder een bedrag in euro's is",
      runway: "het saldo in het huidige tempo genoeg is voor minder minuten",
    },
    threshold: "Grens",
    threshold_hint: "Een bedrag zoals 10 of 12,50, of hele minuten zoals 30.",
    amount: "Tegoed per aankoop, in euro's exclusief btw",
    amount_hint: (min, max) => `Van ${min} tot ${max}.`,
    per_day: "Maximaal aantal aankopen per dag",
    per_day_hint: "Van 1 tot 10. Dagen en maanden beginnen om middernacht UTC.",
    cap: "Maximum per maand, in euro's exclusief btw",
    cap_hint: "Ten minste het bedrag van één aankoop.",
    consent: "Ik ga akkoord",
    turn_on: "Aanzetten",
    save: "Opslaan",
    turn_off: "Uitzetten",
    errors: "Controleer het volgende:",
    wrong: {
      threshold: "Voer een bedrag van minstens 0,01 in, of hele minuten van 1 tot 10080.",
      amount: "Voer een bedrag in dat te koop is.",
      amount_below: "Voer meer in dan de grens: anders wordt er meerdere keren achter elkaar gekocht.",
      per_day: "Voer een getal in van 1 tot 10.",
      cap: "Voer ten minste het bedrag van één aankoop in.",
      consent: "Uw kaart wordt alleen belast als u akkoord gaat.",
    },
    now_title: (amount) => `Hiermee wordt nu meteen ${amount} aan tegoed gekocht`,
    now_text: (remaining, limit) =>
      `Uw saldo van ${remaining} ligt al onder de grens van ${limit}. Er komt btw bij.`,
    now_minutes: (minutes) => `${counted(minutes, "minuut", "minuten")} in het huidige tempo`,
    now_confirm: (amount) => `Aanzetten en nu ${amount} kopen`,
    now_back: "Terug, zonder iets te wijzigen",
  },
  de: {
    intro:
      "Kauft Guthaben mit Ihrer gespeicherten Karte, bevor es aufgebraucht ist, damit kein Anruf wegen fehlenden Guthabens endet.",
    card_title: "Ihre Karte",
    card: (brand, last4, until) =>
      `${cardName(brand, "Karte")} mit den Endziffern ${last4}, gültig bis ${until}`,
    not_charged: {
      title: (brand, last4) =>
        `${cardName(brand, "Die Karte")} mit den Endziffern ${last4} ist Ihre Standardkarte bei Stripe, wird aber nicht belastet`,
      text: (charged, may_change) =>
        `Sie wurde dort nicht für spätere Zahlungen eingerichtet, deshalb wird weiterhin die Karte mit den Endziffern ${charged} belastet. ${may_change ? "Soll stattdessen die andere belastet werden, geben Sie sie über „Karte ersetzen“ ein." : "Um das zu ändern, wenden Sie sich an einen Eigentümer Ihrer Organisation."}`,
    },
    no_card: "Noch ist keine Karte gespeichert. Speichern Sie zuerst eine; dafür wird nichts abgebucht.",
    save_card: "Karte speichern",
    replace_card: "Karte ersetzen",
    card_hint:
      "Sie geben sie auf der Seite von Stripe ein. Wir sehen die Nummer nie. Eine Karte, die Sie auf der Seite von Stripe als Standard wählen, wird nur belastet, wenn sie dort für spätere Zahlungen eingerichtet wurde; belastet wird die Karte, die hier steht.",
    remove_card: "Karte entfernen…",
    remove_sure: "Das automatische Aufladen wird damit ausgeschaltet.",
    remove_confirm: "Karte entfernen",
    not_sold: {
      title: "Hier wird kein Guthaben verkauft",
      text: "Diese Installation hat keinen Zahlungsanbieter.",
    },
    away: {
      title: "Das hat nicht geklappt",
      text: "Der Zahlungsanbieter antwortet nicht. Bitte versuchen Sie es gleich noch einmal.",
    },
    handing_over: {
      title: "Ihre Rechnungsdaten werden noch übermittelt",
      text: "Die Seite für Ihre Karte öffnet sich, sobald unser Zahlungsanbieter sie hat. Bitte versuchen Sie es in zehn Sekunden noch einmal.",
    },
    done: {
      on: "Das automatische Aufladen ist eingeschaltet",
      off: "Das automatische Aufladen ist ausgeschaltet",
      removed: "Die Karte ist entfernt und das automatische Aufladen ausgeschaltet",
      card_saved: "Ihre Karte ist gespeichert",
      card_not_saved: "Es wurde keine Karte gespeichert",
    },
    standing: "Status",
    state: "Automatisches Aufladen",
    on: "Ein",
    off: "Aus",
    paused: "Pausiert",
    obstacles: {
      off: "Es ist ausgeschaltet.",
      under_way: "Ein Kauf läuft.",
      organization_not_active: "Ihre Organisation ist nicht aktiv.",
      card_declined: "Pausiert, weil die Karte abgelehnt wurde. Ersetzen Sie die Karte, um fortzufahren.",
      authentication_required:
        "Pausiert, weil Ihre Bank eine Bestätigung der Zahlungen verlangt. Speichern Sie die Karte erneut.",
      refund: "Pausiert wegen einer Rückerstattung. Schalten Sie es unten wieder ein, um fortzufahren.",
      dispute:
        "Pausiert, weil eine Zahlung angefochten wurde. Schalten Sie es unten wieder ein, um fortzufahren.",
      adjustment:
        "Pausiert, weil eine Korrektur Ihr Guthaben unter die Grenze gebracht hat. Schalten Sie es unten wieder ein, um fortzufahren.",
      restore:
        "Pausiert, weil Ihr Konto aus einer Sicherung wiederhergestellt wurde. Schalten Sie es unten wieder ein, um fortzufahren.",
      customer_balance:
        "Pausiert, weil bei unserem Zahlungsanbieter noch ein offener Saldo von Ihnen besteht. Wir wissen davon. Schalten Sie es unten wieder ein, sobald das geklärt ist.",
      purchase_mismatch: "Pausiert, weil eine Zahlung anders eingegangen ist als erwartet. Wir klären das.",
      max_per_day: "Das Maximum für heute ist erreicht. Morgen geht es weiter.",
      monthly_cap:
        "Das Maximum für diesen Monat ist erreicht. Erhöhen Sie es, oder warten Sie bis zum nächsten Monat.",
      retry_later: "Der letzte Versuch ist fehlgeschlagen. Er wird automatisch wiederholt.",
    },
    ready: "Bereit: Es wird gekauft, sobald Ihr Guthaben unter die Grenze fällt.",
    confirm_at_bank: "Die Zahlung bei Ihrer Bank bestätigen",
    used: "Bisher",
    used_value: (times, amount) => `heute ${times}-mal, in diesem Monat ${amount} (UTC)`,
    last_failure: "Letzter Fehlversuch",
    settings_title: "Einstellungen",
    when: "Kaufen, wenn",
    when_kinds: {
      euros: "das Guthaben unter einem Betrag in Euro liegt",
      runway: "das Guthaben im jetzigen Tempo für weniger Minuten reicht",
    },
    threshold: "Grenze",
    threshold_hint: "Ein Betrag wie 10 oder 12,50, oder ganze Minuten wie 30.",
    amount: "Guthaben pro Kauf, in Euro zzgl. USt.",
    amount_hint: (min, max) => `Von ${min} bis ${max}.`,
    per_day: "Maximale Käufe pro Tag",
    per_day_hint: "Von 1 bis 10. Tage und Monate beginnen um Mitternacht UTC.",
    cap: "Maximum pro Monat, in Euro zzgl. USt.",
    cap_hint: "Mindestens der Betrag eines Kaufs.",
    consent: "Ich stimme zu",
    turn_on: "Einschalten",
    save: "Speichern",
    turn_off: "Ausschalten",
    errors: "Bitte prüfen Sie Folgendes:",
    wrong: {
      threshold: "Geben Sie einen Betrag von mindestens 0,01 ein, oder ganze Minuten von 1 bis 10080.",
      amount: "Geben Sie einen Betrag ein, der gekauft werden kann.",
      amount_below: "Geben Sie mehr als die Grenze ein: Sonst wird mehrmals hintereinander gekauft.",
      per_day: "Geben Sie eine Zahl von 1 bis 10 ein.",
      cap: "Geben Sie mindestens den Betrag eines Kaufs ein.",
      consent: "Ihre Karte wird nur belastet, wenn Sie zustimmen.",
    },
    now_title: (amount) => `Damit wird sofort Guthaben für ${amount} gekauft`,
    now_text: (remaining, limit) =>
      `Ihr Guthaben von ${remaining} liegt bereits unter der Grenze von ${limit}. USt. kommt hinzu.`,
    now_minutes: (minutes) => `${counted(minutes, "Minute", "Minuten")} im jetzigen Tempo`,
    now_confirm: (amount) => `Einschalten und jetzt ${amount} kaufen`,
    now_back: "Zurück, ohne etwas zu ändern",
  },
});
