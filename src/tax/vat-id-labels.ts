import { cleanText } from "../units/text";

/**
 * What people write before a VAT ID, in the languages of the Union, Norway and Switzerland, without accents, signs and
 * spaces: what such a number is called, and what stands before and behind that.
 */
const NAMES = [
  ..."VAT TAX BTW OB UST UMSATZSTEUER MWST MEHRWERTSTEUER UID TVA IVA PIVA PARTITAIVA NIF CIF NIPC CONTRIBUINTE".split(
    " ",
  ),
  ..."NIP CVR SENR MOMS ORG ORGANISATIONS MVA ALV YTUNNUS KMKR KMK PVN PVM PVMMOKETOJO DIC DICDPH ICDPH DPH".split(
    " ",
  ),
  ..."ADOSZAM KOZOSSEGIADOSZAM EUADOSZAM EUROPAIADOSZAM DDV IDDDV IDZADDV PDV OIB CUI ДДС ЗДДС ИНПОЗДДС ΑΦΜ AFM CBL".split(
    " ",
  ),
  // Of other numbers, which are told apart then.
  ..."ONDERNEMINGS ENTREPRISE SIREN SIRET RSIN KVK STEUER ST REGON ICO CRO".split(" "),
];
const BEFORE = "N NO NR NUM NUMERO NUMER NUMAR CODICE CODIGO CODE COD CF ID DE DI DEL D LA".split(" ");
const BEHIND = [
  ..."NO NR NUM NUMBER NUMMER NUMERO NUMER NRO NUMMERET STEVILKA BROJ KODAS KOD CISLO SZAM".split(" "),
  ..."ID IDENT IDENTIFICATION IDENTIFICATIE IDENTIFIKATION IDENTIFIKATIONS".split(" "),
  ..."REG REGISTRATION REGISTRERINGS EU UE INTRA INTRACOM INTRACOMMUNAUTAIRE".split(" "),
];
const LABEL = new RegExp(
  `^(?:${BEFORE.join("|")})*(?:${NAMES.join("|")})(?:${[...NAMES, ...BEHIND].join("|")})*$`,
  "u",
);
const MAX_LABEL_LENGTH = 48;

/** A VAT ID in capitals, without white space, signs and accents: `*` and `+` may be part of an Irish one. */
export function compactForm(text: string): string {
  const compact = cleanText(text)
    .normalize("NFKD")
    .toUpperCase()
    .replace(/[\s\p{P}\p{Cf}\p{M}°|]/gu, (sign) => (sign === "*" ? sign : ""));
  return compact
    .replace(/^ΕΛ(?=\d)/u, "EL")
    .replace(/^GR(?=\d{9}$)/, "EL")
    .replace(/^XI(?=(\d{9}|\d{12})$)/, "GB")
    .replace(/^BE(?=\d{9}$)/, "BE0")
    .replace(/^CH(?=\d{9})/, "CHE");
}

/**
 * What a compact form may be without a label, the form itself first: `BTWNL004495445B01` may be `NL004495445B01`, and
 * `BEBTW0428759497`, with the country before its label, `BE0428759497`.
 */
export function withoutLabels(compact: string, prefix: string): string[] {
  const after_prefix = compact.startsWith(prefix) ? compact.slice(prefix.length) : null;
  return [
    compact,
    ...unlabelled(compact).map((rest) => compactForm(rest)),
    ...(after_prefix === null ? [] : unlabelled(after_prefix).map((rest) => compactForm(`${prefix}${rest}`))),
  ];
}

/** Each rest that is left when what stands before it is a label. */
function unlabelled(compact: string): string[] {
  const [letters = ""] = /^\p{L}+/u.exec(compact.slice(0, MAX_LABEL_LENGTH)) ?? [];
  return [...letters]
    .map((_, at) => at + 1)
    .filter((length) => LABEL.test(letters.slice(0, length)))
    .map((length) => compact.slice(length));
}

/**
 * What a text may end with, in compact form, from each sign on that begins a word: behind words that are no label known here,
 * as in "gemäß § 27 a Umsatzsteuergesetz: DE123456789", a whole VAT ID can be told by its country's prefix.
 */
export function endingsOf(text: string): string[] {
  return [...text.matchAll(/(?<![\p{L}\p{N}])[\p{L}\p{N}]/gu)].map(({ index }) =>
    compactForm(text.slice(index)),
  );
}
