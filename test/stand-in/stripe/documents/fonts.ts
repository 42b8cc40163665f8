import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { SheetFonts } from "./pdf-sheet.ts";

/** Letters for every European name. Read from disk, so in Node only. */
export function fontsFromDisk(): SheetFonts {
  const read = (name: string) =>
    new Uint8Array(readFileSync(fileURLToPath(import.meta.resolve(`dejavu-fonts-ttf/ttf/${name}.ttf`))));
  return { regular: read("DejaVuSansCondensed"), bold: read("DejaVuSansCondensed-Bold") };
}
