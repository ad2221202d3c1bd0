import type { PlannedSetting } from "../../Plan.ts"
import { showSource } from "../settings/sources.ts"
import { columnFor, type Page } from "./page.ts"

/** Key, value and source of each setting; of one that is not set, the variable that would set it. */
export const settingLines = (page: Page, settings: ReadonlyArray<PlannedSetting>): ReadonlyArray<string> => {
  const key = columnFor(
    settings.map((setting) => setting.key),
    32
  )
  return settings.flatMap((setting) => {
    const value = setting.source._tag === "Unset" ? page.style("dim", "-") : showValue(setting.value)
    const source = setting.source._tag === "Unset" ? setting.env : showSource(setting.source)
    return page.labelled(setting.key, key, `${value} ${page.style("dim", `(${source})`)}`, 2)
  })
}

const showValue = (value: unknown): string => (typeof value === "string" ? value : (JSON.stringify(value) ?? "-"))
