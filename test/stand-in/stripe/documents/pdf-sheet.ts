import fontkit from "@pdf-lib/fontkit";
import { type Color, PDFDocument, type PDFFont, type PDFPage, rgb } from "pdf-lib";

/** TrueType files. Each must have every letter that is to be printed: what it lacks is printed as an empty box. */
export interface SheetFonts {
  regular: Uint8Array;
  bold: Uint8Array;
}

/** How a text is set. Positions are points from the left edge; `width` is where it wraps. */
export interface TextStyle {
  x: number;
  width: number;
  size: number;
  bold?: boolean;
  muted?: boolean;
  align?: "left" | "right";
}

const A4 = { width: 595.28, height: 841.89 };
export const MARGIN = 56;
export const INNER_WIDTH = A4.width - 2 * MARGIN;

const TOP = A4.height - MARGIN;
const BOTTOM = MARGIN + 24;
const INK = rgb(0.1, 0.12, 0.16);
const MUTED_INK = rgb(0.41, 0.44, 0.49);
const RULE = rgb(0.85, 0.87, 0.89);
const LINE_HEIGHT = 1.45;

/**
 * A4 pages that are written from top to bottom. `y` is the height at which the next thing goes, in points from the
 * lower edge; what does not fit on a page goes on the next one, line by line.
 */
export class Sheet {
  y = TOP;
  readonly pdf: PDFDocument;
  private readonly fonts: { regular: PDFFont; bold: PDFFont };
  private page: PDFPage;

  private constructor(pdf: PDFDocument, fonts: { regular: PDFFont; bold: PDFFont }) {
    this.pdf = pdf;
    this.fonts = fonts;
    this.page = this.newPage();
  }

  static async open({ regular, bold }: SheetFonts): Promise<Sheet> {
    const pdf = await PDFDocument.create({ updateMetadata: false });
    pdf.registerFontkit(fontkit);
    // Ligatures would come out as one sign when a number or a name is copied from the page.
    const options = { subset: true, features: { liga: false, clig: false } };
    const fonts = {
      regular: await pdf.embedFont(regular, options),
      bold: await pdf.embedFont(bold, options),
    };
    return new Sheet(pdf, fonts);
  }

  /** Writes a text, wrapped, from `y` on, and moves `y` below it. `onNewPage` is called after each page break. */
  write(text: string, style: TextStyle, onNewPage?: () => void): void {
    for (const line of this.wrap(text, style)) {
      if (this.makeRoom(style.size * LINE_HEIGHT)) onNewPage?.();
      this.y -= style.size * LINE_HEIGHT;
      this.put(line, this.y + style.size * 0.35, style);
    }
  }

  /** Writes columns side by side, each from the same height, and moves `y` below the longest. */
  writeBeside(columns: (() => void)[]): void {
    const top = this.y;
    const ends = columns.map((write) => {
      this.y = top;
      write();
      return this.y;
    });
    this.y = Math.min(top, ...ends);
  }

  /** Leaves an empty space. */
  skip(height: number): void {
    this.y -= height;
  }

  /** Draws a thin line across, from `x` to the right margin. */
  rule(x = MARGIN): void {
    const end = { x: A4.width - MARGIN, y: this.y };
    this.page.drawLine({ start: { x, y: this.y }, end, thickness: 0.6, color: RULE });
  }

  /** Begins a page when less than `height` is left on this one, and says whether it did. */
  makeRoom(height: number): boolean {
    if (this.y - height >= BOTTOM) return false;
    this.page = this.newPage();
    this.y = TOP;
    return true;
  }

  /** Writes one line at the foot of every page: a text on the left, the page's number on the right. */
  writeFeet(text: string): void {
    const pages = this.pdf.getPages();
    for (const [index, page] of pages.entries()) {
      this.page = page;
      const style = { x: MARGIN, width: INNER_WIDTH, size: 8, muted: true };
      this.put(text, MARGIN, style);
      this.put(`Page ${index + 1} of ${pages.length}`, MARGIN, { ...style, align: "right" });
    }
  }

  private newPage(): PDFPage {
    return this.pdf.addPage([A4.width, A4.height]);
  }

  private put(line: string, y: number, { x, width, size, bold, muted, align }: TextStyle): void {
    const font = bold ? this.fonts.bold : this.fonts.regular;
    const left = align === "right" ? x + width - font.widthOfTextAtSize(line, size) : x;
    const color: Color = muted ? MUTED_INK : INK;
    this.page.drawText(line, { x: left, y, size, font, color });
  }

  /** Lines no wider than the style allows, broken between words, or within one that is too wide alone. */
  private wrap(text: string, { width, size, bold }: TextStyle): string[] {
    const font = bold ? this.fonts.bold : this.fonts.regular;
    const fits = (line: string) => font.widthOfTextAtSize(line, size) <= width;
    return printable(text).flatMap((paragraph) => {
      const lines = [""];
      for (const word of paragraph.split(" ").flatMap((whole) => pieces(whole, fits))) {
        const longer = `${lines.at(-1)} ${word}`.trim();
        if (fits(longer)) lines[lines.length - 1] = longer;
        else lines.push(word);
      }
      return lines;
    });
  }
}

/** Paragraphs without control characters, in composed letters: fonts have one sign for ő, not for o and its accents. */
function printable(text: string): string[] {
  return text
    .normalize("NFC")
    .split(/\r?\n/)
    .map((paragraph) => paragraph.replace(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim());
}

function pieces(word: string, fits: (line: string) => boolean): string[] {
  const parts = [""];
  for (const letter of word) {
    const longer = `${parts.at(-1)}${letter}`;
    if (fits(longer)) parts[parts.length - 1] = longer;
    else parts.push(letter);
  }
  return parts;
}
