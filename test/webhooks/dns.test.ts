import { expect, it, vi } from "vitest";
import { isPublicAddress, resolvesToPrivate } from "../../src/webhooks/dns";

const RESOLVER = "https://resolver.example.com/dns-query";
let names = 0;
const newName = () => `name-${++names}.customer.com`;

/** A resolver that knows these addresses, and counts how often it is asked. */
function resolver(records: { type: number; data: string }[]) {
  return vi.fn(async (input: RequestInfo | URL) => {
    const type = new URL(String(input)).searchParams.get("type") === "A" ? 1 : 28;
    return Response.json({
      Status: 0,
      Answer: records.filter((record) => record.type !== (type === 1 ? 28 : 1)),
    });
  });
}

it.each([
  ...[
    "127.0.0.1",
    "10.1.2.3",
    "172.31.0.1",
    "192.168.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "198.18.0.1",
    "192.0.2.1",
    "240.0.0.1",
    "255.255.255.255",
    "100.127.255.255",
    "0x7f.1",
    "2130706433",
  ],
  ...[
    "::1",
    "::",
    "fe80::1",
    "fc00::1",
    "::ffff:10.0.0.1",
    "64:ff9b::a00:1",
    "2002:a00:1::",
    "ff02::1",
    "nonsense",
    "::7f00:1",
    "::a00:1",
    "::ffff:0:10.0.0.1",
    "64:ff9b:1:a00:1::",
    "64:ff9b:1::808:808",
    "fec0::1",
    "100::1",
    "2001:db8::1",
    "2001::1",
    "fe80::1%eth0",
  ],
])("%s is no public address", (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

it.each(["93.184.216.34", "2606:4700::1111", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"])(
  "%s is a public address",
  (address) => {
    expect(isPublicAddress(address)).toBe(true);
  },
);

it("a name with one private address among public ones is refused, whatever leads to it", async () => {
  const records = [
    { type: 5, data: "elsewhere.customer.com." },
    { type: 1, data: "93.184.216.34" },
    { type: 28, data: "fd00::1" },
  ];
  expect(await resolvesToPrivate(newName(), RESOLVER, resolver(records))).toBe(true);
});

it("a name with public addresses alone is not, and is asked for once a minute", async () => {
  const asked = resolver([{ type: 1, data: "93.184.216.34" }]);
  const name = newName();
  expect(await resolvesToPrivate(name, RESOLVER, asked)).toBe(false);
  expect(await resolvesToPrivate(`${name}.`, RESOLVER, asked)).toBe(false);
  expect(asked).toHaveBeenCalledTimes(2);
});

it.each<[string, () => Promise<Response>]>([
  ["does not answer", () => Promise.reject(new Error("away"))],
  ["answers with an error", async () => new Response("no", { status: 500 })],
  ["answers what nobody understands", async () => Response.json({ Answer: "yes" })],
])("where a resolver %s, a name is not refused, and is asked for again", async (_, answer) => {
  const name = newName();
  expect(await resolvesToPrivate(name, RESOLVER, answer)).toBe(false);
  const asked = resolver([{ type: 1, data: "10.0.0.1" }]);
  expect(await resolvesToPrivate(name, RESOLVER, asked)).toBe(true);
});
