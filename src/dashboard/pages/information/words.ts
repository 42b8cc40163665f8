import type { VatIdProblem, VatIdState } from "../../../tax/vat-id";
import { inEveryLanguage } from "../../words/languages";

// Long because it is a dictionary in three languages: a page's words stay in one file, so that translators see them together.

type Field =
  | "company_name"
  | "email"
  | "line1"
  | "line2"
  | "postal_code"
  | "city"
  | "region"
  | "country"
  | "is_business"
  | "vat_id";

interface Words {
  intro: string;
  fields: Record<Field, string>;
  hints: Partial<Record<Field, string>>;
  wrong: Record<Field, string>;
  business: string;
  person: string;
  save: string;
  save_and_buy: string;
  saved: { title: string; text: string };
  errors: string;
  refused: { title: string };
  away: { title: string; text: string };
  vat_title: string;
  states: Record<VatIdState, string>;
  means: Record<VatIdState, string>;
  malformed: (problem: VatIdProblem) => string;
  not_business: string;
  checked: (time: string) => string;
  sources: Record<"vies" | "offline" | "stripe", string>;
  registered: string;
  none: string;
  next_purchase: string;
}

/** Who buys. */
export const informationWords = inEveryLanguage<Words>({
  en: {
    intro: "This appears on your invoices and determines which VAT is charged.",
    fields: {
      company_name: "Name on invoices",
      email: "E-mail for invoices",
      line1: "Street and number",
      line2: "Address line 2",
      postal_code: "Postal code",
      city: "City",
      region: "Province or state",
      country: "Country",
      is_business: "Who buys?",
      vat_id: "VAT ID",
    },
    hints: {
      company_name: "The company's, or your own when you buy as a person.",
      email: "Optional. Each invoice is also sent there.",
      line2: "Optional.",
      region: "Optional.",
      vat_id: "With the letters of the country, such as NL000099998B57. Leave it empty when you have none.",
    },
    wrong: {
      company_name: "Enter the name, at most 150 characters.",
      email: "Enter an e-mail address, or leave it empty.",
      line1: "Enter street and number, at most 200 characters.",
      line2: "At most 200 characters.",
      postal_code: "Enter the postal code: it is needed in the European Union.",
      city: "Enter the city, at most 100 characters.",
      region: "At most 100 characters.",
      country: "Choose a country.",
      is_business: "Choose who buys.",
      vat_id: "At most 80 characters.",
    },
    business: "A business",
    person: "A person",
    save: "Save",
    save_and_buy: "Save and continue to payment",
    saved: {
      title: "Saved",
      text: "It applies from the next purchase. Issued invoices stay as they are.",
    },
    errors: "Please correct the following:",
    refused: { title: "Saved, but it cannot be used for purchases yet" },
    away: {
      title: "Saved, and will be passed on",
      text: "The payment provider could not be reached. It will be informed before the next purchase.",
    },
    vat_title: "VAT",
    states: {
      none: "None",
      malformed: "Not readable",
      pending: "Being checked",
      valid: "Valid",
      invalid: "Not valid",
      unavailable: "Not checked yet",
    },
    means: {
      none: "Without a VAT ID, VAT is charged as to a consumer when you are in another EU country.",
      malformed: "VAT IDs of your country are written differently. VAT is charged as if there were none.",
      pending: "Until the check is done, VAT is charged as if there were none.",
      valid: "It is used for every purchase.",
      invalid:
        "The register does not know it, or not for trade between EU countries. VAT is charged as if there were none.",
      unavailable:
        "The EU's register is not answering at the moment. We will ask again automatically; until then VAT is charged as if there were none.",
    },
    malformed: (problem) => {
      if (problem.problem === "country_without_vat_ids")
        return "VAT IDs of your country are not used here: they change nothing.";
      const said = {
        other_country: "This VAT ID belongs to another country than your address.",
        national_number: `This is a national number${"name" in problem ? ` (${problem.name})` : ""}, not a VAT ID.`,
        format: "VAT IDs of your country are written differently.",
      }[problem.problem];
      return `${said} They look like ${problem.example}. VAT is charged as if there were none.`;
    },
    not_business: "A VAT ID is used for businesses only.",
    checked: (time) => `Checked on ${time}`,
    sources: {
      vies: "in the EU's register (VIES)",
      offline: "by its check digits only",
      stripe: "by Stripe",
    },
    registered: "Registered as",
    none: "–",
    next_purchase: "On the next purchase",
  },
  nl: {
    intro: "Dit staat op uw facturen en bepaalt welke btw wordt berekend.",
    fields: {
      company_name: "Naam op facturen",
      email: "E-mailadres voor facturen",
      line1: "Straat en nummer",
      line2: "Adresregel 2",
      postal_code: "Postcode",
      city: "Plaats",
      region: "Provincie of staat",
      country: "Land",
      is_business: "Wie koopt?",
      vat_id: "Btw-nummer",
    },
    hints: {
      company_name: "Van het bedrijf, of uw eigen naam als u als persoon koopt.",
      email: "Optioneel. Elke factuur wordt ook daarheen gestuurd.",
      line2: "Optioneel.",
      region: "Optioneel.",
      vat_id: "Met de letters van het land, zoals NL000099998B57. Laat leeg als u er geen hebt.",
    },
    wrong: {
      company_name: "Voer de naam in, hoogstens 150 tekens.",
      email: "Voer een e-mailadres in, of laat het leeg.",
      line1: "Voer straat en nummer in, hoogstens 200 tekens.",
      line2: "Hoogstens 200 tekens.",
      postal_code: "Voer de postcode in: die is in de Europese Unie nodig.",
      city: "Voer de plaats in, hoogstens 100 tekens.",
      region: "Hoogstens 100 tekens.",
      country: "Kies een land.",
      is_business: "Kies wie er koopt.",
      vat_id: "Hoogstens 80 tekens.",
    },
    business: "Een bedrijf",
    person: "Een persoon",
    save: "Opslaan",
    save_and_buy: "Opslaan en verder naar betalen",
    saved: {
      title: "Opgeslagen",
      text: "Het geldt vanaf de volgende aankoop. Uitgegeven facturen blijven zoals ze zijn.",
    },
    errors: "Controleer het volgende:",
    refused: { title: "Opgeslagen, maar nog niet bruikbaar voor aankopen" },
    away: {
      title: "Opgeslagen, en wordt doorgegeven",
      text: "De betaalprovider was niet bereikbaar. Deze krijgt de gegevens vóór de volgende aankoop.",
    },
    vat_title: "Btw",
    states: {
      none: "Geen",
      malformed: "Niet leesbaar",
      pending: "Wordt gecontroleerd",
      valid: "Geldig",
      invalid: "Niet geldig",
      unavailable: "Nog niet gecontroleerd",
    },
    means: {
      none: "Zonder btw-nummer wordt in een ander EU-land btw berekend zoals aan een consument.",
      malformed:
        "Zo worden btw-nummers van uw land niet geschreven. Er wordt btw berekend alsof het er niet is.",
      pending: "Tot de controle klaar is, wordt btw berekend alsof het er niet is.",
      valid: "Het wordt bij elke aankoop gebruikt.",
      invalid:
        "Het register kent het niet, of niet voor handel tussen EU-landen. Er wordt btw berekend alsof het er niet is.",
      unavailable:
        "Het EU-register antwoordt nu niet. Wij vragen het automatisch opnieuw op; tot dan wordt btw berekend alsof het er niet is.",
    },
    malformed: (problem) => {
      if (problem.problem === "country_without_vat_ids")
        return "Btw-nummers van uw land worden hier niet gebruikt: ze veranderen niets.";
      const said = {
        other_country: "Dit btw-nummer hoort bij een ander land dan uw adres.",
        national_number: `Dit is een nationaal nummer${"name" in problem ? ` (${problem.name})` : ""}, geen btw-nummer.`,
        format: "Zo worden btw-nummers van uw land niet geschreven.",
      }[problem.problem];
      return `${said} Ze zien eruit als ${problem.example}. Er wordt btw berekend alsof het er niet is.`;
    },
    not_business: "Een btw-nummer wordt alleen voor bedrijven gebruikt.",
    checked: (time) => `Gecontroleerd op ${time}`,
    sources: {
      vies: "in het EU-register (VIES)",
      offline: "alleen op controlecijfers",
      stripe: "door Stripe",
    },
    registered: "Geregistreerd als",
    none: "–",
    next_purchase: "Bij de volgende aankoop",
  },
  de: {
    intro: "Diese Angaben stehen auf Ihren Rechnungen und bestimmen, welche USt. anfällt.",
    fields: {
      company_name: "Name auf Rechnungen",
      email: "E-Mail für Rechnungen",
      line1: "Straße und Hausnummer",
      line2: "Adresszeile 2",
      postal_code: "Postleitzahl",
      city: "Ort",
      region: "Bundesland oder Provinz",
      country: "Land",
      is_business: "Wer kauft?",
      vat_id: "USt-IdNr.",
    },
    hints: {
      company_name: "Der Name der Firma, oder Ihr eigener, wenn Sie als Person kaufen.",
      email: "Optional. Jede Rechnung wird auch dorthin gesendet.",
      line2: "Optional.",
      region: "Optional.",
      vat_id: "Mit den Buchstaben des Landes, etwa NL000099998B57. Leer lassen, wenn Sie keine haben.",
    },
    wrong: {
      company_name: "Geben Sie den Namen ein, höchstens 150 Zeichen.",
      email: "Geben Sie eine E-Mail-Adresse ein, oder lassen Sie das Feld leer.",
      line1: "Geben Sie Straße und Hausnummer ein, höchstens 200 Zeichen.",
      line2: "Höchstens 200 Zeichen.",
      postal_code: "Geben Sie die Postleitzahl ein: In der Europäischen Union ist sie nötig.",
      city: "Geben Sie den Ort ein, höchstens 100 Zeichen.",
      region: "Höchstens 100 Zeichen.",
      country: "Wählen Sie ein Land.",
      is_business: "Wählen Sie, wer kauft.",
      vat_id: "Höchstens 80 Zeichen.",
    },
    business: "Ein Unternehmen",
    person: "Eine Person",
    save: "Speichern",
    save_and_buy: "Speichern und weiter zur Zahlung",
    saved: {
      title: "Gespeichert",
      text: "Es gilt ab dem nächsten Kauf. Ausgestellte Rechnungen bleiben, wie sie sind.",
    },
    errors: "Bitte prüfen Sie Folgendes:",
    refused: { title: "Gespeichert, aber damit kann noch nicht gekauft werden" },
    away: {
      title: "Gespeichert, und wird weitergegeben",
      text: "Der Zahlungsanbieter war nicht erreichbar. Er erhält die Angaben vor dem nächsten Kauf.",
    },
    vat_title: "USt.",
    states: {
      none: "Keine",
      malformed: "Nicht lesbar",
      pending: "Wird geprüft",
      valid: "Gültig",
      invalid: "Nicht gültig",
      unavailable: "Noch nicht geprüft",
    },
    means: {
      none: "Ohne USt-IdNr. fällt in einem anderen EU-Land USt. wie bei Verbrauchern an.",
      malformed: "USt-IdNrn. Ihres Landes werden anders geschrieben. USt. fällt an, als gäbe es keine.",
      pending: "Bis zum Ende der Prüfung fällt USt. an, als gäbe es keine.",
      valid: "Sie gilt für jeden Kauf.",
      invalid:
        "Das Register kennt sie nicht, oder nicht für den Handel zwischen EU-Ländern. USt. fällt an, als gäbe es keine.",
      unavailable:
        "Das Register der EU antwortet gerade nicht. Wir fragen automatisch erneut; bis dahin fällt USt. an, als gäbe es keine.",
    },
    malformed: (problem) => {
      if (problem.problem === "country_without_vat_ids")
        return "USt-IdNrn. Ihres Landes werden hier nicht verwendet: Sie ändern nichts.";
      const said = {
        other_country: "Diese USt-IdNr. gehört zu einem anderen Land als Ihre Adresse.",
        national_number: `Das ist eine nationale Nummer${"name" in problem ? ` (${problem.name})` : ""}, keine USt-IdNr.`,
        format: "USt-IdNrn. Ihres Landes werden anders geschrieben.",
      }[problem.problem];
      return `${said} Sie sehen aus wie ${problem.example}. USt. fällt an, als gäbe es keine.`;
    },
    not_business: "Eine USt-IdNr. gilt nur für Unternehmen.",
    checked: (time) => `Geprüft am ${time}`,
    sources: {
      vies: "im Register der EU (VIES)",
      offline: "nur anhand der Prüfziffern",
      stripe: "durch Stripe",
    },
    registered: "Eingetragen als",
    none: "–",
    next_purchase: "Beim nächsten Kauf",
  },
});
