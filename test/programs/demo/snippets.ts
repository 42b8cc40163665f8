import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { text } from "node:stream/consumers";
import { ROOT } from "../../../.scripts/wrangler.ts";
import { expectStatus, openClient } from "./client.ts";
import type { Demo } from "./demo-file.ts";

interface Delivered {
  body: string;
  headers: IncomingHttpHeaders;
  secret: string;
}

/** Which of the README's snippets do not tell a real delivery from forged ones, none when all do. */
export async function wrongSnippets(demo: Demo): Promise<string[]> {
  const delivered = await realDelivery(demo);
  return Object.entries(RUNNERS).flatMap(([language, run]) => {
    const said = run(snippet(language), cases(delivered));
    return JSON.stringify(said) === "[true,false,false,false,false]" ? [] : [`${language} said ${said}`];
  });
}

/** A delivery as it came, and four that are not: another body, another secret, an old one, none at all. */
function cases({ body, headers, secret }: Delivered): Delivered[] {
  const old = { ...headers, "x-webhook-timestamp": "1700000000" };
  return [
    { body, headers, secret },
    { body: `${body} `, headers, secret },
    { body, headers, secret: `${secret}x` },
    { body, headers: old, secret },
    { body, headers: {}, secret },
  ];
}

/** Has the demo send a test event to an endpoint of ours. */
async function realDelivery({ base_url, organization }: Demo): Promise<Delivered> {
  const server = createServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const client = openClient(base_url, organization.api_key);
  try {
    const made = await client.post<{ id: string; secret: string }>("/webhook_endpoints", {
      url: `http://127.0.0.1:${port}/`,
      events: ["webhook.test"],
    });
    const { id, secret } = expectStatus(made, 201, "POST /webhook_endpoints");
    const coming = once(server, "request");
    expectStatus(await client.post(`/webhook_endpoints/${id}/test`, {}), 201, "POST …/test");
    const [request, response] = await coming;
    const body = await text(request);
    response.end();
    await client.delete(`/webhook_endpoints/${id}`);
    return { body, headers: request.headers, secret };
  } finally {
    server.close();
  }
}

function snippet(language: string): string {
  const readme = readFileSync(`${ROOT}README.md`, "utf8");
  const found = readme.match(
    new RegExp(`<!-- verify:${language} -->\\s*\`\`\`\\w+\\n([\\s\\S]*?)\`\`\``),
  )?.[1];
  if (!found) throw new Error(`The README has no snippet for ${language}.`);
  return found;
}

const NODE = `
import { readFileSync } from "node:fs";
const cases = JSON.parse(readFileSync(process.argv[2], "utf8"));
console.log(JSON.stringify(cases.map(({ body, headers, secret }) => isOurs(body, headers, secret))));
`;

const PYTHON = `
import json, sys
cases = json.load(open(sys.argv[1]))
print(json.dumps([is_ours(case["body"].encode(), case["headers"], case["secret"]) for case in cases]))
`;

const RUNNERS: Record<string, (code: string, given: Delivered[]) => boolean[]> = {
  node: (code, given) => run(process.execPath, "snippet.mjs", code + NODE, given),
  python: (code, given) => run("python3", "snippet.py", code + PYTHON, given),
};

function run(program: string, name: string, code: string, given: Delivered[]): boolean[] {
  const directory = mkdtempSync(`${tmpdir()}/ringfence-`);
  try {
    writeFileSync(`${directory}/${name}`, code);
    writeFileSync(`${directory}/cases.json`, JSON.stringify(given));
    return JSON.parse(
      execFileSync(program, [`${directory}/${name}`, `${directory}/cases.json`], { encoding: "utf8" }),
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
}
