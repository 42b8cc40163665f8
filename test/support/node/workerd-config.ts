import { readFileSync } from "node:fs";
import { ROOT } from "../../../.scripts/wrangler.ts";

/** A Worker as workerd runs it: one module with everything in it. */
export interface WorkerdWorker {
  /** The built module. */
  module: string;
  /** Its classes of objects and the bindings that reach them. */
  objects?: { binding: string; class_name: string }[];
  /** Whether it is bound to D1, KV, Analytics Engine and assets under the names of wrangler.toml. */
  stores: boolean;
  /** Text bindings. */
  settings: Record<string, string>;
  /** Whether it may ask what listens on this machine: by itself workerd lets it reach public addresses only. */
  asks_this_machine?: boolean;
}

const SIMULATORS = `${ROOT}node_modules/miniflare/dist/src/workers`;

/**
 * workerd's own configuration of a Worker: its socket leads straight to it. Objects, D1 and KV keep their data in
 * directories beside the configuration. D1 and KV are the simulators of the tooling, which run as Workers in the same
 * process; the second socket leads to D1 itself, to make its tables and to see what was projected.
 */
export function workerdConfig(worker: WorkerdWorker): string {
  const { objects = [], stores } = worker;
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "worker", worker = (
      compatibilityDate = "${compatibilityDate()}",
      modules = [(name = "worker.js", esModule = embed ${quoted(worker.module)})],
      bindings = [${worker_bindings(worker).join(", ")}],${objectsOf(
        objects.map(({ class_name }) => class_name),
        "objects",
      )}
    )),
    ${directory("objects")}${worker.asks_this_machine ? `,\n    ${THIS_MACHINE}` : ""}${stores ? `,\n    ${storeServices().join(",\n    ")}` : ""}
  ],
  sockets = [
    (name = "http", address = "127.0.0.1:0", http = (), service = "worker")${
      stores ? ',\n    (name = "d1", address = "127.0.0.1:0", http = (), service = "d1")' : ""
    }
  ]${stores ? `,\n  extensions = [(modules = [${SHARED_MODULES.join(", ")}])]` : ""}
);
`;
}

/** Stands for what is not measured: has no files, and lets everybody sign in. */
const NOWHERE = `import { WorkerEntrypoint } from "cloudflare:workers";
export default class extends WorkerEntrypoint {
  fetch() { return new Response(null, { status: 204 }); }
  limit() { return { success: true }; }
}`;

/** By its name it is the network of every Worker that is told no other. */
const THIS_MACHINE = '(name = "internet", network = (allow = ["private"]))';

const SHARED_MODULES = [
  `(name = "miniflare:shared", esModule = embed ${quoted(`${SIMULATORS}/shared/index.worker.js`)})`,
  `(name = "miniflare:zod", esModule = embed ${quoted(`${SIMULATORS}/shared/zod.worker.js`)})`,
];

function worker_bindings({ objects = [], stores, settings }: WorkerdWorker): string[] {
  return [
    ...Object.entries(settings).map(([name, text]) => `(name = ${quoted(name)}, text = ${quoted(text)})`),
    ...objects.map(
      ({ binding, class_name }) => `(name = "${binding}", durableObjectNamespace = "${class_name}")`,
    ),
    ...(stores
      ? [
          '(name = "DB", wrapped = (moduleName = "cloudflare-internal:d1-api", innerBindings = [(name = "fetcher", service = "d1")]))',
          '(name = "DIRECTORY", kvNamespace = "kv")',
          '(name = "METRICS", analyticsEngine = "nowhere")',
          '(name = "ASSETS", service = "nowhere")',
          ...["SIGN_INS", "KEYLESS", "VISITORS", "EXPORTS", "ORGANIZATION_EXPORTS", "RETURNS"].map(
            (name) => `(name = "${name}", service = "nowhere")`,
          ),
        ]
      : []),
  ];
}

function storeServices(): string[] {
  return [
    simulator("d1", "d1/database.worker.js", "D1DatabaseObject", "d1/entry.worker.js"),
    simulator("kv", "kv/namespace.worker.js", "KVNamespaceObject", "shared/object-entry.worker.js"),
    directory("d1-data"),
    directory("kv-data"),
    `(name = "nowhere", worker = (compatibilityDate = "${compatibilityDate()}",
      modules = [(name = "nowhere.js", esModule = ${quoted(NOWHERE)})]))`,
  ];
}

/** One store: the simulator's object, and the entry that leads every request to the one object in use. */
function simulator(name: string, object_file: string, class_name: string, entry_file: string): string {
  return `(name = "${name}-object", worker = (
      compatibilityDate = "2023-07-24", compatibilityFlags = ["nodejs_compat", "experimental"],
      modules = [(name = "object.js", esModule = embed ${quoted(`${SIMULATORS}/${object_file}`)})],
      bindings = [(name = "MINIFLARE_BLOBS", service = "${name}-data")],${objectsOf([class_name], `${name}-data`)}
    )),
    (name = "${name}", worker = (
      compatibilityDate = "2023-07-24", compatibilityFlags = ["enhanced_error_serialization"],
      modules = [(name = "entry.js", esModule = embed ${quoted(`${SIMULATORS}/${entry_file}`)})],
      bindings = [
        (name = "MINIFLARE_NAMESPACE", text = "ringfence"),
        (name = "MINIFLARE_OBJECT", durableObjectNamespace = (className = "${class_name}", serviceName = "${name}-object"))
      ]
    ))`;
}

function objectsOf(class_names: readonly string[], storage: string): string {
  if (class_names.length === 0) return "";
  const classes = class_names.map(
    (name) => `(className = "${name}", uniqueKey = "${name}", enableSql = true)`,
  );
  return `
      durableObjectNamespaces = [${classes.join(", ")}],
      durableObjectStorage = (localDisk = "${storage}"),`;
}

function directory(name: string): string {
  return `(name = "${name}", disk = (path = "${name}", writable = true))`;
}

function compatibilityDate(): string {
  const date = /^compatibility_date = "([\d-]+)"/m.exec(readFileSync(`${ROOT}wrangler.toml`, "utf8"))?.[1];
  if (!date) throw new Error("wrangler.toml has no compatibility_date.");
  return date;
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
