import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config"
import { server } from "./packages/test-support/src/server.ts"

/** Suites that are run again on PostgreSQL, where there is a server: `packages/test-support` says how they choose. */
const onBoth = ["packages/kernel", "packages/auth", "packages/domain-host"]

export default defineConfig({
  test: {
    reporters: ["default"],
    testTimeout: 20_000,
    pool: "threads",
    projects: [
      {
        extends: true,
        test: {
          name: "default",
          include: ["packages/*/test/**/*.test.ts", "apps/*/test/**/*.test.ts", "scripts/test/**/*.test.ts"]
        }
      },
      ...(server === undefined ? [] : [onPostgres()])
    ]
  }
})

function onPostgres(): TestProjectInlineConfiguration {
  return {
    extends: true,
    test: {
      name: "postgres",
      include: onBoth.map((folder) => `${folder}/test/**/*.test.ts`),
      // The first runs by itself. The others give a watcher so many turns of the event loop, which says nothing of a server.
      exclude: ["packages/kernel/test/postgres/**", "packages/kernel/test/changes/{oracle,replay}.test.ts"],
      env: { PORTICO_TEST_DATABASE: "postgres" },
      globalSetup: "packages/kernel/test/support/template.ts"
    }
  }
}
