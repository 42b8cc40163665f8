import { describe, expect, test } from "vitest";
import type { Country } from "../../src/numbers/calling-codes";
import { type NumberingPlan, readNumber } from "../../src/numbers/read-number";

type Case = [dialled: string, kind: string, normalized: string];

function read(dialled: string, plan: NumberingPlan) {
  const { kind, normalized, as_dialled } = readNumber(dialled, plan);
  expect(as_dialled).toBe(dialled);
  return [dialled, kind, normalized];
}

/** What people dial in ten countries: within the country, out of it, short, and for help in each spelling. */
const COUNTRIES: Record<string, Case[]> = {
  NL: [
    ["+31201234567", "e164", "+31201234567"],
    ["0201234567", "e164", "+31201234567"],
    ["020-123 45 67", "e164", "+31201234567"],
    ["0031 20 123 4567", "e164", "+31201234567"],
    ["+31 (0)20 123 4567", "e164", "+31201234567"],
    ["31201234567", "e164", "+31201234567"],
    ["06 12345678", "e164", "+31612345678"],
    ["0900-8844", "e164", "+319008844"],
    ["001 212 555 0123", "e164", "+12125550123"],
    ["tel:+31-20-1234567", "e164", "+31201234567"],
    ["tel:0201234567;phone-context=+31", "e164", "+31201234567"],
    ["tel:20-1234567;phone-context=+31;ext=12", "e164", "+31201234567"],
    ["tel:2079460000;phone-context=+44", "e164", "+442079460000"],
    ["tel:7042;phone-context=+1-201-555", "e164", "+12015557042"],
    ["tel:0201234567;phone-context=pbx.example.com", "e164", "+31201234567"],
    ["0201234567,,12#", "e164", "+31201234567"],
    ["*31#0201234567", "e164", "+31201234567"],
    ["116000", "short", "116000"],
    ["+31116000", "short", "116000"],
    ["+32116000", "short", "+32116000"],
    ["1233", "short", "1233"],
    ["1888", "short", "1888"],
    ["*21#", "short", "*21#"],
    ["112", "emergency", "112"],
    ["1 1 2", "emergency", "112"],
    ["1-1-2", "emergency", "112"],
    ["112#", "emergency", "112"],
    ["+112", "emergency", "112"],
    ["00112", "emergency", "112"],
    ["0112", "emergency", "112"],
    ["+31112", "emergency", "112"],
    ["+31 112", "emergency", "112"],
    ["+310112", "emergency", "112"],
    ["0031112", "emergency", "112"],
    ["0031 112", "emergency", "112"],
    ["#31#112", "emergency", "112"],
    ["tel:112", "emergency", "112"],
    ["TEL:112;phone-context=+31", "emergency", "112"],
    ["tel:+31112", "emergency", "112"],
    ["sip:112@pbx.example.com", "emergency", "112"],
    ["sips:112@pbx.example.com:5061;transport=tls", "emergency", "112"],
    ["<sip:112@pbx.example.com>;tag=1", "emergency", "112"],
    ['"Help" <sip:112@pbx.example.com>', "emergency", "112"],
    ["sip:+31112@pbx.example.com;user=phone", "emergency", "112"],
    ["sip:112;phone-context=+31@pbx.example.com;user=phone", "emergency", "112"],
    ["sip:%31%31%32@pbx.example.com", "emergency", "112"],
    ["sip:112", "emergency", "112"],
    ["urn:service:sos", "emergency", "urn:service:sos"],
    ["URN:service:sos.police", "emergency", "urn:service:sos.police"],
    ["911", "emergency", "911"],
    ["110", "short", "110"],
    ["tel:110;phone-context=+49", "emergency", "110"],
  ],
  DE: [
    ["030 123456", "e164", "+4930123456"],
    ["0049 30 123456", "e164", "+4930123456"],
    ["0170 1234567", "e164", "+491701234567"],
    ["110", "emergency", "110"],
    ["+49110", "emergency", "110"],
    ["0110", "emergency", "110"],
    ["11833", "short", "11833"],
    ["116117", "short", "116117"],
    ["+49116117", "short", "116117"],
    ["999", "short", "999"],
  ],
  GB: [
    ["020 7946 0000", "e164", "+442079460000"],
    ["0044 20 7946 0000", "e164", "+442079460000"],
    ["+44(0)2079460000", "e164", "+442079460000"],
    ["+44 (0) 20 7946 0000", "e164", "+442079460000"],
    ["07400 123456", "e164", "+447400123456"],
    ["999", "emergency", "999"],
    ["+44999", "emergency", "999"],
    ["18000", "emergency", "18000"],
    ["101", "short", "101"],
    ["118500", "short", "118500"],
  ],
  FR: [
    ["01 23 45 67 89", "e164", "+33123456789"],
    ["0033123456789", "e164", "+33123456789"],
    ["15", "emergency", "15"],
    ["+3315", "emergency", "15"],
    ["196", "emergency", "196"],
    ["3639", "short", "3639"],
    ["+333639", "short", "3639"],
  ],
  BE: [
    ["02 123 45 67", "e164", "+3221234567"],
    ["101", "emergency", "101"],
    ["1207", "short", "1207"],
    ["0032 2 123 45 67", "e164", "+3221234567"],
  ],
  ES: [
    ["912 34 56 78", "e164", "+34912345678"],
    ["0034912345678", "e164", "+34912345678"],
    ["061", "emergency", "061"],
    ["+34061", "emergency", "061"],
    ["11811", "short", "11811"],
  ],
  IT: [
    ["06 1234 5678", "e164", "+390612345678"],
    ["+39 06 1234 5678", "e164", "+390612345678"],
    ["+39 (0)6 1234 5678", "e164", "+390612345678"],
    ["333 123 4567", "e164", "+393331234567"],
    ["118", "emergency", "118"],
    ["1530", "emergency", "1530"],
    ["187", "short", "187"],
  ],
  US: [
    ["(212) 555-0123", "e164", "+12125550123"],
    ["1 212 555 0123", "e164", "+12125550123"],
    ["011 44 20 7946 0000", "e164", "+442079460000"],
    ["*67 212 555 0123", "e164", "+12125550123"],
    ["911", "emergency", "911"],
    ["+1911", "emergency", "911"],
    ["1911", "short", "1911"],
    ["*67911", "emergency", "911"],
    ["988", "short", "988"],
    ["411", "short", "411"],
    ["01131112", "emergency", "112"],
    ["5550123", "local", "5550123"],
    ["1800FLOWERS", "alphanumeric", "1800FLOWERS"],
  ],
  AU: [
    ["(02) 5550 1234", "e164", "+61255501234"],
    ["0011 31 20 123 4567", "e164", "+31201234567"],
    ["000", "emergency", "000"],
    ["+61000", "emergency", "000"],
    ["1223", "short", "1223"],
  ],
  JP: [
    ["03-1234-5678", "e164", "+81312345678"],
    ["010 31 20 123 4567", "e164", "+31201234567"],
    ["119", "emergency", "119"],
    ["118", "emergency", "118"],
    ["+81119", "emergency", "119"],
    ["104", "short", "104"],
  ],
};

describe.each(Object.entries(COUNTRIES))("dialled in %s", (country, cases) => {
  const plan = { countries: [country as Country] };
  test.each(cases)("%s is %s, %s", (dialled, kind, normalized) => {
    expect(read(dialled, plan)).toEqual([dialled, kind, normalized]);
  });
});

const NOWHERE: Case[] = [
  ["+31201234567", "e164", "+31201234567"],
  ["0031201234567", "e164", "+31201234567"],
  ["0201234567", "local", "0201234567"],
  ["999", "emergency", "999"],
  ["+44999", "emergency", "999"],
  ["+31999", "local", "+31999"],
  ["000", "emergency", "000"],
  ["112", "emergency", "112"],
  ["1233", "short", "1233"],
  ["116000", "short", "116000"],
  ["+881612345678", "e164", "+881612345678"],
  ["+8821612345678", "e164", "+8821612345678"],
  ["+9991234567890", "local", "+9991234567890"],
];

test.each(NOWHERE)("where the country is not known %s is %s, %s", (dialled, kind, normalized) => {
  expect(read(dialled, { countries: [] })).toEqual([dialled, kind, normalized]);
});

/** What no honest telephone sends, and callers that are no numbers. */
const HOSTILE: Case[] = [
  ["", "alphanumeric", ""],
  [" ", "alphanumeric", " "],
  ["+", "alphanumeric", "+"],
  ["١١٢", "emergency", "112"],
  ["１１２", "emergency", "112"],
  ["११२", "emergency", "112"],
  ["\u200e112\u200f", "emergency", "112"],
  ["٠٢٠١٢٣٤٥٦٧", "e164", "+31201234567"],
  ["1\u000012", "alphanumeric", "112"],
  ["112\r\nVia: x", "alphanumeric", "112Via: x"],
  ["1".repeat(128), "local", "1".repeat(128)],
  [`+${"3".repeat(16)}`, "local", `+${"3".repeat(16)}`],
  ["sip:sip:112@a@b", "alphanumeric", "sip:sip:112@a@b"],
  ["sip:admin@10.0.0.1", "sip", "sip:admin@10.0.0.1"],
  ["sip:9.9.9.9", "sip", "sip:9.9.9.9"],
  ["sip:alice:secret@Example.COM:5070;transport=tcp?Subject=112", "sip", "sip:alice@example.com:5070"],
  ["sip:a%00b@example.com", "sip", "sip:a%00b@example.com"],
  ["sip:%zz@example.com", "alphanumeric", "sip:%zz@example.com"],
  ["sip:0201234567@example.com", "sip", "sip:0201234567@example.com"],
  ["sip:0201234567@example.com;user=phone", "e164", "+31201234567"],
  ["sip:+31201234567@example.com", "e164", "+31201234567"],
  ["sip:anonymous@anonymous.invalid", "withheld", "anonymous"],
  ["Anonymous", "withheld", "anonymous"],
  ["Restricted", "withheld", "anonymous"],
  ["tel:", "alphanumeric", "tel:"],
  ["tel:;phone-context=+31", "alphanumeric", "tel:;phone-context=+31"],
  ["tel:tel:112", "alphanumeric", "tel:tel:112"],
  ["call me 0201234567", "alphanumeric", "call me 0201234567"],
  ["Example  Bank", "alphanumeric", "Example Bank"],
  ["urn:service:counseling", "alphanumeric", "urn:service:counseling"],
  ["urn:service:sosage", "alphanumeric", "urn:service:sosage"],
  ["1120201234567", "local", "1120201234567"],
  ["+3112345678901234", "local", "+3112345678901234"],
  ["<script>", "alphanumeric", "<script>"],
  ["__proto__", "alphanumeric", "__proto__"],
];

test.each(HOSTILE)("%j is %s, %j", (dialled, kind, normalized) => {
  expect(read(dialled, { countries: ["NL"] })).toEqual([dialled, kind, normalized]);
});

test("emergency numbers are those of every country that is named, national numbers are the first one's", () => {
  const plan = { countries: ["NL", "GB"] as Country[] };
  expect(read("999", plan)).toEqual(["999", "emergency", "999"]);
  expect(read("0201234567", plan)).toEqual(["0201234567", "e164", "+31201234567"]);
});

test("an operator's own codes come after the country's, and its own emergency numbers first", () => {
  const plan: NumberingPlan = {
    countries: ["NL"],
    emergency_numbers: new Set(["7000"]),
    short_codes: new Set(["112", "7000", "201234567", "*100"]),
  };
  expect(read("112", plan)).toEqual(["112", "emergency", "112"]);
  expect(read("7000", plan)).toEqual(["7000", "emergency", "7000"]);
  expect(read("+317000", plan)).toEqual(["+317000", "emergency", "7000"]);
  expect(read("201234567", plan)).toEqual(["201234567", "short", "201234567"]);
  expect(read("*100", plan)).toEqual(["*100", "short", "*100"]);
});

test("a text that is longer than any address is no number, and is cut", () => {
  const { kind, normalized } = readNumber("1".repeat(5_000), { countries: ["NL"] });
  expect([kind, normalized]).toEqual(["alphanumeric", "1".repeat(128)]);
});

test("what was normalized once stays as it is", () => {
  for (const [country, cases] of [...Object.entries(COUNTRIES), ["NL", HOSTILE] as const])
    for (const [dialled, kind, normalized] of cases) {
      // An emergency number of another country is one where it was dialled only.
      if (kind === "alphanumeric" || dialled.includes("phone-context=+49")) continue;
      const again = readNumber(normalized, { countries: [country as Country] });
      expect([normalized, again.kind, again.normalized]).toEqual([normalized, kind, normalized]);
    }
});
