import * as Result from "effect/Result"
import { PlanRefused } from "../../Diagnostic.ts"
import type { Plan, PlanOptions } from "../../Plan.ts"
import type { Product } from "../../Product.ts"

export const plan = (product: Product, _options: PlanOptions): Result.Result<Plan, PlanRefused> =>
  Result.fail(new PlanRefused({ product: product.identity.id, diagnostics: [] }))
