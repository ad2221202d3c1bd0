import * as Schema from "effect/Schema"

const Text = Schema.String.check(Schema.isMaxLength(10_000))
const Name = Schema.String.check(Schema.isMaxLength(300))
const Names = Schema.Array(Name)
/** Former names; more than these no domain has had. */
const renamedFrom = Schema.optionalKey(Names.check(Schema.isMinLength(1), Schema.isMaxLength(100)))
const AnyJson = Schema.Unknown
const Mask = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 15 }))
const Io = Schema.Literals(["value", "stream", "binary"])
const Auth = Schema.Literals(["required", "optional", "public"])

const documentation = {
  title: Schema.optionalKey(Text),
  description: Schema.optionalKey(Text),
  deprecated: Schema.optionalKey(Schema.Boolean)
}

const Prop = Schema.Struct({
  key: Name,
  schema: AnyJson,
  required: Schema.Boolean,
  default: Schema.optionalKey(AnyJson),
  renamedFrom
})
const Props = Schema.Record(Schema.String, Prop)

const Callable = Schema.Struct({
  static: Schema.Boolean,
  input: Io,
  output: Io,
  auth: Auth,
  params: AnyJson,
  result: AnyJson,
  takes: Schema.optionalKey(AnyJson),
  refs: Schema.Array(Schema.Struct({ param: Name, types: Names, needs: Mask })),
  needs: Mask,
  callerOnly: Schema.optionalKey(Schema.Boolean),
  route: Schema.optionalKey(Schema.Struct({ method: Name, path: Text })),
  renamedFrom,
  ...documentation
})
const Callables = Schema.Record(Schema.String, Callable)

const interfaceFields = {
  ref: Name,
  extends: Names,
  props: Props,
  methods: Callables,
  renamedFrom,
  ...documentation
}

const End = Schema.Struct({ as: Name, types: Names, cardinality: Schema.optionalKey(Name) })

/** The shape of a contract. What its JSON Schemas are is looked at apart. */
export const ContractShape = Schema.Struct({
  v: Schema.Literal(1),
  origin: Name,
  imports: Names,
  interfaces: Schema.Record(Schema.String, Schema.Struct(interfaceFields)),
  classes: Schema.Record(
    Schema.String,
    Schema.Struct({
      ...interfaceFields,
      implements: Names,
      unique: Schema.Array(Names),
      indexes: Schema.Array(Names),
      search: Schema.optionalKey(Schema.Struct({ title: Names, text: Names }))
    })
  ),
  edges: Schema.Record(
    Schema.String,
    Schema.Struct({
      ref: Name,
      ends: Schema.Tuple([End, End]),
      props: Props,
      unique: Schema.Boolean,
      noSelf: Schema.Boolean,
      acyclic: Schema.Boolean,
      symmetric: Schema.Boolean,
      renamedFrom,
      ...documentation
    })
  ),
  functions: Callables,
  views: Schema.Record(
    Schema.String,
    Schema.Struct({ auth: Auth, mount: Schema.optionalKey(Text), viewFor: Names, renamedFrom, ...documentation })
  )
})
