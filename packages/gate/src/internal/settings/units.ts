import * as ByteSize from "effect/ByteSize"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import * as SchemaTransformation from "effect/SchemaTransformation"

const shortUnits: Readonly<Record<string, Duration.Unit>> = {
  ms: "millis",
  s: "seconds",
  m: "minutes",
  h: "hours",
  d: "days"
}

const durationText = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/i

const parseMillis = (text: string): Option.Option<number> => {
  const [, amount, unit = ""] = durationText.exec(text.trim()) ?? []
  if (amount === undefined) return Option.none()
  // `fromInput` checks the unit, whatever it is.
  const input = `${amount} ${shortUnits[unit.toLowerCase()] ?? unit.toLowerCase()}` as Duration.Input
  return Option.map(Duration.fromInput(input), Duration.toMillis)
}

const parseBytes = (text: string): Option.Option<number> =>
  Option.flatMap(ByteSize.fromString(text.trim().replace(/^(\d+)$/, "$1 B")), ByteSize.toNumber)

const Amount = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

/** A whole number, or text that `parse` reads as one. It is written as the number. */
const amountOf = (expected: string, parse: (text: string) => Option.Option<number>) =>
  Schema.Union([
    Amount,
    Schema.String.pipe(
      Schema.decodeTo(
        Amount,
        SchemaTransformation.transformEffect({
          decode: (text: string) =>
            Option.match(parse(text), {
              onNone: () => Effect.fail(new SchemaIssue.InvalidValue({ expected })),
              onSome: Effect.succeed
            }),
          encode: (amount: number) => Effect.succeed(String(amount))
        })
      )
    )
  ]).annotate({ expected })

const parseSeconds = (text: string): Option.Option<number> => Option.map(parseMillis(text), (millis) => millis / 1_000)

/** Milliseconds: `1500`, `"1500 ms"`, `"30s"`, `"5 minutes"`. */
export const Millis = amountOf("milliseconds, or a time such as 30s", parseMillis)

/** Seconds: `900`, `"900 s"`, `"15m"`, `"1 hour"`. Parts of a second are refused. */
export const Seconds = amountOf("seconds, or a time such as 15m", parseSeconds)

/** Bytes: `1048576`, `"1 MiB"`, `"512 kB"`. */
export const Bytes = amountOf("bytes, or a size such as 1 MiB", parseBytes)
