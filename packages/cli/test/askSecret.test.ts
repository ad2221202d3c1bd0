import { PassThrough } from "node:stream"
import { assert, describe, it } from "vitest"
import { askSecret } from "../src/internal/askSecret.ts"

const typing = (keys: string) => {
  const input = new PassThrough()
  const shown: Array<string> = []
  let interrupted = 0
  const typed = askSecret(
    {
      input,
      output: { write: (text) => shown.push(text) },
      interrupt: () => {
        interrupted++
      }
    },
    "Password: "
  )
  input.write(keys)
  return { input, typed, shown, interrupted: () => interrupted }
}

describe("a secret that is typed", () => {
  it("is not shown, and can be corrected", async () => {
    const { shown, typed } = typing("wrong\u0015violet otzer\u007f\u007f\u007fter\r")
    assert.strictEqual(await typed, "violet otter")
    assert.deepStrictEqual(shown, ["Password: ", "\n"])
  })

  it("is empty where the terminal is gone or somebody gives up", async () => {
    const gone = typing("")
    gone.input.end()
    assert.strictEqual(await gone.typed, "")
    const given = typing("half\u0003")
    assert.strictEqual(await given.typed, "")
    assert.strictEqual(given.interrupted(), 1)
  })
})
