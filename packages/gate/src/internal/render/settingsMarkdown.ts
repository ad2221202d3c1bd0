import type { PlannedSetting } from "../../Plan.ts"
import type { Product } from "../../Product.ts"
import { frameworkId } from "../frameworkId.ts"

/** The reference of a product's settings: a section for each owner, a row for each setting. */
export const settingsMarkdown = (product: Product, settings: ReadonlyArray<PlannedSetting>): string => {
  const owners = [...new Set(settings.map(({ owner }) => owner))]
  const sections = owners.flatMap((owner) => [
    `## ${titleOf(product, owner)}`,
    "",
    "| setting | environment and flag | default | what it is |",
    "|---|---|---|---|",
    ...settings.filter((setting) => setting.owner === owner).map(row),
    ""
  ])
  return [`# Settings of ${product.identity.name}`, "", ...preface, "", ...sections].join("\n")
}

const preface = [
  "A flag beats the environment, which beats `portico.toml`, which beats the default. The key `kernel.cacheNodes` is",
  "`cacheNodes` in the table `[kernel]` of that file. Flags of what is on or off have a `--no-` form.",
  "",
  "In the environment and in flags a list is written with commas, or as JSON."
]

const titleOf = (product: Product, owner: string): string => {
  if (owner === frameworkId) return `${owner}: the framework`
  const module = product.modules.find(({ id }) => id === owner)
  return module === undefined ? owner : `${owner}: ${module.displayName}`
}

const row = (setting: PlannedSetting): string =>
  `| ${[
    code(setting.key),
    `${code(setting.env)} ${code(setting.flag)}`,
    defaultOf(setting),
    [cell(setting.description ?? ""), typeOf(setting)].filter((text) => text !== "").join(" ")
  ].join(" | ")} |`

// Inside a table a bar ends the cell, even in code (GitHub Flavored Markdown, section 4.10).
const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll(/\s+/g, " ")

const code = (text: string): string => `\`${cell(text)}\``

const defaultOf = ({ source, value }: PlannedSetting): string => {
  if (source._tag === "Unset" || value === null) return "none"
  return code(typeof value === "string" ? value : JSON.stringify(value))
}

const typeOf = ({ description, type }: PlannedSetting): string => {
  const words = type.includes('"') ? code(type) : cell(type)
  return description === null ? words : `(${words})`
}
