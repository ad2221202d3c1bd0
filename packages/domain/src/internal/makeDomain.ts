import type { AnyDomainSchema } from "@portico/schema"
import type { DomainDefinition, EnvSchema, PermsOption } from "../Domain.ts"
import type { DepsMaker } from "../Handler.ts"
import type { Methods } from "../Method.ts"
import type { RemoteFunction } from "../RemoteFunction.ts"
import { checkDomain, type Implementations } from "./checkDomain.ts"
import { makeCheckEnv, makeMakeDeps } from "./deps.ts"
import { fullContract } from "./fullContract.ts"
import { makeBundle } from "./makeBundle.ts"
import { makeInvoke } from "./makeInvoke.ts"
import { DomainDefinitionError } from "./problems.ts"

/** What `defineDomain` takes, without its types. */
export interface AnyDomainOptions {
  readonly schema: AnyDomainSchema
  readonly version?: string
  readonly env?: EnvSchema
  // biome-ignore lint/suspicious/noExplicitAny: a maker takes whatever environment its domain declares
  readonly deps?: DepsMaker<any, unknown>
  readonly requires?: ReadonlyArray<string>
  readonly owns?: ReadonlyArray<string>
  readonly acts?: { readonly nodes: ReadonlyArray<string>; readonly perms: PermsOption }
  readonly grants?: { readonly everyone?: PermsOption; readonly authenticated?: PermsOption }
  readonly postInstall?: RemoteFunction | string
  readonly methods?: {
    readonly class?: Readonly<Record<string, Methods>>
    readonly interface?: Readonly<Record<string, Methods>>
  }
  readonly functions?: Readonly<Record<string, RemoteFunction>>
}

export const makeDomain = <S extends AnyDomainSchema>(
  options: {
    readonly [K in keyof AnyDomainOptions]?: unknown
  } & { readonly schema: S }
): DomainDefinition<S> => {
  // Boundary: `DomainOptions` is this with types; it was checked where the domain is written.
  const given = options as AnyDomainOptions & { readonly schema: S }
  const full = fullContract(given.schema, given.functions ?? {})
  const implementations = implementationsOf(given)
  const problems: Array<string> = [...checkDomain(full, implementations)]
  if (given.env === undefined && (given.deps?.length ?? 0) > 0) {
    problems.push("deps reads an environment: say which variables in env")
  }
  const bundle = makeBundle(given, full, problems)
  if (problems.length > 0) throw new DomainDefinitionError(given.schema.origin, problems)
  return {
    _tag: "DomainDefinition",
    origin: given.schema.origin,
    version: given.version,
    schema: given.schema,
    bundle,
    functions: Object.entries(full.functions).map(([slug, definition]) => ({ slug, definition })),
    checkEnv: makeCheckEnv(given.schema.origin, given.env),
    makeDeps: makeMakeDeps(given.schema.origin, given.env, given.deps),
    invoke: makeInvoke(full, implementations)
  }
}

const implementationsOf = (options: AnyDomainOptions): Implementations => {
  const found: Array<Implementations[number]> = []
  for (const kind of ["class", "interface"] as const) {
    for (const [name, methods] of Object.entries(options.methods?.[kind] ?? {})) {
      for (const [method, implementation] of Object.entries(methods.methods)) {
        found.push({ owner: { kind, name }, name: method, implementation })
      }
    }
  }
  for (const [name, implementation] of Object.entries(options.functions ?? {})) found.push({ name, implementation })
  return found
}
