/** Servers side by side: each in a process of its own, asked in turn, compared round by round. */
import { type ChildProcess, spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import { load, type Request, type Schedule, type Slice } from "./load.ts"
import { median } from "./report.ts"

/** A server of `bench/servers`, and what it is asked. */
export interface Contender {
  readonly name: string
  readonly file: string
  readonly args?: ReadonlyArray<string>
  readonly path: string
}

/** Medians over the rounds. The ratios are to the first contender, greater is better. */
export interface Standing {
  readonly name: string
  /** Answers a second. */
  readonly rate: number
  /** Microseconds of the server's CPU time for each answer, or `NaN` where there is no /proc. */
  readonly micros: number
  readonly rateRatio: number
  readonly cpuRatio: number
}

interface Server {
  readonly process: ChildProcess
  readonly url: string
}

const start = ({ args = [], file }: Contender): Promise<Server> =>
  new Promise((resolve, reject) => {
    const path = fileURLToPath(new URL(`./servers/${file}`, import.meta.url))
    const child = spawn(process.execPath, [path, ...args], { stdio: ["ignore", "pipe", "ignore"] })
    child.once("exit", (code) => reject(new Error(`${file} ended with ${code}`)))
    child.stdout.on("data", (data) => {
      const url = /http:\/\/[\w.:]+/.exec(String(data))?.[0]
      if (url !== undefined) resolve({ process: child, url })
    })
  })

/** Each slice is compared to the first contender's of the same round, and the median of these ratios counts. */
export const standings = (
  names: ReadonlyArray<string>,
  all: ReadonlyArray<ReadonlyArray<Slice>>
): ReadonlyArray<Standing> =>
  all.map((own, index) => ({
    name: names[index] ?? "",
    rate: median(own.map(({ rate }) => rate)),
    micros: median(own.map(({ micros }) => micros ?? Number.NaN)),
    rateRatio: median(own.map(({ rate }, round) => rate / (all[0]?.[round]?.rate ?? Number.NaN))),
    cpuRatio: median(own.map(({ micros }, round) => (all[0]?.[round]?.micros ?? Number.NaN) / (micros ?? Number.NaN)))
  }))

/** Starts them, asks all of them the same, and prints a table. */
export const compare = async (
  contenders: ReadonlyArray<Contender>,
  request: Request,
  schedule: Schedule
): Promise<ReadonlyArray<Standing>> => {
  const servers = await Promise.all(contenders.map(start))
  const targets = servers.map(({ process: { pid = 0 }, url }, i) => ({ pid, url: url + contenders[i]?.path }))
  const slices = await load(targets, request, schedule)
  for (const { process: child } of servers) {
    child.removeAllListeners("exit")
    child.kill()
  }
  const errors = slices.flat().reduce((sum, slice) => sum + slice.errors, 0)
  if (errors > 0) throw new Error(`${errors} answers were errors`)
  const result = standings(
    contenders.map(({ name }) => name),
    slices
  )
  for (const each of result) console.log(show(each))
  return result
}

const show = ({ cpuRatio, micros, name, rate, rateRatio }: Standing): string => {
  const byRate = `${rate.toFixed(0).padStart(7)}/s ${rateRatio.toFixed(2)} x`
  return `${name.padEnd(36)} ${byRate}   cpu ${micros.toFixed(1).padStart(5)} us ${cpuRatio.toFixed(2)} x`
}
