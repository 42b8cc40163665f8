import { createSocket } from "node:dgram";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";

/** One SIP message of a sipp trace. */
export interface Message {
  at_ms: number;
  sent: boolean;
  /** `INVITE sip:… SIP/2.0` or `SIP/2.0 402 Payment Required`. */
  first_line: string;
  method: string;
  /** Of a response, else 0. */
  status: number;
  call_id: string;
  header(name: string): string | undefined;
}

const ENTRY = /^-{10,} (\S+ \S+)\nUDP message (sent|received)[^\n]*\n\n/m;

/** Reads what sipp wrote with -trace_msg. */
export function readTrace(file: string): Message[] {
  if (!existsSync(file)) return [];
  const [, ...parts] = readFileSync(file, "utf8").split(ENTRY);
  const messages: Message[] = [];
  for (let i = 0; i + 2 < parts.length; i += 3) {
    const [time = "", way = "", text = ""] = parts.slice(i, i + 3);
    messages.push({
      ...parseMessage(text),
      at_ms: Date.parse(`${time.replace(" ", "T")}Z`),
      sent: way === "sent",
    });
  }
  return messages;
}

function parseMessage(text: string): Omit<Message, "at_ms" | "sent"> {
  const [first_line = "", ...lines] = text.split(/\r?\n/);
  const header = (name: string) => {
    const prefix = `${name.toLowerCase()}:`;
    return lines
      .find((line) => line.toLowerCase().startsWith(prefix))
      ?.slice(prefix.length)
      .trim();
  };
  const status = Number(/^SIP\/2\.0 (\d{3})/.exec(first_line)?.[1] ?? 0);
  const method = header("CSeq")?.split(" ")[1] ?? "";
  return { first_line, method, status, call_id: header("Call-ID") ?? "", header };
}

/** A request of a hand-made UDP peer. Header lines replace or follow the usual ones. */
export interface Request {
  method: string;
  from_address: string;
  call_id: string;
  from_user?: string;
  from_tag?: string;
  to_tag?: string;
  headers?: string[];
}

/** Sends one request as it stands, and answers the status of its final response, or 0 after a second without one. */
export async function sendRequest(
  to: { address: string; port: number; user: string },
  request: Request,
): Promise<number> {
  const {
    method,
    from_address,
    call_id,
    from_user = "tester",
    from_tag = "tag",
    to_tag,
    headers = [],
  } = request;
  const socket = createSocket("udp4").bind(0, from_address);
  await once(socket, "listening");
  const { port } = socket.address();
  const lines = [
    `${method} sip:${to.user}@${to.address}:${to.port} SIP/2.0`,
    `Via: SIP/2.0/UDP ${from_address}:${port};branch=z9hG4bK-${crypto.randomUUID()}`,
    `From: <sip:${from_user}@${from_address}>;tag=${from_tag}`,
    `To: <sip:${to.user}@${to.address}>${to_tag ? `;tag=${to_tag}` : ""}`,
    `Call-ID: ${call_id}`,
    `CSeq: 7 ${method}`,
    `Contact: <sip:${from_address}:${port}>`,
    "Max-Forwards: 70",
    ...headers,
    "Content-Length: 0",
  ];
  const { promise, resolve } = Promise.withResolvers<number>();
  const silence = setTimeout(() => resolve(0), 1_000);
  socket.on("message", (datagram) => {
    const { status } = parseMessage(datagram.toString());
    if (status >= 200) resolve(status);
  });
  socket.send(`${lines.join("\r\n")}\r\n\r\n`, to.port, to.address);
  const status = await promise;
  clearTimeout(silence);
  socket.close();
  return status;
}
