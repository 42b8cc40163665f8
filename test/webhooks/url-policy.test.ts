import { expect, it } from "vitest";
import { endpointUrlProblem } from "../../src/webhooks/url-policy";

const RULES = { own_hosts: ["billing.example.com"], allow_localhost: false };
const LOCAL = { ...RULES, allow_localhost: true };

it.each([
  "https://hooks.customer.com/ringfence",
  "https://hooks.customer.com:443/a?b=c",
  "https://sub.domain.co.uk/",
  "https://xn--bcher-kva.de/hook",
  "https://127.0.0.1.customer.com/",
  "https://notbilling.example.com/",
])("%s may be an endpoint", (url) => {
  expect(endpointUrlProblem(url, RULES)).toBeNull();
});

it.each([
  // Not https, or no address at all.
  ["http://hooks.customer.com/", "https://"],
  ["ftp://hooks.customer.com/", "https://"],
  ["javascript:alert(1)", "https://"],
  ["data:text/plain,x", "https://"],
  ["file:///etc/passwd", "https://"],
  ["//hooks.customer.com/", "complete URL"],
  ["hooks.customer.com", "complete URL"],
  ["https://", "complete URL"],
  ["https://hooks customer.com/", "complete URL"],
  ["https://999.999.999.999/", "complete URL"],
  [`https://hooks.customer.com/${"x".repeat(2_100)}`, "characters"],
  ["https://user:password@hooks.customer.com/", "user name"],
  ["https://user@hooks.customer.com/", "user name"],
  ["https://hooks.customer.com@169.254.169.254/", "user name"],
  ["https://hooks.customer.com/#fragment", "fragment"],
  ["https://hooks.customer.com:8443/", "443"],
  ["https://hooks.customer.com:22/", "443"],
  // IPv4, in every form that a parser takes.
  ["https://127.0.0.1/", "IP address"],
  ["https://127.1/", "IP address"],
  ["https://2130706433/", "IP address"],
  ["https://0x7f000001/", "IP address"],
  ["https://0x7f.0.0.1/", "IP address"],
  ["https://0177.0.0.1/", "IP address"],
  ["https://017700000001/", "IP address"],
  ["https://127.0.0.1./", "IP address"],
  ["https://１２７.０.０.１/", "IP address"],
  ["https://127。0。0。1/", "IP address"],
  ["https://%31%32%37.0.0.1/", "IP address"],
  ["https://0.0.0.0/", "IP address"],
  ["https://0/", "IP address"],
  ["https://10.0.0.1/", "IP address"],
  ["https://172.16.0.1/", "IP address"],
  ["https://192.168.1.1/", "IP address"],
  ["https://100.64.0.1/", "IP address"],
  ["https://169.254.169.254/latest/meta-data", "IP address"],
  ["https://255.255.255.255/", "IP address"],
  ["https://8.8.8.8/", "IP address"],
  // IPv6, mapped and plain.
  ["https://[::1]/", "IP address"],
  ["https://[::]/", "IP address"],
  ["https://[::ffff:127.0.0.1]/", "IP address"],
  ["https://[::ffff:7f00:1]/", "IP address"],
  ["https://[::127.0.0.1]/", "IP address"],
  ["https://[64:ff9b::7f00:1]/", "IP address"],
  ["https://[2002:7f00:1::]/", "IP address"],
  ["https://[fe80::1]/", "IP address"],
  ["https://[fc00::1]/", "IP address"],
  ["https://[fd00:ec2::254]/", "IP address"],
  ["https://[2606:4700::1111]/", "IP address"],
  ["https://[fe80::1%25eth0]/", "complete URL"],
  // Names that are not the public internet's.
  ["https://localhost/", "full name"],
  ["https://LOCALHOST./", "full name"],
  ["https://loc\tal\nhost/", "full name"],
  ["https:\\\\localhost\\", "full name"],
  ["https://metadata/", "full name"],
  ["https://app.localhost/", "public internet"],
  ["https://printer.local/", "public internet"],
  ["https://metadata.google.internal/", "public internet"],
  ["https://metadata.google.internal./", "public internet"],
  ["https://router.lan/", "public internet"],
  ["https://nas.home.arpa/", "public internet"],
  ["https://wiki.corp/", "public internet"],
  ["https://hidden.onion/", "public internet"],
  // Names that stand for an address.
  ["https://127.0.0.1.nip.io/", "spells"],
  ["https://7f000001.sslip.io/", "spells"],
  ["https://localtest.me/", "spells"],
  ["https://a.lvh.me/", "spells"],
  // This service itself.
  ["https://billing.example.com/api/v1/admin", "this service"],
  ["https://BILLING.Example.com./", "this service"],
  ["https://x.billing.example.com/", "this service"],
])("%s is refused", (url, why) => {
  expect(endpointUrlProblem(url, RULES)).toContain(why);
});

it.each(["http://localhost:8799/hook", "http://127.0.0.1:1/", "http://[::1]:9000/", "https://localhost/"])(
  "%s may be an endpoint where localhost is opened",
  (url) => {
    expect(endpointUrlProblem(url, LOCAL)).toBeNull();
  },
);

it.each([
  "http://user@localhost/",
  "http://hooks.customer.com/",
  "http://10.0.0.1/",
  "http://127.0.0.2/",
  "ftp://localhost/",
])("%s is refused there, too", (url) => {
  expect(endpointUrlProblem(url, LOCAL)).not.toBeNull();
});
