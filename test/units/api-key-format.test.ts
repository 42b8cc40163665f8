import { describe, expect, it } from "vitest";
import { type KeyKind, mintApiKey, parseKeySecrets, verifyApiKey } from "../../src/units/api-key-format";
import { newId } from "../../src/units/id";
import { isSealed, sealOf } from "../../src/units/seal";

const OLD = "1:an-old-secret-of-32-characters-or-more";
const NEW = "2:a-new-secret-of-32-characters-or-more!";
const secrets = parseKeySecrets(NEW);

function idsOf(kind: KeyKind) {
  return { key_id: newId("key"), organization_id: kind === "live" ? newId("org") : null };
}

describe("an API key", () => {
  it.each(["live", "edge", "admin"] as const)("of kind %s says whose it is", async (kind) => {
    const ids = idsOf(kind);
    const { key, hash } = await mintApiKey(kind, ids, secrets);
    expect(key).toMatch(new RegExp(`^rf_${kind}_2[0-9a-hjkmnp-tv-z]+$`));
    expect(await verifyApiKey(key, secrets)).toEqual({ kind, hash, secret_version: "2", ...ids });
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
  });

  it("is never made twice", async () => {
    const ids = idsOf("edge");
    const [a, b] = [await mintApiKey("edge", ids, secrets), await mintApiKey("edge", ids, secrets)];
    expect(a.key).not.toBe(b.key);
    expect(a.hash).not.toBe(b.hash);
  });

  it("is refused when any one character of it is changed", async () => {
    const { key } = await mintApiKey("live", idsOf("live"), secrets);
    const accepted: string[] = [];
    for (let place = 0; place < key.length; place++) {
      const other = key[place] === "7" ? "6" : "7";
      const changed = key.slice(0, place) + other + key.slice(place + 1);
      if (await verifyApiKey(changed, secrets)) accepted.push(changed);
    }
    expect(accepted).toEqual([]);
  });

  it.each([
    ["nothing", () => ""],
    ["another kind", (key: string) => key.replace("rf_edge_", "rf_admin_")],
    ["capitals", (key: string) => key.toUpperCase()],
    ["a character too many", (key: string) => `${key}0`],
    ["a character too few", (key: string) => key.slice(0, -1)],
    ["a line after it", (key: string) => `${key}\n`],
    ["a secret that does not exist", (key: string) => key.replace("rf_edge_2", "rf_edge_9")],
    ["a very long text", () => `rf_edge_2${"0".repeat(100_000)}`],
  ])("is refused as %s", async (_, forge) => {
    const { key } = await mintApiKey("edge", idsOf("edge"), secrets);
    expect(await verifyApiKey(forge(key), secrets)).toBeNull();
  });

  it("cannot be made with another secret", async () => {
    const { key } = await mintApiKey("admin", idsOf("admin"), parseKeySecrets(OLD.replace("1:", "2:")));
    expect(await verifyApiKey(key, secrets)).toBeNull();
  });

  it("outlives a new secret and dies with its own", async () => {
    const { key } = await mintApiKey("edge", idsOf("edge"), parseKeySecrets(OLD));
    const both = parseKeySecrets(`${OLD},${NEW}`);
    expect(await verifyApiKey(key, both)).not.toBeNull();
    expect(await verifyApiKey(key, both)).not.toBeNull();
    expect(await verifyApiKey(key, secrets)).toBeNull();
    expect((await mintApiKey("edge", idsOf("edge"), both)).key).toMatch(/^rf_edge_2/);
  });

  it("is not made for a live key without an organization", async () => {
    await expect(
      mintApiKey("live", { key_id: newId("key"), organization_id: null }, secrets),
    ).rejects.toThrow("do not make a live key");
  });
});

describe("KEY_SECRETS", () => {
  it.each([
    [undefined, "missing"],
    ["", "missing"],
    ["a-secret-without-version-that-is-long-enough", "version"],
    ["10:a-version-of-two-digits-and-a-long-secret", "version"],
    ["0:a-version-that-no-secret-may-have-though-long", "version"],
    ["_:a-version-that-no-secret-may-have-though-long", "version"],
    ["1:too-short", "shorter than 32"],
    [`${OLD},${OLD}`, "same version"],
  ])("%s is refused with a message that says why", (text, message) => {
    expect(() => parseKeySecrets(text)).toThrow(message);
  });

  it("never stand in an error", () => {
    expect(() => parseKeySecrets("1:hunter2")).toThrow(expect.not.objectContaining({ message: "hunter2" }));
  });

  it("has room for sixty rotations: after 9 come A to Z, then a to z, and every key goes on while its secret is there", async () => {
    const versions = "123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    const all = [...versions].map((version) => `${version}:secret-${version}-of-32-characters-or-more!`);
    const keys: { key: string; version: string }[] = [];
    for (const [at, version] of [...versions].entries()) {
      // In any order: what counts is the version.
      const known = parseKeySecrets(all.slice(0, at + 1).join());
      const { key } = await mintApiKey("live", idsOf("live"), known);
      expect(await isSealed("session", "text", await sealOf("session", "text", known), known)).toBe(true);
      keys.push({ key, version });
    }
    const secrets = parseKeySecrets(all.toReversed().join());
    for (const { key, version } of keys)
      expect(await verifyApiKey(key, secrets)).toMatchObject({ secret_version: version });
  });

  it("may hold colons", () => {
    expect(parseKeySecrets("1:with:colons:in-it:and-long-enough-for-us")).toEqual([
      { version: "1", secret: "with:colons:in-it:and-long-enough-for-us" },
    ]);
  });
});
