/** Types are checked by `tsc`, which reads this file; nothing in it runs. */
import {
  type AnyCallable,
  type AnyClass,
  type AnyEdge,
  compileDomain,
  defineSchema,
  type ErrorCode,
  edgeClass,
  fn,
  type HandlerItemOf,
  type HandlerParamsOf,
  type HandlerResultOf,
  type ItemOf,
  isNotFound,
  K,
  type NewPropsOf,
  nodeClass,
  type ParamsOf,
  Path,
  type Pieces,
  PorticoError,
  type PropsOf,
  type ResultOf,
  ref
} from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import { expectTypeOf } from "vitest"
import { type Contact, D, schema } from "./fixtures/crm.ts"
import { counted, optionalText, text } from "./fixtures/standard.ts"

// ---- keys, references and addresses are literals
expectTypeOf(D.Contact.email.key).toEqualTypeOf<"crm.example.dev:class.Contact.property.email">()
expectTypeOf(D.Contact.ref).toEqualTypeOf<"crm.example.dev:class.Contact">()
expectTypeOf(D.Contact.path.class.raw).toEqualTypeOf<"/:crm.example.dev:class.Contact">()
expectTypeOf(D.works_on.role.key).toEqualTypeOf<"crm.example.dev:class.works_on.property.role">()
// What an interface of the same schema is called is known when it is defined, and not to the types.
expectTypeOf(K.Folder.name.key).toEqualTypeOf<`${string}.property.name`>()
expectTypeOf(schema.classes.Contact.ref).toEqualTypeOf<"crm.example.dev:class.Contact">()
expectTypeOf(D.origin).toEqualTypeOf<"crm.example.dev">()

// ---- members that are not there are no members
// @ts-expect-error there is no such property
void D.Contact.phone
// @ts-expect-error there is no such class
void D.Person
// @ts-expect-error an interface's path says interface
void D.ContactOps.path.class
// @ts-expect-error there is no such function
void D.functions.sow

// ---- params and results, for callers and handlers
expectTypeOf<ParamsOf<typeof D.Contact.createContact>>().toEqualTypeOf<{ readonly email: string }>()
expectTypeOf<ResultOf<typeof D.Contact.createContact>>().toEqualTypeOf<string>()
expectTypeOf<ParamsOf<typeof D.Contact.assign>>().toEqualTypeOf<{ readonly project: string; readonly role: string }>()
expectTypeOf<ResultOf<typeof D.Contact.assign>>().toEqualTypeOf<void>()
expectTypeOf<ResultOf<typeof D.functions.seed>>().toEqualTypeOf<{ readonly made: number }>()
expectTypeOf<ParamsOf<typeof Contact.methods.assign>>().toEqualTypeOf<ParamsOf<typeof D.Contact.assign>>()
expectTypeOf(D.Contact.assign.static).toEqualTypeOf<false>()
expectTypeOf(D.Contact.createContact.static).toEqualTypeOf<true>()
expectTypeOf(D.functions.seed.static).toEqualTypeOf<true>()

declare const call: <C extends AnyCallable>(callable: C, params: ParamsOf<C>) => Promise<ResultOf<C>>
expectTypeOf(call(D.Contact.createContact, { email: "ada@example.com" })).toEqualTypeOf<Promise<string>>()
// @ts-expect-error a param is missing
void call(D.Contact.createContact, {})
// @ts-expect-error a param is of another type
void call(D.Contact.createContact, { email: 1 })
// @ts-expect-error there is no such param
void call(D.Contact.createContact, { email: "ada@example.com", phone: "1" })
void call(K.Node.createNode, { class: D.Contact.ref, path: "/contacts/ada", props: { [D.Contact.email.key]: "a" } })
// @ts-expect-error perms are a mask or names
void call(K.Identity.grantPerm, { node: "/", perms: ["WRITE"] })
expectTypeOf<ResultOf<typeof K.Node.get>["path"]>().toEqualTypeOf<string>()
expectTypeOf<ResultOf<typeof K.Identity.checkPerm>>().toEqualTypeOf<{
  readonly allowed: boolean
  readonly mask: number
  readonly seq: number
}>()

// ---- transformations, defaults, options, references, streams and other libraries
const Shapes = compileDomain(
  defineSchema("shapes.example.dev", {
    classes: {
      Thing: nodeClass({
        props: {
          at: Schema.Date,
          note: Schema.optional(Schema.String),
          mode: withDefault("plain"),
          text,
          optionalText
        },
        methods: {
          plain: fn(),
          stream: fn({ output: "stream", returns: Schema.Finite }),
          bytes: fn({ output: "binary" }),
          reads: fn({ input: "stream", takes: counted, output: "stream", returns: counted }),
          readsAny: fn({ input: "stream" }),
          readsBytes: fn({ input: "binary" }),
          other: fn({ params: { counted, maybe: ref("Thing", { optional: true }) }, returns: counted })
        }
      }),
      Bare: nodeClass(),
      near: edgeClass({ as: "a", types: [nodeClass()] }, { as: "b", types: [nodeClass()] })
    }
  })
)
function withDefault(value: string) {
  return Schema.String.pipe(Schema.withDecodingDefaultKey(Effect.succeed(value)))
}
type Thing = typeof Shapes.Thing
expectTypeOf<NewPropsOf<Thing>>().toEqualTypeOf<{
  readonly at: Date
  readonly text: string
  readonly note?: string | undefined
  readonly mode?: string | undefined
  readonly optionalText?: string | undefined
}>()
expectTypeOf<PropsOf<Thing>["mode"]>().toEqualTypeOf<string>()
expectTypeOf<PropsOf<Thing>["note"]>().toEqualTypeOf<string | undefined>()
expectTypeOf<ResultOf<Thing["stream"]>>().toEqualTypeOf<AsyncIterable<number>>()
expectTypeOf<ResultOf<Thing["bytes"]>>().toEqualTypeOf<AsyncIterable<Uint8Array>>()
expectTypeOf<HandlerResultOf<Thing["stream"]>>().toEqualTypeOf<AsyncIterable<number> | Stream.Stream<number, unknown>>()
expectTypeOf<HandlerResultOf<Thing["bytes"]>>().toEqualTypeOf<Uint8Array | Pieces<Uint8Array>>()
// A caller encodes what it sends and decodes what it gets; a handler does it the other way round.
expectTypeOf<ItemOf<Thing["reads"]>>().toEqualTypeOf<string>()
expectTypeOf<HandlerItemOf<Thing["reads"]>>().toEqualTypeOf<number>()
expectTypeOf<HandlerResultOf<Thing["reads"]>>().toEqualTypeOf<Pieces<string>>()
expectTypeOf<ResultOf<Thing["reads"]>>().toEqualTypeOf<AsyncIterable<number>>()
expectTypeOf<ItemOf<Thing["readsAny"]>>().toEqualTypeOf<Schema.Json>()
expectTypeOf<ItemOf<Thing["readsBytes"]>>().toEqualTypeOf<Uint8Array>()
expectTypeOf<ItemOf<Thing["plain"]>>().toBeNever()
expectTypeOf<ParamsOf<Thing["other"]>>().toEqualTypeOf<{
  readonly counted: string
  readonly maybe?: string | undefined
}>()
expectTypeOf<HandlerParamsOf<Thing["other"]>>().toEqualTypeOf<{ readonly counted: number; readonly maybe?: string }>()
expectTypeOf<HandlerResultOf<Thing["other"]>>().toEqualTypeOf<string>()
expectTypeOf<ResultOf<Thing["other"]>>().toEqualTypeOf<number>()
const nothing: ParamsOf<Thing["plain"]> = {}
void nothing
// @ts-expect-error there are no params
const something: ParamsOf<Thing["plain"]> = { x: 1 }
void something
// @ts-expect-error there are no properties
const bare: NewPropsOf<typeof Shapes.Bare> = { x: 1 }
void bare

// ---- inherited properties, edges
expectTypeOf<NewPropsOf<typeof K.Folder>>().toEqualTypeOf<{
  readonly name?: string | undefined
  readonly description?: string | undefined
}>()
expectTypeOf<NewPropsOf<typeof D.works_on>>().toEqualTypeOf<{ readonly role: string }>()
declare const create: <C extends AnyClass>(target: C, props: NewPropsOf<C>) => void
declare const link: <E extends AnyEdge>(edge: E, props: NewPropsOf<E>) => void
create(D.Contact, { email: "ada@example.com" })
link(D.works_on, { role: "lead" })
// @ts-expect-error an edge class is no node class
create(D.works_on, { role: "lead" })
// @ts-expect-error a node class is no edge class
link(D.Contact, { email: "ada@example.com" })
// @ts-expect-error an interface is no class
create(D.ContactOps, {})

// ---- what cannot be written
// @ts-expect-error a typo in an option
fn({ parms: {} })
// @ts-expect-error a typo in an option
nodeClass({ property: {} })
// @ts-expect-error a property is a schema
nodeClass({ props: { email: "string" } })
// @ts-expect-error a property is no reference
nodeClass({ props: { project: ref("Project") } })
// @ts-expect-error a schema that needs services has no place in a contract
nodeClass({ props: { email: needy() } })
// @ts-expect-error a cardinality is a range
edgeClass({ as: "a", types: [], cardinality: "many" }, { as: "b", types: [] })
// @ts-expect-error perms have names
ref("Project", { needs: ["WRITE"] })
declare function needy(): Schema.Codec<string, string, { readonly service: true }>

// ---- errors
const failing = Effect.gen(function* () {
  yield* PorticoError.make("NOT_FOUND", "/x does not exist")
  return yield* PorticoError.make("CYCLE", "/x is under itself")
})
expectTypeOf(failing).toEqualTypeOf<Effect.Effect<never, PorticoError<"NOT_FOUND"> | PorticoError<"CYCLE">>>()
expectTypeOf(Effect.catchTag(failing, "CYCLE", () => Effect.succeed(1))).toEqualTypeOf<
  Effect.Effect<number, PorticoError<"NOT_FOUND">>
>()
declare const anything: Effect.Effect<string, PorticoError>
expectTypeOf<Effect.Error<typeof anything>["code"]>().toEqualTypeOf<ErrorCode>()
expectTypeOf(Effect.catchTag(anything, "NOT_FOUND", (error) => Effect.succeed(error.code))).toEqualTypeOf<
  Effect.Effect<string, Exclude<PorticoError, PorticoError<"NOT_FOUND">>>
>()
declare const unknown: unknown
if (isNotFound(unknown)) expectTypeOf(unknown.code).toEqualTypeOf<"NOT_FOUND">()
// @ts-expect-error there is no such code
PorticoError.make("NOPE", "x")

// ---- addresses
declare const address: Path.Address
if (Path.isNodeAddress(address)) expectTypeOf(address._tag).toEqualTypeOf<"Tree" | "Id" | "Schema">()
