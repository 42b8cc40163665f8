/** SHA-256 (FIPS 180-4, section 6.2) of texts that are a few hundred bytes long: to call out of the runtime costs more than to work it out. */

/** The first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
const ROUND_CONSTANTS = Int32Array.from(
  `428a2f98 71374491 b5c0fbcf e9b5dba5 3956c25b 59f111f1 923f82a4 ab1c5ed5 d807aa98 12835b01 243185be 550c7dc3 72be5d74
  80deb1fe 9bdc06a7 c19bf174 e49b69c1 efbe4786 0fc19dc6 240ca1cc 2de92c6f 4a7484aa 5cb0a9dc 76f988da 983e5152 a831c66d
  b00327c8 bf597fc7 c6e00bf3 d5a79147 06ca6351 14292967 27b70a85 2e1b2138 4d2c6dfc 53380d13 650a7354 766a0abb 81c2c92e
  92722c85 a2bfe8a1 a81a664b c24b8b70 c76c51a3 d192e819 d6990624 f40e3585 106aa070 19a4c116 1e376c08 2748774c 34b0bcb5
  391c0cb3 4ed8aa4a 5b9cca4f 682e6ff3 748f82ee 78a5636f 84c87814 8cc70208 90befffa a4506ceb bef9a3f7 c67178f2`.split(
    /\s+/,
  ),
  (word) => Number.parseInt(word, 16),
);

/** The same of the square roots of the first eight. */
const INITIAL = Int32Array.from(
  "6a09e667 bb67ae85 3c6ef372 a54ff53a 510e527f 9b05688c 1f83d9ab 5be0cd19".split(" "),
  (word) => Number.parseInt(word, 16),
);

const BLOCK_BYTES = 64;
/** What follows the text: a byte, and its length in bits. */
const LEAST_PADDING = 9;

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
const utf8 = new TextEncoder();

// Nothing here waits, so that one of each is enough.
const state = new Int32Array(INITIAL.length);
const schedule = new Int32Array(ROUND_CONSTANTS.length);
let bytes = new Uint8Array(0);
let words = new DataView(bytes.buffer);

/** SHA-256 of a text in UTF-8, in lower-case hexadecimal. */
export function sha256OfShort(text: string): string {
  const length = write(text);
  const end = Math.ceil((length + LEAST_PADDING) / BLOCK_BYTES) * BLOCK_BYTES;
  bytes.fill(0, length, end);
  bytes[length] = 0x80;
  words.setUint32(end - 4, length * 8);
  state.set(INITIAL);
  for (let at = 0; at < end; at += BLOCK_BYTES) addBlock(at);
  let hex = "";
  for (let at = 0; at < INITIAL.length; at++) {
    const bits = word(at);
    hex += `${HEX[bits >>> 24]}${HEX[(bits >>> 16) & 255]}${HEX[(bits >>> 8) & 255]}${HEX[bits & 255]}`;
  }
  return hex;
}

/** Puts a text where blocks are read from, and answers its length in bytes. */
function write(text: string): number {
  const { length } = text;
  if (bytes.length < length * 3 + 2 * BLOCK_BYTES) {
    bytes = new Uint8Array(length * 3 + 2 * BLOCK_BYTES);
    words = new DataView(bytes.buffer);
  }
  for (let at = 0; at < length; at++) {
    const code = text.charCodeAt(at);
    if (code > 0x7f) return utf8.encodeInto(text, bytes).written;
    bytes[at] = code;
  }
  return length;
}

function addBlock(start: number): void {
  for (let at = 0; at < 16; at++) schedule[at] = words.getInt32(start + at * 4);
  for (let at = 16; at < 64; at++) {
    const x = schedule[at - 15] as number;
    const y = schedule[at - 2] as number;
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    schedule[at] = ((schedule[at - 16] as number) + s0 + (schedule[at - 7] as number) + s1) | 0;
  }
  let [a, b, c, d] = [word(0), word(1), word(2), word(3)];
  let [e, f, g, h] = [word(4), word(5), word(6), word(7)];
  for (let at = 0; at < 64; at++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const chosen = (e & f) ^ (~e & g);
    const t1 = (h + s1 + chosen + (ROUND_CONSTANTS[at] as number) + (schedule[at] as number)) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const majority = (a & b) ^ (a & c) ^ (b & c);
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + s0 + majority) | 0;
  }
  add(0, a);
  add(1, b);
  add(2, c);
  add(3, d);
  add(4, e);
  add(5, f);
  add(6, g);
  add(7, h);
}

function word(at: number): number {
  return state[at] as number;
}

function add(at: number, more: number): void {
  state[at] = (word(at) + more) | 0;
}
