import { Authority } from "../../src/index.ts"

/** A bound as the specification has it: what is outside of it is left with nothing, and what is inside with these bits. */
export interface MBound {
  readonly nodes: ReadonlyArray<string> | "all"
  readonly perms: number
}

export interface MHalf {
  readonly kind: "caller" | "function"
  /** None for a caller without a credential. */
  readonly identities: ReadonlyArray<string>
  readonly bounds: ReadonlyArray<MBound>
}

/** On whose behalf something is asked, said twice: as the kernel is told it, and as the model understands it. */
export interface Caller {
  readonly name: string
  readonly as: Authority
  /** `"everything"` is the instance itself. */
  readonly halves: ReadonlyArray<MHalf> | "everything"
  /** Who is written down as the author of a change. */
  readonly actor: string | null
}

export const instance: Caller = { name: "the instance", as: Authority.system, halves: "everything", actor: null }

const caller = (identity: string, ...bounds: ReadonlyArray<MBound>): MHalf => ({
  kind: "caller",
  identities: [identity],
  bounds
})
const running = (identities: ReadonlyArray<string>, ...bounds: ReadonlyArray<MBound>): MHalf => ({
  kind: "function",
  identities,
  bounds
})

/** Everybody who calls in a sequence, by ids of its first nodes. */
export const callersOf = (first: ReadonlyArray<string>): ReadonlyArray<Caller> => {
  const [, a = "", b = "", , d = "", , u = "", v = "", g = "", , s = ""] = first
  const ada = Authority.identity(u)
  const service = { id: s, also: [g] }
  const [inA, inD, inBoth] = [
    { nodes: [a], perms: 7 },
    { nodes: [d], perms: 15 },
    { nodes: [b, d], perms: 15 }
  ]
  const readAndShare = { nodes: "all", perms: 9 } as const
  return [
    instance,
    { name: "u", as: ada, halves: [caller(u)], actor: u },
    { name: "v", as: Authority.identity(v), halves: [caller(v)], actor: v },
    {
      name: "nobody",
      as: Authority.anonymous,
      halves: [{ kind: "caller", identities: [], bounds: [] }],
      actor: null
    },
    { name: "u, narrowed to a", as: Authority.narrow(ada, inA), halves: [caller(u, inA)], actor: u },
    {
      name: "u, narrowed to d and then to READ and SHARE",
      as: Authority.narrow(Authority.narrow(ada, inD), readAndShare),
      halves: [caller(u, inD, readAndShare)],
      actor: u
    },
    {
      name: "u, narrowed to b and d, through s",
      as: Authority.withFunction(Authority.narrow(ada, inBoth), service),
      halves: [caller(u, inBoth), running([s, g])],
      actor: u
    },
    {
      name: "u through s, which is narrowed to d",
      as: Authority.withFunction(ada, { ...service, bounds: [inD] }),
      halves: [caller(u), running([s, g], inD)],
      actor: u
    },
    { name: "s by itself", as: Authority.functionOnly(ada, service), halves: [running([s, g])], actor: u },
    {
      name: "v through s and then through u",
      as: Authority.withFunction(Authority.withFunction(Authority.identity(v), service), { id: u }),
      halves: [caller(v), running([u])],
      actor: v
    },
    {
      name: "u through s, and from there on by the caller's half alone",
      as: Authority.callerOnly(Authority.withFunction(ada, service)),
      halves: [caller(u)],
      actor: u
    }
  ]
}

/** The caller of a step: the instance often, and users more than others. */
const picked = [
  0, 1, 2, 0, 1, 0, 1, 4, 0, 1, 6, 0, 1, 0, 2, 0, 1, 0, 7, 0, 1, 0, 4, 0, 1, 9, 5, 10, 6, 3, 8, 2
] as const

export const callerAt = (callers: ReadonlyArray<Caller>, pick: number): Caller => {
  const found = callers[picked[pick] ?? 0]
  if (found === undefined) throw new Error("there is no such caller")
  return found
}
