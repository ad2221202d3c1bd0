import type { Diagnostic } from "../../Diagnostic.ts"
import type { Module } from "../../Module.ts"
import type { PlannedSetting } from "../../Plan.ts"
import { FrameworkConfig, type FrameworkSettings, type SettingSource } from "../../Settings.ts"
import { leavesOf } from "../settings/leaves.ts"
import { aboutOwner, type Owner, resolveOwner } from "../settings/resolve.ts"
import { fileSource, flagName, isTable, namesOf, showSource } from "../settings/sources.ts"
import { nearest } from "../suggest.ts"
import { frameworkId } from "./identity.ts"
import { report } from "./report.ts"
import type { Subject } from "./subject.ts"

export interface CheckedSettings {
  readonly settings: ReadonlyArray<PlannedSetting>
  readonly framework: FrameworkSettings["Service"]
  /** Decoded settings of modules that have some. */
  readonly values: ReadonlyMap<Module.Any, unknown>
  readonly diagnostics: ReadonlyArray<Diagnostic>
}

/** GATE007. */
export const checkSettings = (subject: Subject): CheckedSettings => {
  const framework: Owner = { id: frameworkId, module: undefined, schema: FrameworkConfig }
  const owners = [framework, ...subject.modules.flatMap(ownerOf)]
  const resolved = owners.map((owner) => ({ owner, ...resolveOwner(owner, subject.sources) }))
  return {
    settings: resolved.flatMap(({ settings }) => settings),
    // Decoded with `FrameworkConfig`, or not used because there are diagnostics.
    framework: resolved[0]?.value as FrameworkSettings["Service"],
    values: new Map(
      resolved.flatMap(({ owner, value }) => (owner.module === undefined ? [] : [[owner.module, value]]))
    ),
    diagnostics: [
      ...resolved.flatMap(({ diagnostics }) => diagnostics),
      ...sharedVariables(owners),
      ...unknownKeys(subject, owners)
    ]
  }
}

const ownerOf = (module: Module.Any): ReadonlyArray<Owner> =>
  module.config === undefined ? [] : [{ id: module.id, module, schema: module.config }]

const sharedVariables = (owners: ReadonlyArray<Owner>): ReadonlyArray<Diagnostic> => {
  const first = new Map<string, { readonly owner: Owner; readonly key: string }>()
  return owners.flatMap((owner) =>
    leavesOf(owner.schema).flatMap((leaf) => {
      const { env, key } = namesOf(owner.id, leaf)
      const other = first.get(env)
      if (other === undefined) first.set(env, { owner, key })
      // Two modules with one id are GATE001, and say the same here of all their settings.
      if (other === undefined || other.key === key) return []
      const modules = [...aboutOwner(other.owner).modules, ...aboutOwner(owner).modules]
      return [report("GATE007", "sameEnv", { env, first: other.key, second: key }, { modules })]
    })
  )
}

/** Keys of flags and of the file that nobody owns. The environment is shared with others, so it is not searched. */
const unknownKeys = (subject: Subject, owners: ReadonlyArray<Owner>): ReadonlyArray<Diagnostic> => {
  const off = subject.off.flatMap(ownerOf)
  const ids = new Set([frameworkId, ...subject.product.modules.map((module) => module.id)])
  const known = new Set(
    [...owners, ...off].flatMap((owner) => leavesOf(owner.schema).map((leaf) => `${owner.id}.${leaf.name}`))
  )
  const unknown = (key: string, source: SettingSource): Diagnostic => {
    const about = { modules: [], candidates: candidatesForKey(subject, ids, known, key) }
    return report("GATE007", "unknownKey", { key, source: showSource(source) }, about)
  }
  const found: Array<Diagnostic> = []
  for (const [key, value] of Object.entries(subject.sources.flags ?? {})) {
    if (value !== undefined && !known.has(key)) found.push(unknown(key, { _tag: "Flag", name: flagName(key) }))
  }
  const { file } = subject.sources
  if (file === undefined) return found
  const walk = (table: Readonly<Record<string, unknown>>, prefix: string): void => {
    for (const [name, value] of Object.entries(table)) {
      const key = prefix === "" ? name : `${prefix}.${name}`
      if (known.has(key)) continue
      const isPrefix = ids.has(key) || [...known].some((other) => other.startsWith(`${key}.`))
      const source = fileSource(file, key)
      if (!isPrefix) found.push(unknown(key, source))
      else if (isTable(value)) walk(value, key)
      else found.push(report("GATE007", "notTable", { key, source: showSource(source) }, { modules: [] }))
    }
  }
  walk(file.values, "")
  return found
}

const candidatesForKey = (
  subject: Subject,
  ids: ReadonlySet<string>,
  known: ReadonlySet<string>,
  key: string
): ReadonlyArray<string> => {
  const [owner = "", ...rest] = key.split(".")
  const absent = subject.known.some((module) => module.id === owner)
  const meant =
    rest.length > 0
      ? nearest(key, known)
      : // At the top of a file there are only tables: the key may lie in one, or name one wrongly.
        [...[...known].filter((name) => name.endsWith(`.${key}`)), ...nearest(key, ids).map((id) => `[${id}]`)]
  return [
    ...(absent ? [`module "${owner}" is known, but not part of this product`] : []),
    ...meant.map((name) => `did you mean ${name}?`)
  ]
}
