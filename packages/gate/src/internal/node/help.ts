import type { ProductIdentity } from "../../Product.ts"
import type { DeclaredSetting } from "../planner/settings.ts"

/** The `--help` text of a product's process. */
export const helpText = (product: ProductIdentity, settings: ReadonlyArray<DeclaredSetting>): string => {
  const rows = settings.map(
    ({ description, env, flag, secret }) => [secret ? "" : flag, env, description ?? ""] as const
  )
  const wide = Math.max(...rows.map(([flag]) => flag.length))
  const wideEnv = Math.max(...rows.map(([, env]) => env.length))
  return [
    `${product.name}${product.description === undefined ? "" : `: ${product.description}`}`,
    "",
    "Settings come from flags, then the environment, then portico.toml, then defaults.",
    "",
    `  ${"--config".padEnd(wide)}  ${"".padEnd(wideEnv)}  Settings file; default portico.toml, if there is one.`,
    ...rows.map(([flag, env, text]) => `  ${flag.padEnd(wide)}  ${env.padEnd(wideEnv)}  ${text}`.trimEnd()),
    ""
  ].join("\n")
}
