import { type AddressInfo, connect, createServer } from "node:net";

/** A port that nothing listens on now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

/** Whether something listens on the port. */
export function isTaken(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect({ port, host: "127.0.0.1" });
    probe.once("connect", () => resolve(true)).once("error", () => resolve(false));
    probe.once("connect", () => probe.destroy());
  });
}

const PORTS_TRIED = 20;

/** The first port from `first` on that nothing listens on. */
export async function firstFreePort(first: number): Promise<number> {
  for (let port = first; port < first + PORTS_TRIED; port++) if (!(await isTaken(port))) return port;
  throw new Error(
    `Ports ${first} to ${first + PORTS_TRIED - 1} are taken. Stop what listens there, or choose one: PORT=… npm start`,
  );
}
