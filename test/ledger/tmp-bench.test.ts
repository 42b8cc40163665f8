import { test, vi } from "vitest";
import { ModelLedger } from "./model";
import { Random } from "./random";
import { Walk } from "./steps";
import { difference } from "./difference";
test("model only", () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  for (let seed = 1; seed <= 20; seed++) {
    vi.setSystemTime(Date.UTC(2031, 0, 31, 20));
    const model = new ModelLedger();
    const walk = new Walk(new Random(seed), model, seed);
    const steps = walk.opening();
    for (let at = 0; at < 1050; at++) {
      const step = steps[at] ?? walk.next(Date.now());
      if (step.do === "operate") for (const c of step.commands) { const a = model.perform(c, Date.now()); difference(a, a); }
      if (step.do === "post") model.post(step.post, Date.now());
      if (step.do === "pass") vi.setSystemTime(Date.now() + step.ms);
      if (step.do === "alarm") for (const c of model.due(Date.now())) model.expire(c, false, Date.now());
      const a = model.account(Date.now()); difference(a, a);
    }
  }
  vi.useRealTimers();
});
