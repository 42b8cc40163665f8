import { type ChildProcess, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";

const running = new Set<ChildProcess>();

/** Starts a program in a process group of its own, so that what it starts ends with it, whatever ends this process. */
export function start(
  program: string,
  args: string[],
  options: { cwd: string; env?: NodeJS.ProcessEnv },
): ChildProcess {
  // Debian keeps kamailio where only root looks.
  const env = { ...process.env, ...options.env, PATH: `${process.env.PATH}:/usr/sbin`, TZ: "UTC" };
  const child = spawn(program, args, {
    cwd: options.cwd,
    env,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  // What nobody reads would fill its pipe and then stop the program.
  child.stdout?.resume();
  child.stderr?.resume();
  running.add(child);
  child.once("close", () => running.delete(child));
  return child;
}

/** Runs a program to its end: its exit code and all that it said. */
export async function run(
  program: string,
  args: string[],
  options: { cwd: string; env?: NodeJS.ProcessEnv },
) {
  const child = start(program, args, options);
  const output: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => output.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => output.push(chunk));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, output: Buffer.concat(output).toString() };
}

/** Ends everything that was started here. Is synchronous, because it also runs while this process exits. */
export function endAll(): void {
  for (const { pid } of running)
    try {
      if (pid !== undefined) process.kill(-pid, "SIGKILL");
    } catch {
      // Already gone.
    }
}

/** A UDP port that is free at this address now. */
export async function freeUdpPort(address: string): Promise<number> {
  const socket = createSocket("udp4").bind(0, address);
  await once(socket, "listening");
  const { port } = socket.address();
  socket.close();
  return port;
}

/** Whether some program listens on the UDP port. */
export async function isUdpPortTaken(port: number, address: string): Promise<boolean> {
  const socket = createSocket("udp4");
  socket.bind(port, address);
  try {
    await once(socket, "listening");
    return false;
  } catch {
    return true;
  } finally {
    socket.close();
  }
}
