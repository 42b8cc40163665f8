import type { OpenAPIV3_1 } from "openapi-types";
import { ERRORS, type ErrorCode } from "../errors";
import { Prose } from "./prose";
import type { Field, Schema, SchemaReader } from "./schema";

export interface NamedOperation {
  method: string;
  path: string;
  operation: OpenAPIV3_1.OperationObject;
}

const KEYS: Record<string, string> = {
  organizationKey: "rf_live_…",
  edgeKey: "rf_edge_…",
  adminKey: "rf_admin_…",
};

/** One operation: how to ask and everything that it may answer. */
export function Operation({ method, path, operation, reader }: NamedOperation & { reader: SchemaReader }) {
  const id = anchorOf(operation);
  const key = Object.keys(operation.security?.[0] ?? {})[0];
  const responses = Object.entries(operation.responses ?? {}).map(
    ([status, response]): [string, OpenAPIV3_1.ResponseObject] => [status, reader.component(response)],
  );
  const good = responses.filter(([status]) => status < "300");
  const errors = responses.filter(([status]) => status >= "300");
  return (
    <section class="operation" id={id} aria-labelledby={`${id}-title`}>
      <h3 id={`${id}-title`}>
        <a href={`#${id}`}>{operation.summary}</a>
      </h3>
      <p class="route">
        <span class={`method ${method}`}>{method.toUpperCase()}</span> <code>{path}</code>
        {key && <span class="key">{KEYS[key]}</span>}
      </p>
      {operation.description && <Prose text={operation.description} />}
      <Parameters
        parameters={(operation.parameters ?? []).map((parameter) => reader.component(parameter))}
        reader={reader}
      />
      {operation.requestBody && (
        <RequestBody body={reader.component(operation.requestBody)} reader={reader} />
      )}
      {good.map(([status, response]) => (
        <Answer status={status} response={response} reader={reader} />
      ))}
      {errors.length > 0 && <Errors responses={errors} />}
    </section>
  );
}

export function anchorOf(operation: OpenAPIV3_1.OperationObject): string {
  return operation.operationId ?? "";
}

function Parameters({
  parameters,
  reader,
}: {
  parameters: OpenAPIV3_1.ParameterObject[];
  reader: SchemaReader;
}) {
  if (parameters.length === 0) return null;
  const fields = parameters.map((parameter) => {
    const schema = { ...(parameter.schema as Schema), description: parameter.description };
    const [field] = reader.fields({
      type: "object",
      properties: { [parameter.name]: schema },
      required: parameter.required ? [parameter.name] : [],
    });
    return field && { ...field, type: `${field.type}, ${parameter.in}` };
  });
  return (
    <>
      <h4>Parameters</h4>
      <Fields fields={fields.filter((field) => field !== undefined)} />
    </>
  );
}

function RequestBody({ body, reader }: { body: OpenAPIV3_1.RequestBodyObject; reader: SchemaReader }) {
  const { schema, example, examples = {} } = body.content["application/json"] ?? {};
  if (!schema) return null;
  const several = Object.values(examples).map((each) => reader.component(each).value);
  const values = example === undefined ? several : [example];
  return (
    <>
      <h4>Request body</h4>
      {reader.variants(schema).map((variant) => (
        <FieldList fields={reader.fields(variant)} />
      ))}
      {values.map((value) => (
        <Example value={value} />
      ))}
    </>
  );
}

interface AnswerProps {
  status: string;
  response: OpenAPIV3_1.ResponseObject;
  reader: SchemaReader;
}

function Answer({ status, response, reader }: AnswerProps) {
  const contents = Object.entries(response.content ?? {});
  const schema = response.content?.["application/json"]?.schema as Schema | undefined;
  return (
    <>
      <h4>
        Answer <span class="status">{status}</span>
        {contents.map(([type]) => (
          <span class="type">{type}</span>
        ))}
      </h4>
      <Prose text={response.description} />
      {schema && <Shape schema={schema} reader={reader} />}
    </>
  );
}

/** The fields and an example of each variant that an answer's body can have. */
function Shape({ schema, reader }: { schema: Schema; reader: SchemaReader }) {
  return (
    <>
      {reader.variants(schema).map((variant) => (
        <div class="shape">
          <FieldList fields={reader.fields(variant)} />
          <Example value={reader.example(variant)} />
        </div>
      ))}
    </>
  );
}

function FieldList({ fields }: { fields: Field[] }) {
  return (
    <details>
      <summary>Fields</summary>
      <Fields fields={fields} />
    </details>
  );
}

function Example({ value }: { value: unknown }) {
  return (
    <figure>
      <figcaption>Example</figcaption>
      <pre tabindex={0}>{JSON.stringify(value, null, 2)}</pre>
    </figure>
  );
}

function Fields({ fields }: { fields: Field[] }) {
  return (
    <ul class="fields">
      {fields.map((field) => (
        <li>
          <code>{field.name}</code> <span class="type">{field.type}</span>{" "}
          {field.required ? <span class="required">required</span> : <span class="optional">optional</span>}
          {field.limits.map((limit) => (
            <span class="limit">{limit}</span>
          ))}
          {field.description && <Prose text={field.description} />}
          {field.fields.length > 0 && <Fields fields={field.fields} />}
        </li>
      ))}
    </ul>
  );
}

function Errors({ responses }: { responses: [string, OpenAPIV3_1.ResponseObject][] }) {
  return (
    <details class="errors">
      <summary>Errors</summary>
      <table>
        <thead>
          <tr>
            <th scope="col">Status</th>
            <th scope="col">What it says</th>
          </tr>
        </thead>
        <tbody>
          {responses.map(([status, response]) => (
            <tr>
              <th scope="row">
                <span class="status error">{status}</span>
              </th>
              <td>
                <Prose text={meaningOf(response)} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

/** What each code of an error says, or what the document says of an answer that is none. */
function meaningOf(response: OpenAPIV3_1.ResponseObject): string {
  const codes = (response as { "x-error-codes"?: ErrorCode[] })["x-error-codes"];
  return codes?.map((code) => `\`${code}\`: ${ERRORS[code].message}`).join("\n\n") ?? response.description;
}
