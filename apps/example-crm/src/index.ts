export { crm } from "./domain.ts"
export { D, schema } from "./schema/index.ts"
