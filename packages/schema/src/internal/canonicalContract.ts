import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js"
import type {
  CallableContract,
  ClassContract,
  DomainContract,
  EdgeContract,
  EdgeEndContract,
  FormerNames,
  InterfaceContract,
  PropContract,
  ViewContract
} from "../Contract.ts"
import type { Json, JsonObject } from "../Json.ts"
import { canonicalText } from "./canonicalText.ts"
import { canonicalSchema } from "./json/canonicalSchema.ts"

/** What identities are computed from: a contract without what is for people, and sorted. */

const mapValues = <A>(record: Readonly<Record<string, A>>, f: (value: A) => Json): JsonObject =>
  Object.fromEntries(
    Object.keys(record)
      .sort()
      .flatMap((key) => {
        const value = record[key]
        return value === undefined ? [] : [[key, f(value)] as const]
      })
  )

const sorted = (values: ReadonlyArray<string>): ReadonlyArray<string> => [...values].sort()

/** Former names, where there are any: a contract without is the text that it always was. */
const renamed = ({ renamedFrom }: { readonly renamedFrom?: FormerNames }): JsonObject =>
  renamedFrom === undefined ? {} : { renamedFrom: sorted(renamedFrom) }

/** Lists of names as a set: sorted by their text. */
const sortedLists = (lists: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<ReadonlyArray<string>> =>
  [...lists].sort((a, b) => (canonicalText(a) < canonicalText(b) ? -1 : 1))

export const canonicalProp = (prop: PropContract): JsonObject => ({
  key: prop.key,
  schema: canonicalSchema(prop.schema),
  required: prop.required,
  ...(prop.default === undefined ? {} : { default: prop.default }),
  ...renamed(prop)
})

export const canonicalCallable = (callable: CallableContract): JsonObject => ({
  static: callable.static,
  input: callable.input,
  output: callable.output,
  auth: callable.auth,
  params: canonicalSchema(callable.params),
  result: canonicalSchema(callable.result),
  ...(callable.takes === undefined ? {} : { takes: canonicalSchema(callable.takes) }),
  refs: [...callable.refs]
    .sort((a, b) => (a.param < b.param ? -1 : 1))
    .map((ref) => ({ param: ref.param, types: sorted(ref.types), needs: ref.needs })),
  needs: callable.needs,
  callerOnly: callable.callerOnly === true,
  ...(callable.route === undefined ? {} : { route: { method: callable.route.method, path: callable.route.path } }),
  ...renamed(callable)
})

export const canonicalInterface = (contract: InterfaceContract): JsonObject => ({
  ref: contract.ref,
  extends: sorted(contract.extends),
  props: mapValues(contract.props, canonicalProp),
  methods: mapValues(contract.methods, canonicalCallable),
  ...renamed(contract)
})

export const canonicalClass = (contract: ClassContract): JsonObject => ({
  ...canonicalInterface(contract),
  implements: sorted(contract.implements),
  // What is unique together is a set; the columns of an index have an order.
  unique: sortedLists(contract.unique.map(sorted)),
  indexes: sortedLists(contract.indexes),
  ...(contract.search === undefined
    ? {}
    : { search: { title: sorted(contract.search.title), text: sorted(contract.search.text) } })
})

const canonicalCardinality = (cardinality: string | undefined): string => {
  if (cardinality === undefined) return "0..*"
  return cardinality.includes("..") ? cardinality : `${cardinality}..${cardinality}`
}

const canonicalEnd = (end: EdgeEndContract): JsonObject => ({
  as: end.as,
  types: sorted(end.types),
  cardinality: canonicalCardinality(end.cardinality)
})

export const canonicalEdge = (contract: EdgeContract): JsonObject => ({
  ref: contract.ref,
  ends: contract.ends.map(canonicalEnd),
  props: mapValues(contract.props, canonicalProp),
  unique: contract.unique,
  noSelf: contract.noSelf,
  acyclic: contract.acyclic,
  symmetric: contract.symmetric,
  ...renamed(contract)
})

export const canonicalView = (contract: ViewContract): JsonObject => ({
  auth: contract.auth,
  viewFor: sorted(contract.viewFor),
  ...(contract.mount === undefined ? {} : { mount: contract.mount }),
  ...renamed(contract)
})

export const canonicalContract = (contract: DomainContract): JsonObject => ({
  v: contract.v,
  origin: contract.origin,
  imports: sorted(contract.imports),
  interfaces: mapValues(contract.interfaces, canonicalInterface),
  classes: mapValues(contract.classes, canonicalClass),
  edges: mapValues(contract.edges, canonicalEdge),
  functions: mapValues(contract.functions, canonicalCallable),
  views: mapValues(contract.views, canonicalView)
})

/** `sha256:` and the hash of the canonical JSON of a value, in hex. */
export const idOf = (json: Json): string => `sha256:${bytesToHex(sha256(utf8ToBytes(canonicalText(json))))}`
