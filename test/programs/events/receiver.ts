import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** What a receiver does with a request: a status, or no answer at all. */
export type Mood = () => number | "silent";

/** A customer's receiver on this machine, which may be in any mood. */
export class Receiver {
  /** When each event came that was answered with success, by its id; how often any came. */
  readonly taken = new Map<string, number>();
  requests = 0;
  repeats = 0;
  mood: Mood = () => 204;
  private readonly server: Server;

  private constructor(server: Server) {
    this.server = server;
  }

  static async start(): Promise<Receiver> {
    const server = createServer();
    const receiver = new Receiver(server);
    server.on("request", async (request, response) => {
      const { id } = JSON.parse(await text(request));
      receiver.requests += 1;
      const answer = receiver.mood();
      if (answer === "silent") return;
      if (answer < 300) {
        if (receiver.taken.has(id)) receiver.repeats += 1;
        else receiver.taken.set(id, Date.now());
      }
      response.writeHead(answer).end();
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}
