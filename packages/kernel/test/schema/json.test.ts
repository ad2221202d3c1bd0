import { assert, it } from "@effect/vitest"
import { isPorticoError } from "@portico/schema"
import { checkJson } from "../../src/internal/json.ts"

const refusal = (value: unknown) => {
  try {
    checkJson(value, "params")
  } catch (error) {
    if (isPorticoError(error)) return [error.code, error.message, error.details?.issues ?? error.details?.limit]
    throw error
  }
  return undefined
}

it("abuse 28: what is no JSON is refused with the place where it is", () => {
  assert.isUndefined(refusal({ a: [1, null, { b: undefined }] }))
  const text = { code: "lone_surrogate", message: "text must be well-formed Unicode" }
  assert.deepStrictEqual(refusal({ props: { list: ["a", "\ud800"] } }), [
    "INVALID_PARAMS",
    "params.props.list.1: text that is not well-formed Unicode",
    [{ path: ["props", "list", 1], ...text }]
  ])
  assert.deepStrictEqual(refusal({ props: { "\udfff": 1 } }), [
    "INVALID_PARAMS",
    "params.props.\ufffd: text that is not well-formed Unicode",
    [{ path: ["props", "\ufffd"], ...text }]
  ])
  for (const value of [Number.POSITIVE_INFINITY, Number.NaN, 1n, () => 1, new Date(0)]) {
    assert.deepStrictEqual(refusal({ a: [value] })?.slice(0, 2), ["INVALID_PARAMS", "params.a.0: not a JSON value"])
  }
  let deep: unknown = 1
  for (let i = 0; i < 65; i++) deep = [deep]
  assert.deepStrictEqual(refusal(deep)?.[2], "depth")
})
