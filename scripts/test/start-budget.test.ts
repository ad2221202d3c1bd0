import type { OutputChunk } from "rolldown"
import { expect, it } from "vitest"
import { evaluatedAtStart, libraryOf, startProblems } from "../start-budget.ts"

const chunk = (
  fileName: string,
  facadeModuleId: string | null,
  imports: ReadonlyArray<string>,
  modules: Readonly<Record<string, number>> = {},
  bytes = 10
) =>
  ({
    fileName,
    facadeModuleId,
    imports,
    code: "x".repeat(bytes),
    modules: Object.fromEntries(Object.entries(modules).map(([id, renderedLength]) => [id, { renderedLength }]))
    // Of a chunk only these are looked at.
  }) as unknown as OutputChunk

const cli = "/repo/packages/cli/src/main.ts"
const start = "/repo/packages/cli/src/internal/run/start.ts"
const library = (name: string) =>
  `/repo/node_modules/.pnpm/${name.replace("/", "+")}@1.0.0/node_modules/${name}/index.js`

it("counts what the command and `start` import, and not what they import later", () => {
  const chunks = [
    chunk("main.js", cli, ["shared.js"]),
    chunk("start.js", start, ["shared.js", "deep.js"]),
    chunk("shared.js", null, []),
    chunk("deep.js", null, ["shared.js"]),
    chunk("later.js", "/repo/packages/auth/src/internal/passkeys.ts", [])
  ]
  expect(evaluatedAtStart(chunks).map(({ fileName }) => fileName)).toEqual([
    "main.js",
    "shared.js",
    "start.js",
    "deep.js"
  ])
})

it("names a library that not every start needs, unless nothing of it is left", () => {
  const modules = { [library("openid-client")]: 5, [library("effect")]: 5, [library("nodemailer")]: 0, [start]: 5 }
  const chunks = [chunk("main.js", cli, []), chunk("start.js", start, [], modules)]
  expect(startProblems(chunks)).toEqual(['Every start evaluates "openid-client": import it when it is first used.'])
})

it("says when a start evaluates too much", () => {
  const chunks = [chunk("main.js", cli, []), chunk("start.js", start, [], {}, 2_000_000)]
  expect(startProblems(chunks)).toEqual([expect.stringMatching(/^A start evaluates 2000 kB of code/)])
})

it("finds a library's name in the path of its module", () => {
  expect(libraryOf(library("@simplewebauthn/server"))).toBe("@simplewebauthn/server")
  expect(libraryOf(library("jose"))).toBe("jose")
  expect(libraryOf("/repo/packages/auth/src/index.ts")).toBeUndefined()
})
