import { Mask, Path, SHARE } from "@portico/schema"
import * as Result from "effect/Result"
import type { DomainBundle, PermsOption } from "../Domain.ts"
import type { RemoteFunction } from "../RemoteFunction.ts"
import { contractCallables } from "./checkDomain.ts"
import type { FullContract } from "./fullContract.ts"
import type { AnyDomainOptions } from "./makeDomain.ts"

/** What an install has to know. Whatever is wrong is added to `problems`. */
export const makeBundle = (
  options: AnyDomainOptions,
  schema: Pick<FullContract, "contract" | "contractId" | "origin">,
  problems: Array<string>
): DomainBundle => {
  const { acts, grants, version } = options
  const actsPerms = acts === undefined ? 0 : maskOf(acts.perms, "acts", problems)
  if (Mask.has(actsPerms, SHARE)) problems.push("acts: SHARE is never taken from a caller")
  return {
    contract: schema.contract,
    contractId: schema.contractId,
    ...(version === undefined ? undefined : { version }),
    requires: options.requires ?? [],
    owns: (options.owns ?? []).map((path) => treePath(path, "owns", problems)),
    acts:
      acts === undefined
        ? null
        : { nodes: acts.nodes.map((path) => treePath(path, "acts", problems)), perms: actsPerms },
    grants: {
      ...(grants?.everyone === undefined
        ? undefined
        : { everyone: maskOf(grants.everyone, "grants.everyone", problems) }),
      ...(grants?.authenticated === undefined
        ? undefined
        : { authenticated: maskOf(grants.authenticated, "grants.authenticated", problems) })
    },
    postInstall: postInstallOf(options.postInstall, options.functions ?? {}, schema, problems)
  }
}

const maskOf = (perms: PermsOption, where: string, problems: Array<string>): number => {
  const masks = typeof perms === "number" ? [perms] : perms.map((perm) => (typeof perm === "number" ? perm : [perm]))
  let union = 0
  for (const input of masks) {
    const mask = Mask.fromInput(input)
    if (mask === undefined) problems.push(`${where}: ${JSON.stringify(input)} is no permission`)
    else union |= mask
  }
  return union
}

const treePath = (path: string, where: string, problems: Array<string>): string => {
  const parsed = Path.parse(path)
  if (Result.isSuccess(parsed) && parsed.success._tag === "Tree") return Path.format(parsed.success)
  problems.push(`${where}: ${JSON.stringify(path)} is not the path of a node, such as "/contacts"`)
  return path
}

const postInstallOf = (
  postInstall: RemoteFunction | string | undefined,
  functions: Readonly<Record<string, RemoteFunction>>,
  schema: Pick<FullContract, "contract" | "contractId" | "origin">,
  problems: Array<string>
): string | null => {
  if (postInstall === undefined) return null
  const slug = Object.keys(functions).find((name) => functions[name] === postInstall)
  const key = typeof postInstall === "string" ? postInstall : slug === undefined ? undefined : `function.${slug}`
  const callable = key === undefined ? undefined : contractCallables(schema).get(key)
  if (key === undefined || callable === undefined) {
    problems.push(`postInstall: ${key ?? "that function"} is not among the domain's methods and functions`)
    return null
  }
  if (!key.startsWith("function.") && !callable.static) problems.push(`postInstall: ${key} is not static`)
  if (callable.input !== "value" || callable.output !== "value") problems.push(`postInstall: ${key} streams`)
  if (Array.isArray(callable.params.required) && callable.params.required.length > 0) {
    problems.push(`postInstall: ${key} must need no params`)
  }
  return `/:${schema.origin}:${key}`
}
