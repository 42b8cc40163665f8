import type { TextFault } from "../../units/text";
import { inEveryLanguage } from "./languages";

/** Why a text cannot be taken, whatever it says. */
export const textWords = inEveryLanguage<(found: TextFault) => string>({
  en: ({ fault, sign }) =>
    ({
      direction: `This text contains an invisible character (${sign}) that changes its direction. Type it again instead of pasting it.`,
      line_break: "This must be a single line.",
      control: `This text contains a control character (${sign}). Type it again instead of pasting it.`,
      unknown_sign: `This text contains a character (${sign}) that is not in Unicode.`,
    })[fault],
  nl: ({ fault, sign }) =>
    ({
      direction: `Deze tekst bevat een onzichtbaar teken (${sign}) dat de leesrichting verandert. Typ de tekst in plaats van hem te plakken.`,
      line_break: "Dit moet één regel zijn.",
      control: `Deze tekst bevat een stuurteken (${sign}). Typ de tekst in plaats van hem te plakken.`,
      unknown_sign: `Deze tekst bevat een teken (${sign}) dat niet in Unicode voorkomt.`,
    })[fault],
  de: ({ fault, sign }) =>
    ({
      direction: `Dieser Text enthält ein unsichtbares Zeichen (${sign}), das die Leserichtung ändert. Tippen Sie ihn ein, statt ihn einzufügen.`,
      line_break: "Das muss eine einzelne Zeile sein.",
      control: `Dieser Text enthält ein Steuerzeichen (${sign}). Tippen Sie ihn ein, statt ihn einzufügen.`,
      unknown_sign: `Dieser Text enthält ein Zeichen (${sign}), das es in Unicode nicht gibt.`,
    })[fault],
});
