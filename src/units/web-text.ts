const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

/**
 * Whether the percent-encoding of a URL, or of a form, is complete and of UTF-8 (RFC 3986, section 2.5). Decoders make one
 * and the same replacement of whatever is not, or leave it as it stands: two ids would read as one.
 */
export function isWellEncoded(text: string): boolean {
  if (!text.includes("%")) return true;
  try {
    decodeURIComponent(text);
    return true;
  } catch (error) {
    if (error instanceof URIError) return false;
    throw error;
  }
}

/**
 * Whether a URL is written without what parsers silently drop (tabs, line breaks, spaces and controls around it: WHATWG URL,
 * section 4.4), so that what is kept is what is called.
 */
export function isWrittenOut(url: string): boolean {
  return !/[\s\p{C}]/u.test(url);
}

/** UTF-8 as text; null when the bytes are something else. */
export function utf8Text(bytes: Uint8Array | ArrayBuffer): string | null {
  try {
    return strict.decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}
