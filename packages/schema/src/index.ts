/** The language of Portico's domains: classes, interfaces, edges and functions; addresses; masks; errors; contracts. */
export type * from "./Codec.ts"
export * from "./Compiled.ts"
export * from "./Contract.ts"
export * from "./Definition.ts"
export * from "./DomainSchema.ts"
export * from "./Errors.ts"
export * from "./Field.ts"
export * from "./Fn.ts"
export * from "./Items.ts"
export type * from "./Json.ts"
export { K, KernelSchema, kernelOrigin, readingMethods, reservedMethodNames } from "./KernelSchema.ts"
export * as Mask from "./Mask.ts"
export { ALL, EDIT, type MaskInput, type PermName, READ, SHARE, USE } from "./Mask.ts"
export { parseContract } from "./ParseContract.ts"
export type {
  Address,
  IdAddress,
  InstanceMethodAddress,
  NodeAddress,
  PathError,
  SchemaAddress,
  StaticMethodAddress,
  TreeAddress
} from "./Path.ts"
export * as Path from "./Path.ts"
export type * from "./Query.ts"
export * as Slug from "./Slug.ts"
export type * from "./Where.ts"
