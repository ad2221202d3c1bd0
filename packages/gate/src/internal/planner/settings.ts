import type { Diagnostic } from "../../Diagnostic.ts"
import type { Module } from "../../Module.ts"
import type { PlannedSetting } from "../../Plan.ts"
import { FrameworkConfig, type FrameworkSettings, type SettingSource } from "../../Settings.ts"
import { frameworkId } from "../frameworkId.ts"
import { leavesOf } from "../settings/leaves.ts"
import { declaredSetting, type Owner, resolveOwners } from "../settings/resolve.ts"
import { fileSource, isTable, namesOf, showSource } from "../settings/sources.ts"
import { nearest } from "../suggest.ts"
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
  const owners = [frameworkOwner, ...subject.modules.flatMap(ownerOf)]
  const resolved = resolveOwners(owners, subject.sources)
  const settings = resolved.flatMap(({ settings }) => settings)
  return {
    settings,
    // Decoded with `FrameworkConfig`, or not used because there are diagnostics.
    framework: resolved[0]?.value as FrameworkSettings["Service"],
    values: new Map(owners.flatMap(({ module }, i) => (module === undefined ? [] : [[module, resolved[i]?.value]]))),
    diagnostics: [
      ...resolved.flatMap(({ diagnostics }) => diagnostics),
      ...sharedNames(subject, settings, "env"),
      ...sharedNames(subject, settings, "flag"),
      ...unknownKeys(subject, settings)
    ]
  }
}

/** A setting as it is declared, whatever it is set to. */
export type DeclaredSetting = Omit<PlannedSetting, "source" | "value">

/** Every setting that a product has, without working out what it comes to. */
export const declaredSettings = ({ modules }: Subject): ReadonlyArray<DeclaredSetting> =>
  [frameworkOwner, ...modules.flatMap(ownerOf)].flatMap((owner) =>
    leavesOf(owner.schema).map((leaf) => declaredSetting(owner, leaf, namesOf(owner.id, leaf)))
  )

const frameworkOwner: Owner = { id: frameworkId, module: undefined, schema: FrameworkConfig }

const ownerOf = (module: Module.Any): ReadonlyArray<Owner> =>
  module.config === undefined ? [] : [{ id: module.id, module, schema: module.config }]

const sharedNames = (
  subject: Subject,
  settings: ReadonlyArray<PlannedSetting>,
  name: "env" | "flag"
): ReadonlyArray<Diagnostic> => {
  const before = new Map<string, PlannedSetting>()
  return settings.flatMap((setting) => {
    const other = before.get(setting[name])
    if (other === undefined) before.set(setting[name], setting)
    // Two modules with one id are GATE001, and say the same here of all their settings.
    if (other === undefined || other.key === setting.key) return []
    const modules = subject.modules.filter(({ id }) => id === other.owner || id === setting.owner)
    const { env, flag } = setting
    const keys = { first: other.key, second: setting.key }
    return name === "env"
      ? [report("GATE007", "sameEnv", { env, ...keys }, { modules })]
      : [report("GATE007", "sameFlag", { flag, ...keys }, { modules })]
  })
}

/** Keys of flags and of the file that nobody owns. The environment is shared with others, so it is not searched. */
const unknownKeys = (subject: Subject, settings: ReadonlyArray<PlannedSetting>): ReadonlyArray<Diagnostic> => {
  if (subject.sources.flags === undefined && subject.sources.file === undefined) return []
  const off = subject.off
    .flatMap(ownerOf)
    .flatMap(({ id, schema }) => leavesOf(schema).map((leaf) => `${id}.${leaf.name}`))
  const ids = new Set([frameworkId, ...subject.product.modules.map((module) => module.id)])
  const known = new Set([...settings.map(({ key }) => key), ...off])
  const unknown = (key: string, source: SettingSource): Diagnostic => {
    const about = { modules: [], candidates: candidatesForKey(subject, ids, known, key) }
    return report("GATE007", "unknownKey", { key, source: showSource(source) }, about)
  }
  const found: Array<Diagnostic> = []
  for (const [key, value] of Object.entries(subject.sources.flags ?? {})) {
    if (value !== undefined && !known.has(key)) found.push(unknown(key, { _tag: "Flag", name: "a flag" }))
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
