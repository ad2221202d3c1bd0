import type { DomainContract } from "../Contract.ts"
import type {
  AnyDomainSchema,
  ClassDefs,
  DomainSchema,
  DomainSchemaOptions,
  InterfaceDefs,
  ViewDefs
} from "../DomainSchema.ts"
import type { FnDefs } from "../Fn.ts"
import { canonicalContract, idOf } from "./canonicalContract.ts"
import { compileContract } from "./contract/compileContract.ts"
import { refuse } from "./refuse.ts"

class DomainSchemaValue implements AnyDomainSchema {
  readonly _tag = "DomainSchema"
  readonly origin: string
  readonly interfaces: InterfaceDefs
  readonly classes: ClassDefs
  readonly functions: FnDefs
  readonly views: ViewDefs
  readonly imports: ReadonlyArray<AnyDomainSchema>
  readonly "~refs": ReadonlyMap<unknown, string>
  private readonly kernel: boolean
  private compiled: DomainContract | undefined
  private id: string | undefined

  constructor(
    origin: string,
    options: DomainSchemaOptions<InterfaceDefs, ClassDefs, FnDefs, ViewDefs>,
    kernel: boolean
  ) {
    const refs = new Map<unknown, string>()
    this.origin = origin
    this.interfaces = bind(origin, "interface", options.interfaces ?? {}, refs)
    this.classes = bind(origin, "class", options.classes ?? {}, refs)
    this.functions = options.functions ?? {}
    this.views = options.views ?? {}
    this.imports = options.imports ?? []
    this["~refs"] = refs
    this.kernel = kernel
  }

  get contract(): DomainContract {
    this.compiled ??= compileContract(this, this.kernel)
    return this.compiled
  }

  get contractId(): string {
    this.id ??= idOf(canonicalContract(this.contract))
    return this.id
  }
}

/** Gives each definition its reference, and remembers which value it was. */
const bind = <A extends object>(
  origin: string,
  kind: "class" | "interface",
  definitions: Readonly<Record<string, A>>,
  refs: Map<unknown, string>
): Readonly<Record<string, A & { readonly ref: string }>> =>
  Object.fromEntries(
    Object.entries(definitions).map(([name, definition]) => {
      const ref = `${origin}:${kind}.${name}`
      const bound = { ...definition, ref }
      const other = refs.get(definition)
      if (other !== undefined) refuse(name, `the same definition is already ${other}`)
      refs.set(definition, ref)
      refs.set(bound, ref)
      return [name, bound]
    })
  )

/** A schema whose contract is compiled, and thereby checked, when it is first asked for. */
export const makeDomainSchema = <
  const Origin extends string,
  const I extends InterfaceDefs = {},
  const C extends ClassDefs = {},
  const F extends FnDefs = {},
  const V extends ViewDefs = {}
>(
  origin: Origin,
  options: DomainSchemaOptions<I, C, F, V>,
  kernel = false
): DomainSchema<Origin, I, C, F, V> =>
  // Boundary: the value is built from the very records whose types these are.
  new DomainSchemaValue(origin, options, kernel) as AnyDomainSchema as DomainSchema<Origin, I, C, F, V>
