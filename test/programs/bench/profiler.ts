/** What the inspector answers: a tree of calls, and which of them was running at each sample. */
export interface Profile {
  nodes: {
    id: number;
    callFrame: { functionName: string; url: string; lineNumber: number };
    children?: number[];
  }[];
  samples: number[];
  timeDeltas: number[];
}

/** The protocol of the inspector, as far as it is needed. */
export class Profiler {
  private next_id = 0;
  private readonly socket: WebSocket;
  private readonly waiting = new Map<number, (result: unknown) => void>();

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.addEventListener("message", ({ data }) => {
      const message = JSON.parse(String(data)) as { id?: number; result?: unknown };
      if (message.id !== undefined) this.waiting.get(message.id)?.(message.result);
    });
  }

  /** Begins to profile the isolate of the Worker. */
  static async attach(address: string): Promise<Profiler> {
    const listed = (await (await fetch(`http://${address}/json`)).json()) as {
      title: string;
      webSocketDebuggerUrl: string;
    }[];
    const isolate = listed.find(({ webSocketDebuggerUrl }) => webSocketDebuggerUrl.endsWith("/worker"));
    if (!isolate) throw new Error(`The inspector knows no Worker: ${JSON.stringify(listed)}`);
    const socket = new WebSocket(isolate.webSocketDebuggerUrl);
    await new Promise((resolve, reject) => {
      socket.addEventListener("open", resolve);
      socket.addEventListener("error", reject);
    });
    const profiler = new Profiler(socket);
    await profiler.ask("Profiler.enable");
    await profiler.ask("Profiler.setSamplingInterval", { interval: 200 });
    await profiler.ask("Profiler.start");
    return profiler;
  }

  async stop(): Promise<Profile> {
    const { profile } = (await this.ask("Profiler.stop")) as { profile: Profile };
    this.socket.close();
    return profile;
  }

  private ask(method: string, params: object = {}): Promise<unknown> {
    const id = ++this.next_id;
    this.socket.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve) => this.waiting.set(id, resolve));
  }
}
