import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { Diagnostic } from "../../Diagnostic.ts"
import type { Module } from "../../Module.ts"
import type { PlannedSetting } from "../../Plan.ts"
import type { ConfigSchema, SettingSource, SettingsSources } from "../../Settings.ts"
import { type About, report } from "../planner/report.ts"
import { decodeAbsent, decodeJson, decodeText, encodeShown } from "./decode.ts"
import { type Leaf, leavesOf } from "./leaves.ts"
import { find, type Names, namesOf, showSource, showTried } from "./sources.ts"

/** Whose settings are read. */
export interface Owner {
  readonly id: string
  /** `undefined` for the framework. */
  readonly module: Module.Any | undefined
  readonly schema: ConfigSchema
}

export interface ResolvedOwner {
  /** Decoded with the owner's schema; meaningless if there are diagnostics. */
  readonly value: unknown
  readonly settings: ReadonlyArray<PlannedSetting>
  readonly diagnostics: ReadonlyArray<Diagnostic>
}

/** Finds, decodes and accounts for every setting of one owner. */
export const resolveOwner = (owner: Owner, sources: SettingsSources): ResolvedOwner => {
  const leaves = leavesOf(owner.schema)
  const read = leaves.map((leaf) => {
    const names = namesOf(owner.id, leaf)
    return { leaf, names, ...readLeaf(owner, leaf, names, sources) }
  })
  const value = assemble(read)
  const problems = read.flatMap(({ diagnostic }) => diagnostic ?? [])
  return {
    value,
    settings: read.map(({ leaf, names, source, value }) => ({
      key: names.key,
      owner: owner.id,
      env: names.env,
      flag: names.flag,
      source,
      secret: leaf.secret,
      value: encodeShown(leaf, value),
      type: leaf.type,
      description: leaf.description
    })),
    diagnostics: problems.length > 0 ? problems : checkTogether(owner, value)
  }
}

interface ReadLeaf {
  readonly source: SettingSource
  readonly value: unknown
  readonly diagnostic: Diagnostic | undefined
}

const readLeaf = (owner: Owner, leaf: Leaf, names: Names, sources: SettingsSources): ReadLeaf => {
  const { key } = names
  const found = find(sources, owner.id, leaf.path, names)
  if (found === undefined) {
    const absent = decodeAbsent(leaf)
    const value = Result.getOrUndefined(absent)
    const source: SettingSource = { _tag: value === undefined ? "Unset" : "Default" }
    if (Result.isSuccess(absent)) return { source, value, diagnostic: undefined }
    const facts = { key, owner: ownerName(owner), tried: showTried(sources, names, leaf.secret) }
    return { source, value, diagnostic: report("GATE007", "missing", facts, aboutOwner(owner)) }
  }
  const { source } = found
  const decoded = found.text ? decodeText(leaf, String(found.value)) : decodeJson(leaf, found.value)
  if (Result.isSuccess(decoded)) return { source, value: decoded.success, diagnostic: undefined }
  const facts = { key, owner: ownerName(owner), source: showSource(source), problem: decoded.failure }
  return { source, value: undefined, diagnostic: report("GATE007", "invalid", facts, aboutOwner(owner)) }
}

const ownerName = (owner: Pick<Owner, "module">): string =>
  owner.module === undefined ? "the framework" : `module "${owner.module.id}"`

const aboutOwner = (owner: Pick<Owner, "module">): About => ({
  modules: owner.module === undefined ? [] : [owner.module]
})

type Table = { [key: string]: unknown }

/** Puts the leaves back where they were in the schema. Settings that are not set are left out. */
const assemble = (read: ReadonlyArray<ReadLeaf & { readonly leaf: Leaf }>): Table => {
  const root: Table = {}
  for (const { leaf, value } of read) {
    let table = root
    for (const name of leaf.path.slice(0, -1)) {
      const next = table[name] ?? {}
      table[name] = next
      // Only this loop puts tables on the way to a leaf.
      table = next as Table
    }
    const name = leaf.path[leaf.path.length - 1]
    if (name !== undefined && value !== undefined) table[name] = value
  }
  return root
}

/** `undefined` if a check throws, which is for its author to see and no reason to end the planning. */
const decodeTogether = (
  schema: ConfigSchema,
  value: unknown
): Result.Result<unknown, Schema.SchemaError> | undefined => {
  try {
    return Schema.decodeUnknownResult(Schema.toType(schema))(value) as Result.Result<unknown, Schema.SchemaError>
  } catch {
    return undefined
  }
}

/** What the schema asks of several settings at once. */
const checkTogether = (owner: Owner, value: unknown): ReadonlyArray<Diagnostic> => {
  const checked = decodeTogether(owner.schema, value)
  if (checked !== undefined && Result.isSuccess(checked)) return []
  const secret = leavesOf(owner.schema).some((leaf) => leaf.secret)
  // The author of a check may have put a value into its message.
  const problem =
    secret || checked === undefined
      ? "a check of its schema failed"
      : checked.failure.message.replaceAll(/\s*\n\s*/g, " ")
  return [report("GATE007", "together", { owner: ownerName(owner), problem }, aboutOwner(owner))]
}
