import type { ClassDefs, DomainSchema, DomainSchemaOptions, InterfaceDefs, ViewDefs } from "../DomainSchema.ts"
import type { FnDefs } from "../Fn.ts"

export const makeDomainSchema = <
  Origin extends string,
  I extends InterfaceDefs,
  C extends ClassDefs,
  F extends FnDefs,
  V extends ViewDefs
>(
  _origin: Origin,
  _options: DomainSchemaOptions<I, C, F, V>
): DomainSchema<Origin, I, C, F, V> => {
  throw new Error("being written")
}
