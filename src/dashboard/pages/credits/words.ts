import type { PurchaseStatus } from "../../../storage/purchases/purchase-state";
import type { TaxReason, TaxTreatment } from "../../../tax/decide-tax";
import { cardName } from "../../words/card-names";
import { counted, inEveryLanguage } from "../../words/languages";

// Long because it is a dictionary in three languages: a page's words stay in one file, so that translators see them together.

interface Words {
  choose: string;
  own_amount: string;
  own_hint: (min: string, max: string) => string;
  own_wrong: (min: string, max: string) => string;
  show: string;
  minutes: (minutes: string) => string;
  pay_title: string;
  credit: string;
  vat: (rate: string) => string;
  total: string;
  why: (treatment: TaxTreatment, reason: TaxReason) => string;
  card: (brand: string, last4: string) => string;
  save_card: string;
  save_card_hint: string;
  pay: (total: string) => string;
  pay_hint: string;
  profile_title: string;
  profile_text: string;
  profile_link: string;
  not_sold: { title: string; text: string };
  refused: Record<
    "payments_unavailable" | "organization_closed" | "changed" | "profile_sync" | "request_in_progress",
    { title: string; text: string }
  >;
  payment_refused: string;
  earlier: string;
  when: string;
  amount: string;
  state: string;
  none: string;
  go_on: string;
  states: Record<PurchaseStatus, string>;
  result: Record<PurchaseStatus, { title: string; text: string }>;
  added: string;
  taken_back: string;
  balance_now: string;
  to_overview: string;
  to_invoices: string;
  to_payment: string;
  again: string;
  automatic: string;
}

/** Buying credit. */
export const creditsWords = inEveryLanguage<Words>({
  en: {
    choose: "How much?",
    own_amount: "Another amount in euros, before VAT",
    own_hint: (min, max) => `From ${min} to ${max}.`,
    own_wrong: (min, max) => `Enter an amount from ${min} to ${max}, such as 75 or 12.50.`,
    show: "Show the total",
    minutes: (minutes) => counted(minutes, "minute", "minutes"),
    pay_title: "What you pay",
    credit: "Credit",
    vat: (rate) => `VAT ${rate}`,
    total: "Total",
    why: (treatment, reason) => {
      if (treatment === "reverse_charge")
        return "Reverse charge: no VAT is charged here because your VAT ID is valid. You account for it in your own return.";
      if (treatment === "outside_scope" || treatment === "not_supported")
        return "No EU VAT is charged where your address is.";
      if (treatment === "domestic" || reason === "same_country") return "The VAT of your country.";
      if (reason === "consumer" || reason === "no_vat_id")
        return "The VAT of your country. A business in another EU country pays none with a valid VAT ID.";
      if (reason === "vat_id_pending" || reason === "vat_id_unavailable")
        return "Your VAT ID could not be checked yet, so VAT is charged. It will be checked again automatically.";
      return "Your VAT ID is not valid for your address, so VAT is charged.";
    },
    card: (brand, last4) =>
      `Saved card: ${cardName(brand, "card")} ending in ${last4}. You can use another one on the next page.`,
    save_card: "Save the card for auto top-up",
    save_card_hint: "Nothing is charged automatically until you turn on auto top-up.",
    pay: (total) => `Pay ${total}`,
    pay_hint: "You pay on Stripe's page. The credit is added within seconds of the payment.",
    profile_title: "First, who is buying?",
    profile_text: "Your invoice needs a name and an address, which also determine the VAT.",
    profile_link: "Enter billing information",
    not_sold: { title: "No credit is sold here", text: "This installation has no payment provider." },
    refused: {
      payments_unavailable: {
        title: "The payment page could not be opened",
        text: "Nothing was charged. Please try again in a moment: it will be the same purchase.",
      },
      profile_sync: {
        title: "Your billing information is still being passed on",
        text: "The payment page opens once our payment provider has it. Nothing was charged. Please try again in ten seconds: it will be the same purchase.",
      },
      request_in_progress: {
        title: "This purchase is already being opened",
        text: "Nothing was charged. Please try again in a moment: it will be the same purchase.",
      },
      organization_closed: { title: "Your organization is closed", text: "No credit can be bought for it." },
      changed: {
        title: "This form was used for another purchase",
        text: "Nothing was charged. Please look at the amount and pay again.",
      },
    },
    payment_refused: "The purchase could not be opened",
    earlier: "Earlier purchases",
    when: "When",
    amount: "Credit",
    state: "Status",
    none: "Nothing bought yet.",
    go_on: "Continue to payment",
    states: {
      created: "Being prepared",
      open: "Not paid yet",
      requires_action: "To be confirmed",
      paid: "Paid, credit follows",
      credited: "Credit added",
      expired: "Expired, not charged",
      failed: "Failed, not charged",
      mismatch: "We are looking into it",
      refunded: "Refunded",
      closed: "Closed without credit",
    },
    result: {
      created: { title: "Your payment page is being prepared", text: "It opens in a moment." },
      open: {
        title: "Not paid yet",
        text: "We have not received a payment yet. If you have just paid, this page will update automatically.",
      },
      requires_action: {
        title: "Your bank asks you to confirm the payment",
        text: "Once you confirm it, the credit is added at once.",
      },
      paid: { title: "Payment received", text: "Your credit is being added. This takes a moment." },
      credited: { title: "Your credit has been added", text: "Calls can use it from now on." },
      expired: { title: "The payment page has closed", text: "Nothing was charged." },
      failed: { title: "The payment failed", text: "Nothing was charged." },
      mismatch: {
        title: "We are looking into this payment",
        text: "The amount paid differs from the amount due. You need not do anything: we will contact you.",
      },
      refunded: { title: "We have refunded this payment", text: "No credit was added for it." },
      closed: { title: "This purchase is closed", text: "No credit was added for it." },
    },
    added: "Credit added",
    taken_back: "Taken back since (refund or dispute)",
    balance_now: "Balance now",
    to_overview: "To the overview",
    to_invoices: "To the invoices",
    to_payment: "To the payment page",
    again: "Buy again",
    automatic: "auto top-up",
  },
  nl: {
    choose: "Hoeveel?",
    own_amount: "Een ander bedrag in euro's, exclusief btw",
    own_hint: (min, max) => `Van ${min} tot ${max}.`,
    own_wrong: (min, max) => `Voer een bedrag in van ${min} tot ${max}, zoals 75 of 12,50.`,
    show: "Totaal tonen",
    minutes: (minutes) => counted(minutes, "minuut", "minuten"),
    pay_title: "Wat u betaalt",
    credit: "Tegoed",
    vat: (rate) => `Btw ${rate}`,
    total: "Totaal",
    why: (treatment, reason) => {
      if (treatment === "reverse_charge")
        return "Btw verlegd: hier wordt geen btw berekend omdat uw btw-nummer geldig is. U geeft de btw zelf aan.";
      if (treatment === "outside_scope" || treatment === "not_supported")
        return "Op uw adres wordt geen btw van de EU berekend.";
      if (treatment === "domestic" || reason === "same_country") return "De btw van uw land.";
      if (reason === "consumer" || reason === "no_vat_id")
        return "De btw van uw land. Een bedrijf in een ander EU-land betaalt geen btw met een geldig btw-nummer.";
      if (reason === "vat_id_pending" || reason === "vat_id_unavailable")
        return "Uw btw-nummer kon nog niet worden gecontroleerd, daarom wordt btw berekend. Het wordt automatisch opnieuw gecontroleerd.";
      return "Uw btw-nummer is niet geldig voor uw adres, daarom wordt btw berekend.";
    },
    card: (brand, last4) =>
      `Opgeslagen kaart: ${cardName(brand, "kaart")} eindigend op ${last4}. Op de volgende pagina kunt u een andere gebruiken.`,
    save_card: "Kaart opslaan voor automatisch opwaarderen",
    save_card_hint: "Er wordt niets automatisch afgeschreven totdat u automatisch opwaarderen aanzet.",
    pay: (total) => `Betaal ${total}`,
    pay_hint:
      "U betaalt op de pagina van Stripe. Het tegoed wordt binnen enkele seconden na de betaling toegevoegd.",
    profile_title: "Eerst: wie koopt er?",
    profile_text: "Op uw factuur staan een naam en een adres, die ook de btw bepalen.",
    profile_link: "Factuurgegevens invullen",
    not_sold: {
      title: "Hier wordt geen tegoed verkocht",
      text: "Deze installatie heeft geen betaalprovider.",
    },
    refused: {
      payments_unavailable: {
        title: "De betaalpagina kon niet worden geopend",
        text: "Er is niets afgeschreven. Probeer het zo meteen opnieuw: het blijft dezelfde aankoop.",
      },
      profile_sync: {
        title: "Uw factuurgegevens worden nog doorgegeven",
        text: "De betaalpagina opent zodra onze betaalprovider ze heeft. Er is niets afgeschreven. Probeer het over tien seconden opnieuw: het blijft dezelfde aankoop.",
      },
      request_in_progress: {
        title: "Deze aankoop wordt al geopend",
        text: "Er is niets afgeschreven. Probeer het zo meteen opnieuw: het blijft dezelfde aankoop.",
      },
      organization_closed: {
        title: "Uw organisatie is gesloten",
        text: "Er kan geen tegoed voor worden gekocht.",
      },
      changed: {
        title: "Dit formulier is voor een andere aankoop gebruikt",
        text: "Er is niets afgeschreven. Controleer het bedrag en betaal opnieuw.",
      },
    },
    payment_refused: "De aankoop kon niet worden geopend",
    earlier: "Eerdere aankopen",
    when: "Wanneer",
    amount: "Tegoed",
    state: "Status",
    none: "Nog niets gekocht.",
    go_on: "Verder naar betalen",
    states: {
      created: "Wordt voorbereid",
      open: "Nog niet betaald",
      requires_action: "Te bevestigen",
      paid: "Betaald, tegoed volgt",
      credited: "Tegoed toegevoegd",
      expired: "Verlopen, niet afgeschreven",
      failed: "Mislukt, niet afgeschreven",
      mismatch: "Wij zoeken het uit",
      refunded: "Terugbetaald",
      closed: "Gesloten zonder tegoed",
    },
    result: {
      created: { title: "Uw betaalpagina wordt voorbereid", text: "Hij opent zo meteen." },
      open: {
        title: "Nog niet betaald",
        text: "Wij hebben nog geen betaling ontvangen. Hebt u net betaald, dan wordt deze pagina automatisch bijgewerkt.",
      },
      requires_action: {
        title: "Uw bank vraagt om bevestiging",
        text: "Na uw bevestiging wordt het tegoed meteen toegevoegd.",
      },
      paid: { title: "Betaling ontvangen", text: "Uw tegoed wordt toegevoegd. Dat duurt even." },
      credited: { title: "Uw tegoed is toegevoegd", text: "Gesprekken kunnen het vanaf nu gebruiken." },
      expired: { title: "De betaalpagina is gesloten", text: "Er is niets afgeschreven." },
      failed: { title: "De betaling is mislukt", text: "Er is niets afgeschreven." },
      mismatch: {
        title: "Wij zoeken deze betaling uit",
        text: "Het betaalde bedrag wijkt af van het gevraagde bedrag. U hoeft niets te doen: wij nemen contact op.",
      },
      refunded: {
        title: "Wij hebben deze betaling terugbetaald",
        text: "Er is geen tegoed voor toegevoegd.",
      },
      closed: { title: "Deze aankoop is gesloten", text: "Er is geen tegoed voor toegevoegd." },
    },
    added: "Tegoed toegevoegd",
    taken_back: "Sindsdien teruggenomen (terugbetaling of betwisting)",
    balance_now: "Saldo nu",
    to_overview: "Naar het overzicht",
    to_invoices: "Naar de facturen",
    to_payment: "Naar de betaalpagina",
    again: "Opnieuw kopen",
    automatic: "automatisch opgewaardeerd",
  },
  de: {
    choose: "Wie viel?",
    own_amount: "Ein anderer Betrag in Euro, zzgl. USt.",
    own_hint: (min, max) => `Von ${min} bis ${max}.`,
    own_wrong: (min, max) => `Geben Sie einen Betrag von ${min} bis ${max} ein, etwa 75 oder 12,50.`,
    show: "Gesamtbetrag anzeigen",
    minutes: (minutes) => counted(minutes, "Minute", "Minuten"),
    pay_title: "Was Sie bezahlen",
    credit: "Guthaben",
    vat: (rate) => `USt. ${rate}`,
    total: "Gesamt",
    why: (treatment, reason) => {
      if (treatment === "reverse_charge")
        return "Steuerschuldnerschaft des Leistungsempfängers: Hier fällt keine USt. an, weil Ihre USt-IdNr. gültig ist. Sie führen die Steuer selbst ab.";
      if (treatment === "outside_scope" || treatment === "not_supported")
        return "An Ihrer Adresse fällt keine USt. der EU an.";
      if (treatment === "domestic" || reason === "same_country") return "Die USt. Ihres Landes.";
      if (reason === "consumer" || reason === "no_vat_id")
        return "Die USt. Ihres Landes. Unternehmen in anderen EU-Ländern zahlen mit gültiger USt-IdNr. keine.";
      if (reason === "vat_id_pending" || reason === "vat_id_unavailable")
        return "Ihre USt-IdNr. konnte noch nicht geprüft werden, daher fällt USt. an. Sie wird automatisch erneut geprüft.";
      return "Ihre USt-IdNr. gilt nicht für Ihre Adresse, daher fällt USt. an.";
    },
    card: (brand, last4) =>
      `Gespeicherte Karte: ${cardName(brand, "Karte")} mit den Endziffern ${last4}. Auf der nächsten Seite können Sie eine andere verwenden.`,
    save_card: "Karte für das automatische Aufladen speichern",
    save_card_hint: "Es wird nichts automatisch abgebucht, bis Sie das automatische Aufladen einschalten.",
    pay: (total) => `${total} bezahlen`,
    pay_hint:
      "Sie bezahlen auf der Seite von Stripe. Das Guthaben wird wenige Sekunden nach der Zahlung gebucht.",
    profile_title: "Zuerst: Wer kauft?",
    profile_text: "Ihre Rechnung braucht Namen und Adresse; danach richtet sich auch die USt.",
    profile_link: "Rechnungsdaten eingeben",
    not_sold: {
      title: "Hier wird kein Guthaben verkauft",
      text: "Diese Installation hat keinen Zahlungsanbieter.",
    },
    refused: {
      payments_unavailable: {
        title: "Die Zahlungsseite ließ sich nicht öffnen",
        text: "Es wurde nichts abgebucht. Bitte versuchen Sie es gleich noch einmal: Es bleibt derselbe Kauf.",
      },
      profile_sync: {
        title: "Ihre Rechnungsdaten werden noch übermittelt",
        text: "Die Zahlungsseite öffnet sich, sobald unser Zahlungsanbieter sie hat. Es wurde nichts abgebucht. Bitte versuchen Sie es in zehn Sekunden noch einmal: Es bleibt derselbe Kauf.",
      },
      request_in_progress: {
        title: "Dieser Kauf wird bereits geöffnet",
        text: "Es wurde nichts abgebucht. Bitte versuchen Sie es gleich noch einmal: Es bleibt derselbe Kauf.",
      },
      organization_closed: {
        title: "Ihre Organisation ist geschlossen",
        text: "Für sie kann kein Guthaben gekauft werden.",
      },
      changed: {
        title: "Dieses Formular wurde für einen anderen Kauf benutzt",
        text: "Es wurde nichts abgebucht. Bitte prüfen Sie den Betrag und bezahlen Sie erneut.",
      },
    },
    payment_refused: "Der Kauf ließ sich nicht beginnen",
    earlier: "Frühere Käufe",
    when: "Wann",
    amount: "Guthaben",
    state: "Status",
    none: "Noch nichts gekauft.",
    go_on: "Weiter zur Zahlung",
    states: {
      created: "Wird vorbereitet",
      open: "Noch nicht bezahlt",
      requires_action: "Zu bestätigen",
      paid: "Bezahlt, Guthaben folgt",
      credited: "Guthaben gebucht",
      expired: "Abgelaufen, nicht abgebucht",
      failed: "Fehlgeschlagen, nicht abgebucht",
      mismatch: "Wir klären das",
      refunded: "Erstattet",
      closed: "Ohne Guthaben geschlossen",
    },
    result: {
      created: { title: "Ihre Zahlungsseite wird vorbereitet", text: "Sie öffnet sich gleich." },
      open: {
        title: "Noch nicht bezahlt",
        text: "Wir haben noch keine Zahlung erhalten. Haben Sie gerade bezahlt, aktualisiert sich diese Seite automatisch.",
      },
      requires_action: {
        title: "Ihre Bank bittet um Bestätigung",
        text: "Nach Ihrer Bestätigung wird das Guthaben sofort gebucht.",
      },
      paid: { title: "Zahlung eingegangen", text: "Ihr Guthaben wird gebucht. Das dauert einen Moment." },
      credited: { title: "Ihr Guthaben ist gebucht", text: "Anrufe können es ab sofort nutzen." },
      expired: { title: "Die Zahlungsseite ist geschlossen", text: "Es wurde nichts abgebucht." },
      failed: { title: "Die Zahlung ist fehlgeschlagen", text: "Es wurde nichts abgebucht." },
      mismatch: {
        title: "Wir klären diese Zahlung",
        text: "Der gezahlte Betrag weicht vom geforderten ab. Sie müssen nichts tun: Wir melden uns.",
      },
      refunded: { title: "Wir haben diese Zahlung erstattet", text: "Dafür wurde kein Guthaben gebucht." },
      closed: { title: "Dieser Kauf ist geschlossen", text: "Dafür wurde kein Guthaben gebucht." },
    },
    added: "Gebuchtes Guthaben",
    taken_back: "Seitdem zurückgebucht (Erstattung oder Anfechtung)",
    balance_now: "Guthaben jetzt",
    to_overview: "Zur Übersicht",
    to_invoices: "Zu den Rechnungen",
    to_payment: "Zur Zahlungsseite",
    again: "Erneut kaufen",
    automatic: "automatisch aufgeladen",
  },
});
