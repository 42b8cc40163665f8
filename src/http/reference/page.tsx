import type { OpenAPIV3_1 } from "openapi-types";
import type { OpenApiDocument } from "../document/document";
import { ERRORS } from "../errors";
import { anchorOf, type NamedOperation, Operation } from "./operation";
import { Prose } from "./prose";
import { SchemaReader } from "./schema";

/** The reference of the API, made of its OpenAPI document: complete without scripts, fonts or anything from elsewhere. */
export function ReferencePage({ document }: { document: OpenApiDocument }) {
  const reader = new SchemaReader(document);
  const groups = groupsOf(document);
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{document.info.title} API</title>
        <link rel="stylesheet" href="/api/docs/style.css" />
      </head>
      <body>
        <a class="skip" href="#content">
          Skip to content
        </a>
        <Navigation groups={groups} title={document.info.title} />
        <main id="content">
          <h1>{document.info.title} API</h1>
          <Prose text={document.info.description} />
          <p>
            For tools: <a href="/api/openapi.json">openapi.json</a> (OpenAPI {document.openapi}).
          </p>
          <Authentication schemes={document.components.securitySchemes ?? {}} />
          {groups.map(({ name, description, operations }) => (
            <section aria-labelledby={`group-${name}`}>
              <h2 id={`group-${name}`}>{name}</h2>
              <Prose text={description} />
              {operations.map((operation) => (
                <Operation {...operation} reader={reader} />
              ))}
            </section>
          ))}
          <ErrorTable />
        </main>
      </body>
    </html>
  );
}

interface Group {
  name: string;
  description: string;
  operations: NamedOperation[];
}

function groupsOf(document: OpenApiDocument): Group[] {
  const all = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method,
      path,
      operation: operation as OpenAPIV3_1.OperationObject,
    })),
  );
  return document.tags.map(({ name, description = "" }) => ({
    name,
    description,
    operations: all.filter(({ operation }) => operation.tags?.includes(name)),
  }));
}

function Navigation({ groups, title }: { groups: Group[]; title: string }) {
  return (
    <nav aria-label="Contents">
      <p class="brand">{title}</p>
      {groups.map(({ name, operations }) => (
        <details open>
          <summary>{name}</summary>
          <ul>
            {operations.map(({ method, operation }) => (
              <li>
                <a href={`#${anchorOf(operation)}`}>
                  <span class={`method ${method}`}>{method.toUpperCase()}</span> {operation.summary}
                </a>
              </li>
            ))}
          </ul>
        </details>
      ))}
      <p>
        <a href="#errors">Errors</a>
      </p>
    </nav>
  );
}

function Authentication({
  schemes,
}: {
  schemes: NonNullable<OpenAPIV3_1.ComponentsObject["securitySchemes"]>;
}) {
  return (
    <section aria-labelledby="keys">
      <h2 id="keys">Keys</h2>
      <p>
        Send a key as <code>Authorization: Bearer &lt;key&gt;</code>. There are three kinds:
      </p>
      <ul>
        {Object.values(schemes).map((scheme) => (
          <li>
            <Prose text={("description" in scheme && scheme.description) || ""} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function ErrorTable() {
  return (
    <section id="errors" aria-labelledby="errors-title">
      <h2 id="errors-title">Errors</h2>
      <Prose text="Every error has the same form. Test `error.code`; `param` names the field that is wrong. Those of `insufficient_credits` and `rate_limit_exceeded` have `error` with its code and message alone." />
      <pre>
        {JSON.stringify(
          {
            error: {
              code: "missing_field",
              message: "…",
              type: "invalid_request_error",
              param: "from",
              request_id: "…",
            },
            message: "…",
            type: "invalid_request_error",
            param: "from",
          },
          null,
          2,
        )}
      </pre>
      <table>
        <thead>
          <tr>
            <th scope="col">Code</th>
            <th scope="col">Status</th>
            <th scope="col">Meaning</th>
          </tr>
        </thead>
        <tbody>
          {Object.entries(ERRORS).map(([code, { status, message }]) => (
            <tr>
              <th scope="row">
                <code>{code}</code>
              </th>
              <td>{status}</td>
              <td>{message}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
