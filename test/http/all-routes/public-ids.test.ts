/// <reference types="vite/types/importMeta.d.ts" />
import { expect, test } from "vitest";
import { auditWords } from "../../../src/dashboard/pages/audit/words";
import { CUSTOMER_EVENT_TYPES, OPERATOR_EVENT_TYPES } from "../../../src/webhooks/event-catalogue";
import { theContract } from "../../support/api/api";

const sources = import.meta.glob<string>("../../../src/**/*.{ts,tsx}", {
  query: "?raw",
  import: "default",
  eager: true,
});

/** Names that no file of src has between quotes, those of `elsewhere` not counted. */
function notWrittenOut(names: readonly string[], elsewhere = ""): string[] {
  const texts = Object.entries(sources).filter(([path]) => elsewhere === "" || !path.includes(elsewhere));
  return names.filter((name) => !texts.some(([, text]) => text.includes(`"${name}"`)));
}

test("every operationId of the API can be found by searching src for it", async () => {
  const { operations } = await theContract();
  expect(notWrittenOut(operations.map(({ operationId }) => operationId))).toEqual([]);
});

test("every event type can be found by searching src for it", () => {
  expect(notWrittenOut([...CUSTOMER_EVENT_TYPES, ...OPERATOR_EVENT_TYPES])).toEqual([]);
});

test("every audit action that customers may read of can be found by searching src for it", () => {
  expect(notWrittenOut(Object.keys(auditWords.en.actions), "dashboard/pages/audit/")).toEqual([]);
});

test("no operationId and no audit action is put together from parts", () => {
  const made = Object.entries(sources).flatMap(([path, text]) =>
    [...text.matchAll(/(?:operationId|action): `[^`]*\$\{[^`]*`/g)].map(([found]) => `${path}: ${found}`),
  );
  // Those of events are made of the type, which is what people search for.
  expect(made).toEqual([expect.stringContaining("src/http/document/events.ts: operationId: `send")]);
});
