/// <reference types="vite/client" />

import regular from "dejavu-fonts-ttf/ttf/DejaVuSansCondensed.ttf?inline";
import bold from "dejavu-fonts-ttf/ttf/DejaVuSansCondensed-Bold.ttf?inline";
import { extractText, getDocumentProxy } from "unpdf";
import type { SheetFonts } from "../documents/pdf-sheet";

/** The fonts of `fontsFromDisk`, where there is no disk. */
export function fontsInBundle(): SheetFonts {
  return { regular: bytesOf(regular), bold: bytesOf(bold) };
}

function bytesOf(data_url: string): Uint8Array {
  const [, base64 = ""] = data_url.split(",");
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

/** What a reader of PDF finds on each page, in the order in which it was written, as it would be copied. */
export async function pagesOf(pdf: Uint8Array): Promise<string[]> {
  const { text } = await extractText(await getDocumentProxy(pdf.slice()));
  return text;
}
