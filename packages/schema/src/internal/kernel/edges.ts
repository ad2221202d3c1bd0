import * as Schema from "effect/Schema"
import { edgeClass } from "../../Definition.ts"
import { Class, Domain, EdgeClass, Function_, Group, Interface, Role, View } from "./classes.ts"
import { Container, Identity, Node } from "./interfaces.ts"

export const has_parent = edgeClass(
  { as: "child", types: [Node], cardinality: "0..1" },
  { as: "parent", types: [Container] },
  { unique: true, noSelf: true, acyclic: true, description: "A node is in another." }
)
export const of_domain = edgeClass(
  { as: "member", types: [Class, Interface, EdgeClass, Function_, View], cardinality: "1" },
  { as: "domain", types: [Domain] },
  { unique: true, description: "A class, interface, function or view is of a domain." }
)
export const method_of = edgeClass(
  { as: "method", types: [Function_], cardinality: "0..1" },
  { as: "owner", types: [Class, Interface] },
  { unique: true, description: "A function is a method of a class or interface." }
)
export const extends_ = edgeClass(
  { as: "interface", types: [Interface] },
  { as: "base", types: [Interface] },
  { unique: true, noSelf: true, acyclic: true, description: "An interface has the members of another." }
)
export const implements_ = edgeClass(
  { as: "class", types: [Class] },
  { as: "interface", types: [Interface] },
  { unique: true, description: "A class has the members of an interface." }
)
export const instance_of = edgeClass(
  { as: "node", types: [Node], cardinality: "1" },
  { as: "class", types: [Class] },
  { unique: true, description: "A node is of a class." }
)
export const has_perm = edgeClass(
  { as: "identity", types: [Identity] },
  { as: "node", types: [Node] },
  {
    props: { mask: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 15 })) },
    unique: true,
    description: "An identity may do something on a node and below it."
  }
)
export const member_of = edgeClass(
  { as: "member", types: [Identity] },
  { as: "group", types: [Group, Role] },
  { unique: true, description: "An identity has the grants of a group or role." }
)
export const view_for = edgeClass(
  { as: "view", types: [View] },
  { as: "shown", types: [Class, Interface] },
  { unique: true, description: "A view shows the nodes of a class or interface." }
)
