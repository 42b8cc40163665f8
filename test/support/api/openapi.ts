import { exports } from "cloudflare:workers";
import { type Schema, Validator } from "@cfworker/json-schema";

export interface Parameter {
  in: "path" | "query" | "header";
  name: string;
  required?: boolean;
  schema: Schema;
}

interface DocumentedResponse {
  headers?: Record<string, { required?: boolean }>;
  content?: Record<string, { schema?: Schema }>;
  /** Of an error: the codes that it may have. */
  "x-error-codes"?: string[];
}

interface RequestBody {
  required?: boolean;
  content: { "application/json": { schema: Schema; example?: unknown; examples?: Record<string, Example> } };
}

interface Example {
  value: unknown;
}

interface DocumentedOperation {
  operationId: string;
  summary: string;
  description?: string;
  tags: string[];
  security: Record<string, string[]>[];
  parameters?: Parameter[];
  requestBody?: RequestBody;
  responses: Record<string, DocumentedResponse>;
  /** What we ask of others meanwhile, by name and address. */
  callbacks?: Record<string, Record<string, { post: Asked }>>;
}

interface Asked {
  parameters: Parameter[];
  requestBody: RequestBody;
}

/** One operation of the API, as its document says. */
export interface Operation extends DocumentedOperation {
  method: string;
  path: string;
}

type Json = Record<string, unknown>;

/** The body of a delivery, in either format. */
type AnEvent = { type: string } | { message: { type: string } };

interface Document {
  paths: Record<string, Record<string, DocumentedOperation>>;
  components: { schemas: Record<string, Schema> };
  webhooks: Record<string, { post: Asked }>;
}

/** What the running Worker promises. Checks are done without generated code, which the runtime forbids. */
export class Contract {
  readonly operations: Operation[];
  private readonly validators = new Map<Schema, Validator>();

  constructor(private readonly document: Document) {
    this.operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        ...operation,
        parameters: operation.parameters?.map((parameter) => this.found(parameter)),
        responses: mapped(operation.responses, (response) => this.response(response)),
        method: method.toUpperCase(),
        path,
      })),
    );
  }

  static async read(): Promise<Contract> {
    const response = await exports.default.fetch("https://ringfence.test/api/openapi.json");
    return new Contract(await response.json());
  }

  operation(operationId: string): Operation {
    const found = this.operations.find((operation) => operation.operationId === operationId);
    if (!found) throw new Error(`The document has no operation ${operationId}.`);
    return found;
  }

  /** The operation that answers a request, undefined for what the document does not have. */
  operationOf(method: string, pathname: string): Operation | undefined {
    return this.operations
      .filter((operation) => operation.method === method && matches(operation.path, pathname))
      .sort((a, b) => a.path.split("{").length - b.path.split("{").length)[0];
  }

  /** The types of events that endpoints may get. */
  get eventTypes(): string[] {
    return Object.keys(this.document.webhooks);
  }

  /** What is wrong with the body of an event, null when it is as the document says of its type. */
  eventDifference(event: AnEvent): string | null {
    const described = this.described(event);
    if (!described) return "The document has no such event.";
    return this.difference(described.requestBody.content["application/json"].schema, event);
  }

  /** The headers that an event is delivered with. */
  eventHeaders(event: AnEvent): Parameter[] {
    return this.described(event)?.parameters.map((parameter) => this.found(parameter)) ?? [];
  }

  private described(event: AnEvent): Asked | undefined {
    return this.document.webhooks["message" in event ? event.message.type : event.type]?.post;
  }

  /** What an operation asks of others meanwhile, by the name of the callback. */
  callback(operationId: string, name: string): Asked {
    const [found] = Object.values(this.operation(operationId).callbacks?.[name] ?? {});
    if (!found) throw new Error(`The document has no callback ${name} of ${operationId}.`);
    return found.post;
  }

  /** The schema itself when it stands elsewhere in the document. */
  resolve(schema: Schema): Schema {
    return this.found(schema);
  }

  /** The examples of an operation's body, by their names. */
  examplesOf({ requestBody }: Pick<DocumentedOperation, "requestBody">): [string, unknown][] {
    const { example, examples = {} } = requestBody?.content["application/json"] ?? {};
    const named = Object.entries(examples).map(([name, { value }]): [string, unknown] => [name, value]);
    return example === undefined ? named : [["example", example], ...named];
  }

  /** What a place in the document says, or the component that it refers to. */
  private found<Component extends object>(stated: Component): Component {
    const { $ref } = stated as { $ref?: string };
    if ($ref === undefined) return stated;
    const path = $ref.replace("#/", "").split("/");
    const component = path.reduce<unknown>(
      (place, name) => (place as Json | undefined)?.[name],
      this.document,
    );
    if (component === undefined) throw new Error(`The document has no ${$ref}.`);
    return this.found(component as Component);
  }

  private response(stated: DocumentedResponse): DocumentedResponse {
    const response = this.found(stated);
    return { ...response, headers: mapped(response.headers ?? {}, (header) => this.found(header)) };
  }

  /** What is wrong with a value, null when it fulfils the schema. */
  difference(schema: Schema, value: unknown): string | null {
    let validator = this.validators.get(schema);
    if (!validator) {
      validator = new Validator({ ...schema, components: this.document.components }, "2020-12", false);
      this.validators.set(schema, validator);
    }
    const { valid, errors } = validator.validate(value);
    if (valid) return null;
    return errors.map(({ instanceLocation, error }) => `${instanceLocation}: ${error}`).join("\n");
  }
}

function mapped<Value>(
  record: Record<string, Value>,
  change: (value: Value) => Value,
): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}

function matches(template: string, pathname: string): boolean {
  const parts = template.split("/");
  const given = pathname.split("/");
  return parts.length === given.length && parts.every((part, i) => part.startsWith("{") || part === given[i]);
}
