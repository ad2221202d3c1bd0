import type { SettingSource, SettingsSources } from "../../Settings.ts"
import { frameworkId } from "../frameworkId.ts"
import { type Leaf, screaming } from "./leaves.ts"

/** A value as some source holds it. `text` has still to be parsed. */
export interface Found {
  readonly source: SettingSource
  readonly value: unknown
  readonly text: boolean
}

/** How the sources call one setting. */
export interface Names {
  /** Dotted, with the owner. */
  readonly key: string
  /** With its dashes. */
  readonly flag: string
  readonly env: string
}

export const namesOf = (owner: string, leaf: Leaf): Names => {
  const screamed = leaf.env !== undefined && leaf.flag !== undefined ? "" : screaming(owner)
  const dashed = owner === frameworkId ? leaf.screamed : `${screamed}_${leaf.screamed}`
  return {
    key: `${owner}.${leaf.name}`,
    flag: `--${leaf.flag ?? dashed.replaceAll("_", "-").toLowerCase()}`,
    env: leaf.env ?? `PORTICO_${screamed}_${leaf.screamed}`
  }
}

/** The first source that has a setting, in the order flags, environment, file. An empty variable counts as unset. */
export const find = (
  sources: SettingsSources,
  owner: string,
  path: ReadonlyArray<string>,
  { env, flag, key }: Names
): Found | undefined => {
  const given = own(sources.flags, key)
  if (given !== undefined) {
    return { source: { _tag: "Flag", name: flag }, value: given, text: typeof given === "string" }
  }
  const variable = own(sources.env, env)
  if (typeof variable === "string" && variable !== "") {
    return { source: { _tag: "Env", name: env }, value: variable, text: true }
  }
  const { file } = sources
  if (file === undefined) return undefined
  const value = [owner, ...path].reduce<unknown>(own, file.values)
  return value === undefined ? undefined : { source: fileSource(file, key), value, text: false }
}

/** An own property, so that a key named `constructor` finds nothing. */
const own = (record: unknown, key: string): unknown =>
  typeof record === "object" && record !== null && !Array.isArray(record) && Object.hasOwn(record, key)
    ? // Any object can be read by its own keys.
      (record as Readonly<Record<string, unknown>>)[key]
    : undefined

export const isTable = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date)

export const fileSource = (file: NonNullable<SettingsSources["file"]>, key: string): SettingSource => {
  const line = file.lines?.[key]
  return { _tag: "File", path: file.path, ...(line === undefined ? {} : { line }) }
}

/** A source in a few words, for a person. */
export const showSource = (source: SettingSource): string => {
  switch (source._tag) {
    case "Flag":
    case "Env":
      return source.name
    case "File":
      return source.line === undefined ? source.path : `${source.path}:${source.line}`
    case "Default":
      return "default"
    case "Unset":
      return "not set"
  }
}

/** The places that were looked at for a key, for a person. */
export const showTried = (sources: SettingsSources, { env, flag, key }: Names, secret: boolean): string => {
  const [owner, ...path] = key.split(".")
  const inFile = `[${owner}] ${path.join(".")} in ${sources.file?.path ?? "portico.toml"}`
  return secret ? `${env} and ${inFile}` : `${flag}, ${env} and ${inFile}`
}
