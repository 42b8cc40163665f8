import type { OpenAPIV3_1 } from "openapi-types";

type Operation = OpenAPIV3_1.OperationObject;
type Parameter = OpenAPIV3_1.ParameterObject;

/** Below this a name of its own is longer than what it saves. */
const FEWEST_USES = 3;

/**
 * Takes the parameters that several operations have in the same form out of them, and leaves references there.
 *
 * @returns those parameters by their names in the document's components, such as `PathCallId` and `QueryCursor`
 */
export function shareParameters(operations: readonly Operation[]): Record<string, Parameter> {
  const stated = operations.flatMap(({ parameters = [] }) => parameters as Parameter[]);
  const by_name = Map.groupBy(stated, componentName);
  const shared = new Map<string, Parameter>();
  for (const [name, all] of by_name) {
    const usual = mostFrequent(all);
    if (usual) shared.set(name, usual);
  }
  for (const operation of operations)
    operation.parameters = operation.parameters?.map((parameter) => {
      const name = componentName(parameter as Parameter);
      const is_shared = JSON.stringify(shared.get(name)) === JSON.stringify(parameter);
      return is_shared ? { $ref: `#/components/parameters/${name}` } : parameter;
    });
  return Object.fromEntries(shared);
}

/** The form that most parameters of one name have, when it is used often enough to deserve the name. */
function mostFrequent(all: readonly Parameter[]): Parameter | undefined {
  const forms = Map.groupBy(all, (parameter) => JSON.stringify(parameter));
  const [most = []] = [...forms.values()].sort((one, other) => other.length - one.length);
  return most.length >= FEWEST_USES && 2 * most.length > all.length ? most[0] : undefined;
}

/** `call_id` of a path as `PathCallId`. */
function componentName({ in: place, name }: Parameter): string {
  return `${place}_${name}`.replace(/(?:^|[_-])(\w)/g, (_, letter: string) => letter.toUpperCase());
}
