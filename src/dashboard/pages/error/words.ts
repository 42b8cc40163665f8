import type { PageErrorCode } from "../../page-error";
import { inEveryLanguage } from "../../words/languages";

type Words = Record<PageErrorCode, { title: string; text: string }> & {
  back: string;
  again: string;
  overview: string;
  number: string;
};

/** Pages that say why there is nothing to see. */
export const errorWords = inEveryLanguage<Words>({
  en: {
    left: { title: "You have signed out", text: "Billing opens from your platform's settings." },
    link_unknown: {
      title: "This link does not work",
      text: "It is incomplete or not ours. Please open billing from your platform again.",
    },
    link_used: {
      title: "This link was used before",
      text: "Each link signs in once. Please open billing from your platform again.",
    },
    link_expired: {
      title: "This link is too old",
      text: "A link works for five minutes. Please open billing from your platform again.",
    },
    signed_out: {
      title: "You are not signed in",
      text: "Billing opens from your platform's settings. There is no password here.",
    },
    session_ended: {
      title: "You were signed out",
      text: "A session ends after eight hours, after 30 minutes without use, or with the key that opened it. Please open billing from your platform again.",
    },
    not_allowed: {
      title: "Your role does not allow this",
      text: "Nothing was changed. Ask an owner of your organization to do it, or to give you another role.",
    },
    not_found: {
      title: "There is nothing here",
      text: "The address is wrong, or what it led to is not yours.",
    },
    cross_site: {
      title: "This did not come from our own page",
      text: "Nothing was changed. Please open the page and send the form again.",
    },
    malformed: {
      title: "This form cannot be read",
      text: "Nothing was changed. Please open the page and send the form again.",
    },
    too_large: { title: "That is too much text", text: "Nothing was changed. Please send less." },
    too_many_sign_ins: {
      title: "Too many attempts",
      text: "Please wait a minute, then open billing from your platform again.",
    },
    too_many_requests: {
      title: "Too many requests",
      text: "Nothing was changed. Please wait ten seconds and try again.",
    },
    too_many_exports: {
      title: "Too many downloads",
      text: "Only a few files can be downloaded at once and per minute. Please wait a minute and try again.",
    },
    unavailable: {
      title: "This cannot be read at the moment",
      text: "Your credit and your calls are not affected. Please try again in a moment.",
    },
    fault: {
      title: "Something went wrong here",
      text: "Please try again. If it keeps happening, give us the number below.",
    },
    back: "Back to your platform",
    again: "Try again",
    overview: "To the overview",
    number: "Request",
  },
  nl: {
    left: { title: "U bent uitgelogd", text: "Facturering opent u vanuit de instellingen van uw platform." },
    link_unknown: {
      title: "Deze link werkt niet",
      text: "Hij is onvolledig of niet van ons. Open facturering opnieuw vanuit uw platform.",
    },
    link_used: {
      title: "Deze link is al gebruikt",
      text: "Met een link kunt u één keer inloggen. Open facturering opnieuw vanuit uw platform.",
    },
    link_expired: {
      title: "Deze link is verlopen",
      text: "Een link werkt vijf minuten. Open facturering opnieuw vanuit uw platform.",
    },
    signed_out: {
      title: "U bent niet ingelogd",
      text: "Facturering opent u vanuit de instellingen van uw platform. Een wachtwoord is hier niet nodig.",
    },
    session_ended: {
      title: "U bent uitgelogd",
      text: "Een sessie eindigt na acht uur, na 30 minuten zonder gebruik, of met de sleutel waarmee ze is geopend. Open facturering opnieuw vanuit uw platform.",
    },
    not_allowed: {
      title: "Uw rol staat dit niet toe",
      text: "Er is niets gewijzigd. Vraag een eigenaar van uw organisatie om het te doen of u een andere rol te geven.",
    },
    not_found: {
      title: "Hier is niets",
      text: "Het adres klopt niet, of waar het naartoe leidde is niet van u.",
    },
    cross_site: {
      title: "Dit kwam niet van onze eigen pagina",
      text: "Er is niets gewijzigd. Open de pagina en verstuur het formulier opnieuw.",
    },
    malformed: {
      title: "Dit formulier is niet te lezen",
      text: "Er is niets gewijzigd. Open de pagina en verstuur het formulier opnieuw.",
    },
    too_large: { title: "Dat is te veel tekst", text: "Er is niets gewijzigd. Verstuur minder." },
    too_many_sign_ins: {
      title: "Te veel pogingen",
      text: "Wacht een minuut en open facturering dan opnieuw vanuit uw platform.",
    },
    too_many_requests: {
      title: "Te veel verzoeken",
      text: "Er is niets gewijzigd. Wacht tien seconden en probeer het opnieuw.",
    },
    too_many_exports: {
      title: "Te veel downloads",
      text: "U kunt maar enkele bestanden tegelijk en per minuut downloaden. Wacht een minuut en probeer het opnieuw.",
    },
    unavailable: {
      title: "Dit kan nu niet worden gelezen",
      text: "Uw tegoed en uw gesprekken merken er niets van. Probeer het zo meteen opnieuw.",
    },
    fault: {
      title: "Hier ging iets mis",
      text: "Probeer het opnieuw. Blijft het zo, geef ons dan het nummer hieronder door.",
    },
    back: "Terug naar uw platform",
    again: "Opnieuw proberen",
    overview: "Naar het overzicht",
    number: "Verzoek",
  },
  de: {
    left: {
      title: "Sie haben sich abgemeldet",
      text: "Die Abrechnung öffnen Sie aus den Einstellungen Ihrer Plattform.",
    },
    link_unknown: {
      title: "Dieser Link funktioniert nicht",
      text: "Er ist unvollständig oder nicht von uns. Bitte öffnen Sie die Abrechnung erneut aus Ihrer Plattform.",
    },
    link_used: {
      title: "Dieser Link wurde schon benutzt",
      text: "Mit einem Link können Sie sich einmal anmelden. Bitte öffnen Sie die Abrechnung erneut aus Ihrer Plattform.",
    },
    link_expired: {
      title: "Dieser Link ist abgelaufen",
      text: "Ein Link gilt fünf Minuten. Bitte öffnen Sie die Abrechnung erneut aus Ihrer Plattform.",
    },
    signed_out: {
      title: "Sie sind nicht angemeldet",
      text: "Die Abrechnung öffnen Sie aus den Einstellungen Ihrer Plattform. Ein Passwort gibt es hier nicht.",
    },
    session_ended: {
      title: "Sie wurden abgemeldet",
      text: "Eine Sitzung endet nach acht Stunden, nach 30 Minuten ohne Nutzung oder mit dem Schlüssel, der sie geöffnet hat. Bitte öffnen Sie die Abrechnung erneut aus Ihrer Plattform.",
    },
    not_allowed: {
      title: "Ihre Rolle erlaubt das nicht",
      text: "Es wurde nichts geändert. Bitten Sie einen Eigentümer Ihrer Organisation darum oder um eine andere Rolle.",
    },
    not_found: {
      title: "Hier ist nichts",
      text: "Die Adresse stimmt nicht, oder das Ziel gehört nicht Ihnen.",
    },
    cross_site: {
      title: "Das kam nicht von unserer eigenen Seite",
      text: "Es wurde nichts geändert. Bitte öffnen Sie die Seite und senden Sie das Formular erneut.",
    },
    malformed: {
      title: "Dieses Formular ist nicht lesbar",
      text: "Es wurde nichts geändert. Bitte öffnen Sie die Seite und senden Sie das Formular erneut.",
    },
    too_large: { title: "Das ist zu viel Text", text: "Es wurde nichts geändert. Bitte senden Sie weniger." },
    too_many_sign_ins: {
      title: "Zu viele Versuche",
      text: "Bitte warten Sie eine Minute und öffnen Sie die Abrechnung dann erneut aus Ihrer Plattform.",
    },
    too_many_requests: {
      title: "Zu viele Anfragen",
      text: "Es wurde nichts geändert. Bitte warten Sie zehn Sekunden und versuchen Sie es erneut.",
    },
    too_many_exports: {
      title: "Zu viele Downloads",
      text: "Es lassen sich nur wenige Dateien gleichzeitig und pro Minute herunterladen. Bitte warten Sie eine Minute und versuchen Sie es erneut.",
    },
    unavailable: {
      title: "Das lässt sich gerade nicht lesen",
      text: "Ihr Guthaben und Ihre Anrufe sind nicht betroffen. Bitte versuchen Sie es gleich noch einmal.",
    },
    fault: {
      title: "Hier ist etwas schiefgegangen",
      text: "Bitte versuchen Sie es noch einmal. Bleibt es so, nennen Sie uns die Nummer unten.",
    },
    back: "Zurück zu Ihrer Plattform",
    again: "Noch einmal versuchen",
    overview: "Zur Übersicht",
    number: "Anfrage",
  },
});
