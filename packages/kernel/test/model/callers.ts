import { Authority } from "../../src/index.ts"

/** Everybody who calls in a sequence, by ids of its first nodes. */
export const callersOf = (first: ReadonlyArray<string>): ReadonlyArray<readonly [name: string, as: Authority]> => {
  const [, a = "", b = "", , d = "", , u = "", v = "", g = "", , s = ""] = first
  const ada = Authority.identity(u)
  const service = { id: s, also: [g] }
  const narrow = Authority.narrow(ada, { nodes: [a], perms: 7 })
  return [
    ["the instance", Authority.system],
    ["u", ada],
    ["v", Authority.identity(v)],
    ["nobody", Authority.anonymous],
    ["u, narrowed to a", narrow],
    ["u, narrowed to d and then to READ and SHARE", narrowTwice(ada, d)],
    ["u through s", Authority.withFunction(Authority.narrow(ada, { nodes: [b, d], perms: 15 }), service)],
    [
      "u through s, which is narrowed",
      Authority.withFunction(ada, { ...service, bounds: [{ nodes: [d], perms: 15 }] })
    ],
    ["s by itself", Authority.functionOnly(ada, service)]
  ]
}

const narrowTwice = (whole: Authority, top: string): Authority =>
  Authority.narrow(Authority.narrow(whole, { nodes: [top], perms: 15 }), { nodes: "all", perms: 9 })

/** The caller of a step: the instance often, and users more than others. */
const picked = [0, 1, 2, 0, 1, 0, 1, 4, 0, 1, 6, 0, 1, 0, 2, 0, 1, 0, 7, 0, 1, 0, 4, 0, 1, 0, 5, 0, 6, 3, 8, 2] as const

export const callerAt = <A>(callers: ReadonlyArray<A>, pick: number): A => {
  const found = callers[picked[pick] ?? 0]
  if (found === undefined) throw new Error("there is no such caller")
  return found
}
