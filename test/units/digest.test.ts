import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { sha256HexNow } from "../../src/units/digest";
import { sha256OfShort } from "../../src/units/sha256";
import { Random } from "../support/random";

const expected = (text: string) => createHash("sha256").update(text, "utf8").digest("hex");

/** Alphabets of one to four bytes a character, and halves of such that stand alone. */
const ALPHABETS = ["ab09+:", "é£ß", "€漢ｶ", "😀𝄞", "a\ud83d", "\udc00z\u0000"];

test("a digest is SHA-256, as the standard's own examples have it", () => {
  // FIPS 180-2, appendix B.1 and B.2, and of nothing.
  expect(sha256HexNow("")).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  expect(sha256HexNow("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  expect(sha256HexNow("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")).toBe(
    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
  );
});

test("and the same as the runtime's own, of any text of any length, one after the other", () => {
  const random = new Random(256);
  const differing: string[] = [];
  for (const alphabet of ALPHABETS)
    for (let length = 0; length <= 700; length++) {
      let text = "";
      while (text.length < length) text += alphabet[random.between(0, alphabet.length - 1)];
      if (sha256HexNow(text) !== expected(text) || sha256OfShort(text) !== expected(text))
        differing.push(`${length} of ${JSON.stringify(alphabet)}`);
    }
  expect(differing).toEqual([]);
});
