import type { Diagnostic } from "../../Diagnostic.ts"
import type { Module } from "../../Module.ts"
import { frameworkId } from "../frameworkId.ts"
import { declaredAt, report } from "./report.ts"
import type { Subject } from "./subject.ts"

const words = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/
const wordsRule = "lower case words joined by `-`, at most 40 characters"
const pointId = /^[a-z][A-Za-z0-9]*(?:[.-][A-Za-z0-9]+)*$/
const routeId = /^[A-Za-z0-9][A-Za-z0-9:._/-]{0,79}$/
// Control characters break terminals and logs; so does what breaks lines or turns the reading direction.
const name = /^(?!\s)[^\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]{1,80}(?<!\s)$/u
const nameRule = "1 to 80 characters on one line, with no space around them"

const isId = (id: string): boolean => id.length <= 40 && words.test(id)

/** GATE001 and GATE011. */
export const checkIdentity = (subject: Subject): ReadonlyArray<Diagnostic> => [
  ...checkProduct(subject),
  ...subject.repeated.map((module) => report("GATE001", "listedTwice", { id: module.id }, { modules: [module] })),
  ...sharedIds(subject.modules),
  ...subject.modules.flatMap(checkModule)
]

const checkProduct = ({ product }: Subject): ReadonlyArray<Diagnostic> => {
  // Where that is takes the engine some time to say.
  const about = () => ({ modules: [], places: [declaredAt("the product", product.site)] })
  const found: Array<Diagnostic> = []
  if (!isId(product.identity.id)) {
    found.push(report("GATE011", "id", { what: "the product", id: product.identity.id, rule: wordsRule }, about()))
  }
  if (!name.test(product.identity.name)) {
    found.push(report("GATE011", "name", { what: "the product", name: product.identity.name, rule: nameRule }, about()))
  }
  return found
}

const sharedIds = (modules: ReadonlyArray<Module.Any>): ReadonlyArray<Diagnostic> => {
  const first = new Map<string, Module.Any>()
  return modules.flatMap((module) => {
    const other = first.get(module.id)
    if (other === undefined) first.set(module.id, module)
    return other === undefined ? [] : [report("GATE001", "twoModules", { id: module.id }, { modules: [other, module] })]
  })
}

const checkModule = (module: Module.Any): ReadonlyArray<Diagnostic> => {
  const about = { modules: [module] }
  const what = `module "${module.id}"`
  const found: Array<Diagnostic> = []
  if (module.id === frameworkId) found.push(report("GATE011", "reservedId", { id: module.id }, about))
  if (!isId(module.id)) found.push(report("GATE011", "id", { what: "a module", id: module.id, rule: wordsRule }, about))
  if (!name.test(module.displayName)) {
    found.push(report("GATE011", "name", { what, name: module.displayName, rule: nameRule }, about))
  }
  for (const point of module.owns) {
    if (pointId.test(point.id)) continue
    const rule = "words joined by `.`, such as kernel.callables"
    const place = declaredAt(`extension point "${point.id}"`, point.site)
    found.push(
      report("GATE011", "id", { what: "an extension point", id: point.id, rule }, { ...about, places: [place] })
    )
  }
  const routes = new Set<string>()
  for (const { id } of module.routes) {
    if (routes.has(id)) found.push(report("GATE011", "routeTwice", { id, module: module.id }, about))
    else if (!routeId.test(id)) {
      const rule = "letters, digits and `:._/-`, at most 80 characters"
      found.push(report("GATE011", "id", { what: `a route of ${what}`, id, rule }, about))
    }
    routes.add(id)
  }
  return found
}
