import * as Flag from "effect/cli/Flag"

export const formatFlag = (description: string) =>
  Flag.Literals("format", ["jsonl", "csv"]).pipe(Flag.withDescription(description), Flag.optional)

const delimiters = { comma: ",", semicolon: ";", tab: "\t" } as const

export const delimiterFlag = Flag.Literals("delimiter", ["comma", "semicolon", "tab"]).pipe(
  Flag.withDescription("Between the cells of CSV; comma unless given"),
  Flag.map((name) => delimiters[name]),
  Flag.optional
)
