import type { CallableContract, DomainContract, FormerNames, PropContract, SearchContract } from "@portico/schema"
import { basesOf } from "./references.ts"

/** One member under the name that it had, and under the one that it has from now on. */
export interface Rename {
  readonly from: string
  readonly to: string
}

/** What a contract calls otherwise than the one before it. */
export interface Renames {
  /** By subject: types first, then what they declare. What goes with a renamed type has no line of its own. */
  readonly renamed: ReadonlyArray<Rename>
  /** References and keys of properties, from the old ones to the new ones, those that go with their type too. */
  readonly refs: ReadonlyMap<string, string>
  readonly keys: ReadonlyMap<string, string>
  /** The contract before, as it would have been under the new names. */
  readonly before: DomainContract
  /** Declarations that lead nowhere, each with why. */
  readonly astray: ReadonlyArray<{ readonly subject: string; readonly reason: string }>
}

interface Renamed {
  readonly renamedFrom?: FormerNames
}
type Members<A> = Readonly<Record<string, A>>
type Names = ReadonlyMap<string, string>

const none: Names = new Map()
const has = (members: Members<unknown>, name: string): boolean => Object.hasOwn(members, name)

/**
 * New names by old ones, among members that share their names. Where a version is put back that came before a rename,
 * that rename is undone: what is installed knows what it was called.
 */
const match = (before: Members<Renamed>, after: Members<Renamed>): Names => {
  const found = new Map<string, string>()
  for (const [name, { renamedFrom = [] }] of Object.entries(after)) {
    const [old, ...others] = renamedFrom.filter((each) => has(before, each))
    if (old !== undefined && others.length === 0 && !has(before, name)) found.set(old, name)
  }
  const taken = new Set(found.values())
  for (const [name, { renamedFrom = [] }] of Object.entries(before)) {
    if (has(after, name) || found.has(name)) continue
    const [back, ...others] = renamedFrom.filter((each) => has(after, each) && !has(before, each) && !taken.has(each))
    if (back === undefined || others.length > 0) continue
    found.set(name, back)
    taken.add(back)
  }
  return found
}

/** Why the former names of a member lead nowhere; undefined where they do, or where there is nothing to be found. */
const strayOf = (before: Members<Renamed>, name: string, { renamedFrom = [] }: Renamed): string | undefined => {
  const known = renamedFrom.filter((each) => has(before, each))
  if (renamedFrom.length === 0) return undefined
  if (has(before, name))
    return known.length === 0 ? undefined : `cannot be what ${known.join(" and ")} was: both are there`
  if (known.length === 0) return `says that it was called ${renamedFrom.join(" or ")}, which is not there`
  return known.length === 1 ? undefined : `says that it was called ${known.join(" and ")}, and both are there`
}

/** Members that share their names, and the subject of one of them. */
interface Group {
  readonly before: Members<Renamed>
  readonly after: Members<Renamed>
  readonly subject: (name: string) => string
}

class Matcher {
  readonly renamed: Array<Rename> = []
  readonly astray: Array<Renames["astray"][number]> = []

  match({ after, before, subject }: Group, old: Group["subject"] = subject): Names {
    const names = match(before, after)
    for (const [from, to] of names) this.renamed.push({ from: old(from), to: subject(to) })
    for (const [name, member] of Object.entries(after)) {
      const reason = strayOf(before, name, member)
      if (reason !== undefined) this.astray.push({ subject: subject(name), reason })
    }
    return names
  }
}

const sections = ["interfaces", "classes", "edges"] as const
const kinds = { interfaces: "interface", classes: "class", edges: "class" } as const

/** A class, interface or edge class under its names before and after. */
interface Pair {
  readonly from: string
  readonly to: string
  readonly props: Names
  readonly methods: Names
}

/** What was renamed between two contracts of one domain. Pure. */
export const renamesOf = (before: DomainContract, after: DomainContract): Renames => {
  const matcher = new Matcher()
  const names = Object.fromEntries(
    sections.map((section) => {
      const subject = (name: string) => `${kinds[section]}.${name}`
      return [section, matcher.match({ before: before[section], after: after[section], subject })]
    })
  )
  const pairs = new Map<string, Pair>()
  for (const section of sections) {
    for (const [name, was] of Object.entries<TypeParts>(before[section])) {
      const to = names[section]?.get(name) ?? name
      const is: TypeParts | undefined = has(after[section], to) ? after[section][to] : undefined
      const pair = memberNames(matcher, `${kinds[section]}.${name}`, `${kinds[section]}.${to}`, was, is)
      pairs.set(pair.from, pair)
    }
  }
  const functions = matcher.match({ before: before.functions, after: after.functions, subject: (n) => `function.${n}` })
  const views = matcher.match({ before: before.views, after: after.views, subject: (name) => `view.${name}` })
  const { astray, renamed } = matcher
  if (renamed.length === 0) return { renamed, astray, before, refs: none, keys: none }
  const refs = new Map(
    [...pairs.values()].flatMap(({ from, to }) =>
      from === to ? [] : [[`${before.origin}:${from}`, `${before.origin}:${to}`] as const]
    )
  )
  const rewriter = new Rewriter(before, pairs, refs)
  return {
    renamed,
    astray,
    refs,
    keys: rewriter.keys(),
    before: {
      ...rewriter.contract(),
      functions: mapMembers(before.functions, functions, (callable) => rewriter.callable(callable)),
      views: mapMembers(before.views, views, (view) => ({ ...view, viewFor: rewriter.refs(view.viewFor) }))
    }
  }
}

interface TypeParts extends Renamed {
  readonly props: Members<PropContract>
  readonly methods?: Members<CallableContract>
}

const memberNames = (matcher: Matcher, from: string, to: string, was: TypeParts, is: TypeParts | undefined): Pair => {
  if (is === undefined) return { from, to, props: none, methods: none }
  const prop = (of: string) => (name: string) => `${of}.property.${name}`
  const method = (of: string) => (name: string) => `${of}:${name}`
  return {
    from,
    to,
    props: matcher.match({ before: was.props, after: is.props, subject: prop(to) }, prop(from)),
    methods: matcher.match({ before: was.methods ?? {}, after: is.methods ?? {}, subject: method(to) }, method(from))
  }
}

const mapMembers = <A, B>(members: Members<A>, names: Names, f: (member: A, name: string) => B): Record<string, B> =>
  Object.fromEntries(
    Object.entries(members).map(([name, member]) => {
      const now = names.get(name) ?? name
      return [now, f(member, now)]
    })
  )

/** Writes a contract down under other names. */
class Rewriter {
  readonly #contract: DomainContract
  readonly #pairs: ReadonlyMap<string, Pair>
  readonly #refs: Names

  constructor(contract: DomainContract, pairs: ReadonlyMap<string, Pair>, refs: Names) {
    this.#contract = contract
    this.#pairs = pairs
    this.#refs = refs
  }

  refs(refs: ReadonlyArray<string>): ReadonlyArray<string> {
    return refs.map((ref) => this.#refs.get(ref) ?? ref)
  }

  callable(callable: CallableContract): CallableContract {
    return { ...callable, refs: callable.refs.map((ref) => ({ ...ref, types: this.refs(ref.types) })) }
  }

  contract(): DomainContract {
    const { classes, edges, interfaces } = this.#contract
    return {
      ...this.#contract,
      interfaces: this.#types("interface", interfaces, (type) => type),
      classes: this.#types("class", classes, (type) => ({
        ...type,
        implements: this.refs(type.implements),
        unique: this.#lists(type.ref, type.unique),
        indexes: this.#lists(type.ref, type.indexes),
        ...(type.search === undefined ? undefined : { search: this.#searched(type.ref, type.search) })
      })),
      edges: this.#sections("class", edges, ({ ends: [source, target], ...edge }) => ({
        ...edge,
        ends: [
          { ...source, types: this.refs(source.types) },
          { ...target, types: this.refs(target.types) }
        ]
      }))
    }
  }

  /** Keys of properties that are called otherwise, from old to new. */
  keys(): Names {
    const { classes, edges, interfaces, origin } = this.#contract
    const keys = new Map<string, string>()
    for (const [kind, types] of [
      ["interface", interfaces],
      ["class", classes],
      ["class", edges]
    ] as const) {
      for (const [name, { props }] of Object.entries<TypeParts>(types)) {
        const pair = this.#pairs.get(`${kind}.${name}`)
        for (const [prop, { key }] of Object.entries(props)) {
          const now = `${origin}:${pair?.to}.property.${pair?.props.get(prop) ?? prop}`
          if (now !== key) keys.set(key, now)
        }
      }
    }
    return keys
  }

  #sections<A extends TypeParts & { readonly ref: string }>(
    kind: string,
    types: Members<A>,
    more: (type: A) => A
  ): Record<string, A> {
    return Object.fromEntries(
      Object.entries(types).map(([name, type]) => {
        const pair = this.#pairs.get(`${kind}.${name}`)
        const to = pair?.to ?? `${kind}.${name}`
        const ref = `${this.#contract.origin}:${to}`
        const props = mapMembers(type.props, pair?.props ?? none, (prop, now) => ({
          ...prop,
          key: `${ref}.property.${now}`
        }))
        return [to.slice(kind.length + 1), { ...more(type), ref, props }]
      })
    )
  }

  #types<A extends DomainContract["interfaces"][string]>(
    kind: string,
    types: Members<A>,
    more: (type: A) => A
  ): Record<string, A> {
    return this.#sections(kind, types, (type) => ({
      ...more(type),
      extends: this.refs(type.extends),
      methods: mapMembers(
        type.methods,
        this.#pairs.get(type.ref.slice(type.ref.indexOf(":") + 1))?.methods ?? none,
        (method) => this.callable(method)
      )
    }))
  }

  /** Lists of properties of a class, and of the domain's own interfaces that it has. */
  #searched(ref: string, { text, title }: SearchContract): SearchContract {
    const [titles = [], texts = []] = this.#lists(ref, [title, text])
    return { title: titles, text: texts }
  }

  #lists(ref: string, lists: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<ReadonlyArray<string>> {
    const names = new Map<string, string>()
    const visit = (each: string): void => {
      if (!each.startsWith(`${this.#contract.origin}:`)) return
      const member = each.slice(each.indexOf(":") + 1)
      for (const [from, to] of this.#pairs.get(member)?.props ?? none) names.set(from, to)
      for (const base of basesOf(this.#contract, each)) visit(base)
    }
    visit(ref)
    return lists.map((list) => list.map((name) => names.get(name) ?? name))
  }
}
