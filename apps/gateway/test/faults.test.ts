import { rmSync } from "node:fs"
import { porticoGateway } from "@portico/distro"
import { describe, expect, it } from "vitest"
import { type Ended, faultyMain, spawnGateway, temporaryFolder } from "./gatewayProcess.ts"

// What becomes of the other modules is looked at in the distro's own tests, fault by fault; here it is the process.
const modules = porticoGateway().modules.map(({ id }) => id)
const mayBeMissing = new Set(
  porticoGateway().modules.flatMap(({ id, onBootFailure }) => (onBootFailure === "degrade" ? [id] : []))
)

/** Runs until it ends, which it is asked to once it is ready. */
const live = async (module: string, fault: string, env: Readonly<Record<string, string>> = {}): Promise<Ended> => {
  const data = temporaryFolder()
  const { ended, ready } = spawnGateway(
    data,
    { PORTICO_TEST_FAULT: fault, PORTICO_TEST_FAULTY: module, ...env },
    faultyMain
  )
  ready.then(
    (gateway) => gateway.signal("SIGTERM"),
    () => {}
  )
  const result = await ended
  rmSync(data, { recursive: true, force: true })
  return result
}

const isReady = ({ output }: Ended): boolean => output.includes("is ready at")

describe("the process of the distro", () => {
  it.each(modules.filter((id) => !mayBeMissing.has(id)))(
    "exits with 1 and a report if %s does not start",
    async (id) => {
      const ended = await live(id, "fails")
      expect(ended.code).toBe(1)
      expect(ended.output).toContain(`Portico did not start.\n  module ${id}: the fault of "${id}" is part of the test`)
      expect(isReady(ended)).toBe(false)
    }
  )

  it.each([...mayBeMissing])("is ready without %s, says so, and exits with 0", async (id) => {
    const ended = await live(id, "fails")
    expect(ended.code).toBe(0)
    expect(ended.output).toContain(`  degraded: ${id} (the fault of "${id}" is part of the test)`)
    expect(isReady(ended)).toBe(true)
  })

  it("exits with 1 when the time of a module that hangs is up, and says what it had waited for", async () => {
    const ended = await live("kernel", "hangs", { PORTICO_START_TIMEOUT: "4000" })
    expect(ended.code).toBe(1)
    expect(ended.output).toContain(
      "module kernel: it did not start within 4000 ms (it needs database, which had started)"
    )
    expect(ended.output).toMatch(/"still starting: kernel, \d s;.*auth \(waiting for kernel\)/)
    expect(isReady(ended)).toBe(false)
  }, 60_000)

  it.each(["database", "kernel", "domains"])("exits with 0 in bounded time though %s does not let go", async (id) => {
    const ended = await live(id, "neverReleases", { PORTICO_MODULE_STOP_DEADLINE: "1000" })
    expect(ended.output).toContain(`Module \\"${id}\\" did not stop within 1000 ms; it is left behind.`)
    expect(ended.code).toBe(0)
  })
})
