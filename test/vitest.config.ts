import { availableParallelism } from "node:os";
import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-pool-workers";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { announceDuration, dropExpectedCrashes } from "./support/node/quiet-output.ts";

announceDuration();
dropExpectedCrashes();

const root = new URL("..", import.meta.url).pathname;

/** They take a minute and more: begun last, each would be left to run alone. */
const LONG_FILES = /money-random|property\/property|http\/contract|auto-top-up\/trouble/;

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const [long, others] = [true, false].map((is_long) =>
      files.filter(({ moduleId }) => LONG_FILES.test(moduleId) === is_long),
    );
    return [...(long ?? []), ...(await super.sort(others ?? []))];
  }
}

/** Everything runs inside workerd, with the real D1, KV and Durable Objects of the local runtime. */
export default defineConfig(async () => ({
  plugins: [
    cloudflareTest({
      wrangler: { configPath: `${root}wrangler.toml` },
      miniflare: {
        bindings: {
          TEST_MIGRATIONS: await readD1Migrations(`${root}migrations`),
          KEY_SECRETS: "1:a-secret-that-only-the-tests-know-0000",
          LEDGER_DEADLINE_MS: "1000",
          STRIPE_SECRET_KEY: "sk_test_standin000000000000",
          STRIPE_WEBHOOK_SECRET: "whsec_that_only_the_tests_know",
          STRIPE_API_URL: "https://stripe.test",
          // With it the contract suite of the stand-in asks Stripe's own test mode instead.
          STRIPE_TEST_KEY: process.env.STRIPE_TEST_KEY ?? "",
          PUBLIC_URL: "https://ringfence.test",
          WEBHOOK_RESOLVER_URL: "",
          DIALER_URL: "https://dialer.test/calls",
          DIALER_SECRET: "a-dialer-secret-that-only-the-tests-know",
        },
      },
    }),
  ],
  test: {
    root,
    // One line for each request is for operators; in a test's output it hides what matters.
    onConsoleLog: (log: string) => !log.includes('"event":"request"'),
    // What a test that passed has logged hides what failed.
    silent: "passed-only" as const,
    // A file waits for its workerd as long as it computes, so that two at once keep even two cores busy.
    maxWorkers: Math.max(2, availableParallelism()),
    // Several files at once on a busy machine: slowness is for the bench to find.
    testTimeout: 30_000,
    include: ["test/**/*.test.ts"],
    sequence: { sequencer: LongestFirst },
    setupFiles: [`${root}test/support/apply-migrations.ts`],
  },
}));
