import { expect, test } from "vitest";
import { isRefused, type Refusal, refuse } from "../../src/units/refusal";

type Answer = { outcome: "done"; at_ms: number } | Refusal<"late"> | Refusal<"taken", { by: string }>;

test("a refusal is made of what it says and nothing else: objects of another release read it", () => {
  expect(Object.entries(refuse("late"))).toEqual([
    ["outcome", "refused"],
    ["code", "late"],
  ]);
  expect(refuse("taken", { message: "Taken.", param: "id", by: "somebody" })).toEqual({
    outcome: "refused",
    code: "taken",
    message: "Taken.",
    param: "id",
    by: "somebody",
  });
});

test("an answer is told from a refusal, and each code from the others", () => {
  const answers: Answer[] = [{ outcome: "done", at_ms: 1 }, refuse("late"), refuse("taken", { by: "b" })];
  const heard = answers.map((answer) => {
    if (!isRefused(answer)) return answer.at_ms;
    return answer.code === "taken" ? answer.by : answer.code;
  });
  expect(heard).toEqual([1, "late", "b"]);
});
