import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-pool-workers";
import { defineConfig } from "vitest/config";

const root = new URL("..", import.meta.url).pathname;

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
    include: ["test/**/*.test.ts"],
    setupFiles: [`${root}test/support/apply-migrations.ts`],
  },
}));
