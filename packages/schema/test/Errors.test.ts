import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Errors from "../src/Errors.ts"
import { type ErrorCode, errorCatalogue, isErrorCode, isPorticoError, PorticoError } from "../src/Errors.ts"

// The table of the design, written out once more: a code that is added to one of the two must be added to both.
const byStatus: Readonly<Record<number, string>> = {
  400: "INVALID_PARAMS INVALID_PATH INVALID_BODY METHOD_IS_STATIC METHOD_IS_INSTANCE CURSOR_INVALID CONSTRAINT_VIOLATED",
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND CLASS_NOT_FOUND METHOD_NOT_FOUND",
  405: "METHOD_NOT_ALLOWED",
  409: "PATH_CONFLICT REV_CONFLICT NOT_EMPTY CYCLE SCHEMA_CONFLICT SCHEMA_IN_USE CONTRACT_MISMATCH KEY_CHANGED IN_PROGRESS INSTALL_IN_PROGRESS",
  410: "CHANGES_EXPIRED",
  413: "PAYLOAD_TOO_LARGE LIMIT_EXCEEDED",
  415: "UNSUPPORTED_MEDIA_TYPE",
  421: "WRONG_HOST",
  422: "IDEMPOTENCY_MISMATCH",
  429: "RATE_LIMITED",
  499: "CANCELLED",
  500: "INTERNAL",
  501: "NOT_IMPLEMENTED",
  502: "DISPATCH_FAILED FETCH_BLOCKED",
  503: "UNAVAILABLE",
  504: "TIMEOUT",
  507: "STORAGE_FULL"
}

const codes = Object.keys(errorCatalogue).filter(isErrorCode)

/** `NOT_FOUND` → `isNotFound`. */
const predicateName = (code: string): string =>
  `is${code
    .split("_")
    .map((word) => word[0] + word.slice(1).toLowerCase())
    .join("")}`

const predicate = (code: string): ((u: unknown) => boolean) => {
  const found: unknown = Reflect.get(Errors, predicateName(code))
  if (typeof found !== "function") throw new Error(`there is no ${predicateName(code)}`)
  return (u) => found(u) === true
}

describe("the catalogue", () => {
  it("has every code of the design with its status, and no other", () => {
    const listed = Object.entries(byStatus).flatMap(([status, names]) =>
      names.split(" ").map((code) => [code, Number(status)] as const)
    )
    const present = codes.map((code) => [code, errorCatalogue[code].status] as const)
    expect(new Map(present)).toEqual(new Map(listed))
  })

  it("says of every code what it means and whether to try again", () => {
    for (const code of codes) {
      expect(errorCatalogue[code].meaning, code).toMatch(/^[a-z].{10,}[^.]$/)
      expect(["never", "after-change", "later"], code).toContain(errorCatalogue[code].retry)
    }
  })

  it("has a predicate for every code that is true for that code alone", () => {
    for (const code of codes) {
      for (const other of codes) {
        expect(predicate(code)(PorticoError.make(other, "x")), `${predicateName(code)}(${other})`).toBe(code === other)
      }
    }
  })
})

describe("PorticoError", () => {
  it("writes and reads the shape of the wire", () => {
    const error = PorticoError.make("NOT_FOUND", "/x does not exist", { path: "/x" })
    const json = JSON.parse(JSON.stringify(error))
    expect(json).toEqual({ code: "NOT_FOUND", message: "/x does not exist", details: { path: "/x" } })
    const read = PorticoError.fromJson(json)
    expect(read).toBeInstanceOf(PorticoError)
    expect(read.status).toBe(404)
    expect(read.toJSON()).toEqual(json)
    expect(JSON.parse(JSON.stringify(PorticoError.make("CYCLE", "x")))).toEqual({ code: "CYCLE", message: "x" })
  })

  it("reads a code it does not know as INTERNAL and keeps it in the details", () => {
    const read = PorticoError.fromJson({ code: "BRAND_NEW", message: "hm", details: { a: 1 } })
    expect(read.toJSON()).toEqual({ code: "INTERNAL", message: "hm", details: { a: 1, code: "BRAND_NEW" } })
  })

  it("reads anything at all without throwing", () => {
    for (const odd of [undefined, null, 1, "x", [], {}, { code: "toString" }, { code: "__proto__", message: 4 }]) {
      expect(PorticoError.fromJson(odd).code).toBe("INTERNAL")
    }
  })

  it.effect("fails an Effect when it is yielded, and is caught by its code", () =>
    Effect.gen(function* () {
      const failing = Effect.gen(function* () {
        return yield* PorticoError.make("PATH_CONFLICT", "/a is taken")
      })
      const caught = yield* Effect.catchTag(failing, "PATH_CONFLICT", (error) => Effect.succeed(error.status))
      expect(caught).toBe(409)
    })
  )

  it("is known by its brand, also when another copy of the package made it", () => {
    const foreign = Object.assign(new Error("x"), { "~portico/PorticoError": true, code: "TIMEOUT", _tag: "TIMEOUT" })
    expect(isPorticoError(foreign)).toBe(true)
    expect(Errors.isTimeout(foreign)).toBe(true)
    expect(isPorticoError({ code: "TIMEOUT" })).toBe(false)
    expect(isPorticoError(Object.assign(new Error("x"), { code: "ENOENT" satisfies string }))).toBe(false)
  })

  it("takes no name of Object.prototype for a code", () => {
    for (const name of ["toString", "constructor", "__proto__"]) expect(isErrorCode(name)).toBe(false)
    const code: ErrorCode = "INTERNAL"
    expect(isErrorCode(code)).toBe(true)
  })
})
