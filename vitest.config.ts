import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config"
import { BaseSequencer, type TestSpecification } from "vitest/node"
import { server } from "./packages/test-support/src/server.ts"

/** Files that put something of their own in the place of a library, which others want as it is. */
const alone = ["packages/gate-adapters/test/keyring/noKeyring.test.ts"]

/** Suites that are run again on PostgreSQL, where there is a server: `packages/test-support` says how they choose. */
const onBoth = ["packages/kernel", "packages/auth", "packages/domain-host"]

/** Files that take minutes: begun last, they would be waited for by workers with nothing left to do. */
const longest = ["packages/kernel/test/model/model.test.ts", "packages/kernel/test/crash/kill.test.ts"]

class LongestFirst extends BaseSequencer {
  override async sort(files: Array<TestSpecification>): Promise<Array<TestSpecification>> {
    const isLong = ({ moduleId }: TestSpecification) => longest.some((path) => moduleId.endsWith(path))
    const sorted = await super.sort(files)
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    reporters: ["default"],
    // For what hangs: how long things may take is said by the tests themselves, and a machine may be busy.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: "threads",
    // Files share what they import: to load and compile all of it anew for each is half of the time of most.
    isolate: false,
    // Tests wait for processes, disks and a server more than they compute, so no core is left out for Vitest itself.
    maxWorkers: "100%",
    projects: [
      {
        extends: true,
        test: {
          name: "default",
          include: ["packages/*/test/**/*.test.ts", "apps/*/test/**/*.test.ts", "scripts/test/**/*.test.ts"],
          exclude: alone
        }
      },
      { extends: true, test: { name: "alone", include: alone, isolate: true } },
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
      exclude: [
        // These run by themselves.
        "packages/kernel/test/postgres/**",
        "packages/auth/test/{processes,processKeys,providers/processes}.test.ts",
        // What a provider answers is the same whatever is asked of the database afterwards.
        "packages/auth/test/providers/{attacks,claims,settings}.test.ts",
        // About a file in the data folder: what is in it, and starting on it again.
        "packages/auth/test/firstStart.test.ts",
        "packages/domain-host/test/bundled.test.ts",
        // Days of the test clock are millions of turns of a pool of connections.
        "packages/auth/test/{pruned,signingKeys}.test.ts",
        // About what is said over HTTP: what they ask of the database, their neighbours ask of both.
        "packages/auth/test/oauth/{codes,consent,devices,kinds}.test.ts",
        "packages/auth/test/views/viewTokens.test.ts",
        // Statements are counted where each is run once.
        "packages/kernel/test/bounds.test.ts",
        // What files, disks and the driver of SQLite do.
        "packages/kernel/test/{crash,integrity}/{damaged,disk,everyStatement,kill}.test.ts"
      ],
      env: { PORTICO_TEST_DATABASE: "postgres" },
      globalSetup: "packages/kernel/test/support/template.ts"
    }
  }
}
