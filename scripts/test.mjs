// `npm test`: installs what is missing, runs every test, closes with one line taken from Vitest's own report.
// What PORTICO_TEST_REQUIRE names (comma separated, e.g. `vectors,postgres`) must be there: a test named
// "… (needs postgres)" that is skipped then counts as failed.
import { existsSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { startPostgres } from "./postgres.mjs"
import { buildFolder, ensureInstalled, root, runNode } from "./workspace.mjs"

ensureInstalled()
const report = join(buildFolder("test"), "vitest.json")
rmSync(report, { force: true })
const postgres = process.env.PORTICO_TEST_POSTGRES_URL ? undefined : await startPostgres()
const code = await runNode(
  [
    join(root, "node_modules", "vitest", "vitest.mjs"),
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
    ...process.argv.slice(2)
  ],
  { env: postgres === undefined ? {} : { PORTICO_TEST_POSTGRES_URL: postgres.url } }
)
await postgres?.stop()

if (!existsSync(report)) {
  console.error("The tests were ended before there was a report.")
  process.exit(code === 0 ? 1 : code)
}
const results = JSON.parse(readFileSync(report, "utf8"))
const required = (process.env.PORTICO_TEST_REQUIRE ?? "").split(",").filter((name) => name !== "")
const skipped = results.testResults.flatMap((file) =>
  file.assertionResults.filter(
    (test) => test.status === "skipped" || test.status === "pending" || test.status === "todo"
  )
)
for (const test of skipped) console.log(`skipped: ${test.fullName}`)
const forbidden = skipped.filter((test) => required.some((name) => test.fullName.includes(`(needs ${name})`)))
for (const test of forbidden)
  console.error(`This test was skipped, but PORTICO_TEST_REQUIRE asks for it: ${test.fullName}`)
if (results.numTotalTests === 0) console.error("No test ran.")

console.log(`${results.numPassedTests} passed, ${results.numFailedTests} failed, ${skipped.length} skipped`)
process.exitCode = code !== 0 ? code : forbidden.length > 0 || results.numTotalTests === 0 || !results.success ? 1 : 0
