import { setTimeout as pause } from "node:timers/promises";

/** What the API answered, whatever it was. */
export interface Answer<Body> {
  status: number;
  body: Body;
}

export interface Client {
  get<Body>(path: string): Promise<Answer<Body>>;
  post<Body>(path: string, body: object, headers?: Record<string, string>): Promise<Answer<Body>>;
  put<Body>(path: string, body: object): Promise<Answer<Body>>;
  delete<Body>(path: string): Promise<Answer<Body>>;
}

const TRIES = 4;
const FIRST_PAUSE_MS = 200;

/** Speaks to the API with one key. Every request here may be repeated safely, so a 503 is asked again. */
export function openClient(base_url: string, key: string): Client {
  return {
    get: (path) => send("GET", path),
    post: (path, body, headers) => send("POST", path, body, headers),
    put: (path, body) => send("PUT", path, body),
    delete: (path) => send("DELETE", path),
  };
  async function send<Body>(
    method: string,
    path: string,
    body?: object,
    headers = {},
  ): Promise<Answer<Body>> {
    for (let tries = 1; ; tries++) {
      const response = await fetch(`${base_url}/api/v1${path}`, {
        method,
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers },
        body: body && JSON.stringify(body),
      }).catch((cause) => {
        throw new Error(`${base_url} does not answer. Is npm start still running?`, { cause });
      });
      const text = await response.text();
      if (response.status === 503 && tries < TRIES) {
        await pause(FIRST_PAUSE_MS * 2 ** tries);
        continue;
      }
      return { status: response.status, body: parsed(text) as Body };
    }
  }
}

/** The body of an answer with this status. Any other one is an error that says what was answered instead. */
export function expectStatus<Body>(answer: Answer<Body>, status: number, what: string): Body {
  if (answer.status === status) return answer.body;
  throw new Error(`${what} was answered with ${answer.status}: ${JSON.stringify(answer.body)}`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
