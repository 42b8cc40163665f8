import type { InvoiceRow } from "../../../storage/purchases/invoices";
import { inEveryLanguage } from "../../words/languages";

interface Words {
  number: string;
  date: string;
  kind: string;
  net: string;
  vat: string;
  gross: string;
  state: string;
  file: string;
  kinds: Record<InvoiceRow["kind"], string>;
  states: Record<InvoiceRow["status"], string>;
  corrects: (number: string) => string;
  reverse_charge: string;
  download: string;
  pdf_of: (number: string) => string;
  draft: string;
  none: { title: string; text: string };
  newest: string;
  older: string;
  pages: string;
  away: { title: string; text: string };
}

/** Documents of purchases. */
export const invoicesWords = inEveryLanguage<Words>({
  en: {
    number: "Number",
    date: "Date",
    kind: "Document",
    net: "Net",
    vat: "VAT",
    gross: "Gross",
    state: "Status",
    file: "File",
    kinds: { invoice: "Invoice", credit_note: "Credit note" },
    states: { open: "Open", paid: "Paid", void: "Void", issued: "Issued" },
    corrects: (number) => `corrects ${number}`,
    reverse_charge: "reverse charge",
    download: "PDF",
    pdf_of: (number) => `PDF of ${number}`,
    draft: "–",
    none: {
      title: "No invoices yet",
      text: "Each purchase of credit has one. It appears here within a minute.",
    },
    newest: "Newest",
    older: "Older",
    pages: "Pages of invoices",
    away: { title: "The file cannot be fetched at the moment", text: "Please try again in a moment." },
  },
  nl: {
    number: "Nummer",
    date: "Datum",
    kind: "Document",
    net: "Netto",
    vat: "Btw",
    gross: "Bruto",
    state: "Status",
    file: "Bestand",
    kinds: { invoice: "Factuur", credit_note: "Creditnota" },
    states: { open: "Open", paid: "Betaald", void: "Vervallen", issued: "Uitgegeven" },
    corrects: (number) => `corrigeert ${number}`,
    reverse_charge: "btw verlegd",
    download: "PDF",
    pdf_of: (number) => `PDF van ${number}`,
    draft: "–",
    none: {
      title: "Nog geen facturen",
      text: "Bij elke aankoop van tegoed hoort een factuur. Die staat hier binnen een minuut.",
    },
    newest: "Nieuwste",
    older: "Ouder",
    pages: "Pagina's met facturen",
    away: { title: "Het bestand kan nu niet worden opgehaald", text: "Probeer het zo meteen opnieuw." },
  },
  de: {
    number: "Nummer",
    date: "Datum",
    kind: "Beleg",
    net: "Netto",
    vat: "USt.",
    gross: "Brutto",
    state: "Status",
    file: "Datei",
    kinds: { invoice: "Rechnung", credit_note: "Gutschrift" },
    states: { open: "Offen", paid: "Bezahlt", void: "Ungültig", issued: "Ausgestellt" },
    corrects: (number) => `korrigiert ${number}`,
    reverse_charge: "Steuerschuld beim Empfänger",
    download: "PDF",
    pdf_of: (number) => `PDF von ${number}`,
    draft: "–",
    none: {
      title: "Noch keine Rechnungen",
      text: "Zu jedem Kauf gehört eine Rechnung. Sie erscheint hier innerhalb einer Minute.",
    },
    newest: "Neueste",
    older: "Ältere",
    pages: "Seiten der Rechnungen",
    away: {
      title: "Die Datei lässt sich gerade nicht abrufen",
      text: "Bitte versuchen Sie es gleich noch einmal.",
    },
  },
});
