import { describe, expect, test } from "vitest";
import { brokenTextIn, nameGivenTwice } from "../../src/units/json";

describe("a name given twice", () => {
  test.each([
    ['{"a":1,"a":1}', "a"],
    ['{"a":1,"b":{"a":2},"a":3}', "a"],
    ['{"a":{"b":[1,{"c":1},{"c":[],"d":{},"c":2}]}}', "a.b.2.c"],
    ['[{"a":1},{"b":1,"b":1}]', "1.b"],
    [String.raw`{"call_id":1,"c\u0061ll_id":2}`, "call_id"],
    [String.raw`{"\\":1,"\\":2}`, "\\"],
    [String.raw`{"a\"":1,"a\"":2}`, 'a"'],
    ['{"__proto__":1,"__proto__":2}', "__proto__"],
    ['{"":1, "" : 2}', ""],
  ])("is found: %s", (text, path) => {
    JSON.parse(text);
    expect(nameGivenTwice(text)).toBe(path);
  });

  test.each([
    '{"a":"a","b":["a","a","b"]}',
    '[{"a":1},{"a":1}]',
    '{"a":{"a":{"a":[]}},"b":{}}',
    String.raw`{"a":"{\"b\":1,\"b\":2}","b":"\\","c":"\\\"\\","d":1}`,
    '{"a":",","b":"}","c":"[","d":{"e":":"}}',
    "[]",
    "{}",
    '"a"',
    "1",
  ])("is none: %s", (text) => {
    JSON.parse(text);
    expect(nameGivenTwice(text)).toBeNull();
  });

  test("is looked for in what is nested as deep as a body can be", () => {
    const deep = 30_000;
    expect(nameGivenTwice(`${"[".repeat(deep)}{"a":1,"a":2}${"]".repeat(deep)}`)).toContain("0.a");
    expect(brokenTextIn(JSON.parse(`${"[".repeat(deep)}"\\udead"${"]".repeat(deep)}`))).toContain("0.0");
  });
});

test("half of a character is found wherever it stands, a whole one is none", () => {
  expect(brokenTextIn(JSON.parse(String.raw`{"a":["x",{"b":"\ud800x"}]}`))).toBe("a.1.b");
  expect(brokenTextIn(JSON.parse(String.raw`{"a":{"\udc00":1}}`))).toBe("a.�");
  expect(brokenTextIn(JSON.parse(String.raw`{"a":"\ud83d\ude00","b":"\\ud800","c":null,"d":1}`))).toBeNull();
});
