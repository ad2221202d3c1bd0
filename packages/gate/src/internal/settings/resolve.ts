import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import type { Diagnostic } from "../../Diagnostic.ts"
import type { Module } from "../../Module.ts"
import type { PlannedSetting } from "../../Plan.ts"
import type { ConfigSchema, SettingSource, SettingsSources } from "../../Settings.ts"
import { type About, report } from "../planner/report.ts"
import { decodeAbsent, decodeAllAbsent, decodeJson, decodeText, encodeShown } from "./decode.ts"
import { isStruct, type Leaf, leavesOf } from "./leaves.ts"
import { type Found, find, type Names, namesOf, showSource, showTried } from "./sources.ts"

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

/** Finds, decodes and accounts for every setting of some owners; in their order. */
export const resolveOwners = (owners: ReadonlyArray<Owner>, sources: SettingsSources): ReadonlyArray<ResolvedOwner> => {
  const looked = owners.map((owner) => ({
    owner,
    leaves: leavesOf(owner.schema).map((leaf) => look(owner, leaf, sources))
  }))
  const absent = looked.flatMap(({ leaves }) => leaves.filter(({ found }) => found === undefined))
  const values = decodeAllAbsent(absent.map(({ leaf }) => leaf))
  const defaults = values === undefined ? undefined : new Map(absent.map((each, i) => [each, values[i]]))
  return looked.map(({ leaves, owner }) => resolveOwner(owner, leaves, sources, defaults))
}

/** A setting, and what the sources say of it. */
interface Looked {
  readonly leaf: Leaf
  readonly names: Names
  readonly found: Found | undefined
}

const look = (owner: Owner, leaf: Leaf, sources: SettingsSources): Looked => {
  const names = namesOf(owner.id, leaf)
  return { leaf, names, found: find(sources, owner.id, leaf.path, names) }
}

/** What settings come to that no source sets; `undefined` where some have no default. */
type Defaults = ReadonlyMap<Looked, unknown> | undefined

const resolveOwner = (
  owner: Owner,
  leaves: ReadonlyArray<Looked>,
  sources: SettingsSources,
  defaults: Defaults
): ResolvedOwner => {
  const read = leaves.map((each) => ({ ...each, ...readLeaf(owner, each, sources, defaults) }))
  const value = assemble(read)
  const problems = read.flatMap(({ diagnostic }) => diagnostic ?? [])
  return {
    value,
    settings: read.map(({ leaf, names, source, value }) => planned(owner, leaf, names, source, value)),
    diagnostics: problems.length > 0 ? problems : checkTogether(owner, read, value)
  }
}

/** How the value is written is worked out when it is read: most are never shown. */
const planned = (owner: Owner, leaf: Leaf, names: Names, source: SettingSource, value: unknown): PlannedSetting => {
  const { description, env, flag, key, secret, type } = declaredSetting(owner, leaf, names)
  return {
    key,
    owner: owner.id,
    env,
    flag,
    source,
    secret,
    get value() {
      return encodeShown(leaf, value)
    },
    type,
    description
  }
}

export const declaredSetting = (
  owner: Owner,
  leaf: Leaf,
  { env, flag, key }: Names
): Omit<PlannedSetting, "source" | "value"> => ({
  key,
  owner: owner.id,
  env,
  flag,
  secret: leaf.secret,
  type: leaf.type,
  description: leaf.description
})

interface ReadLeaf {
  readonly source: SettingSource
  readonly value: unknown
  readonly diagnostic: Diagnostic | undefined
}

const readLeaf = (owner: Owner, looked: Looked, sources: SettingsSources, defaults: Defaults): ReadLeaf => {
  const { found, leaf, names } = looked
  const { key } = names
  if (found === undefined) {
    const absent = defaults === undefined ? decodeAbsent(leaf) : Result.succeed(defaults.get(looked))
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

/** Whether the schema says more than its fields do, each of which has been checked. */
const asksOfSeveral = ({ ast, fields }: ConfigSchema): boolean =>
  ast._tag !== "Objects" ||
  ast.checks !== undefined ||
  ast.indexSignatures.length > 0 ||
  Object.values(fields).some((field) => isStruct(field) && asksOfSeveral(field))

/** A setting without a value; the schema may ask for one. */
const isLeftOut = ({ leaf, value }: ReadLeaf & { readonly leaf: Leaf }): boolean =>
  value === undefined && !SchemaAST.isOptional(SchemaAST.toType(leaf.field.ast))

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
const checkTogether = (
  owner: Owner,
  read: ReadonlyArray<ReadLeaf & { readonly leaf: Leaf }>,
  value: unknown
): ReadonlyArray<Diagnostic> => {
  if (!asksOfSeveral(owner.schema) && !read.some(isLeftOut)) return []
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
