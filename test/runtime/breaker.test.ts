import { expect, test } from "vitest";
import { Breaker } from "../../src/runtime/breaker";

const silence = new Error("It never answered.");
const isSilence = (error: unknown) => error === silence;
const answered = (breaker: Breaker) => breaker.ask(async () => "yes", isSilence);

/** Requests that are under way until they are given up. */
function hang(breaker: Breaker, count: number) {
  const { promise, reject } = Promise.withResolvers<never>();
  const asked = Array.from({ length: count }, () => breaker.ask(() => promise, isSilence));
  return async () => {
    reject(silence);
    await Promise.allSettled(asked);
  };
}

test("whoever answers nobody is left alone", async () => {
  const breaker = new Breaker();
  await hang(breaker, 3)();
  await expect(answered(breaker)).rejects.toThrow("left alone");
});

test("what is never answered to one shuts out no others, who are answered meanwhile", async () => {
  const breaker = new Breaker();
  const giveUp = hang(breaker, 30);
  await answered(breaker);
  await giveUp();
  expect(breaker.restMs(Date.now())).toBe(0);
  expect(await answered(breaker)).toBe("yes");
});

test("answers that are missed from before it answered again do not shut it out anew", async () => {
  const breaker = new Breaker();
  const [first, second] = [hang(breaker, 2), hang(breaker, 10)];
  await first();
  await answered(breaker);
  await second();
  expect(await answered(breaker)).toBe("yes");
});
