import type { TypeInfo } from "../schema/types.ts"
import { issuesOf } from "../schema/validate.ts"

/**
 * What is wrong with stored props, the first of it. Properties that the class does not have are left alone: installs
 * once kept what was stored of those that they removed.
 */
export const propsProblem = (type: TypeInfo, text: string, limit: number): string | undefined => {
  if (text.length * 3 > limit && Buffer.byteLength(text) > limit) return `its props take more than ${limit} bytes`
  const props = parse(text)
  if (props === undefined) return "its props are not a JSON object"
  for (const { key } of type.props.required) if (!Object.hasOwn(props, key)) return `${key} is required by ${type.ref}`
  for (const [key, value] of Object.entries(props)) {
    const prop = type.props.byKey.get(key)
    const [issue] = prop === undefined ? [] : issuesOf(prop.schema, value)
    if (issue !== undefined) return `${[key, ...issue.path].join(".")} ${issue.message}`
  }
  return undefined
}

const parse = (text: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined
  } catch {
    return undefined
  }
}
