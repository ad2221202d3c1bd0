import type { CompiledDomain } from "../Compiled.ts"
import type { AnyDomainSchema } from "../DomainSchema.ts"

export const makeCompiled = <S extends AnyDomainSchema>(_schema: S): CompiledDomain<S> => {
  throw new Error("being written")
}
