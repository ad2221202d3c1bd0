import { spawn, spawnSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { Agent, request } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** What is sent, again and again. */
export const body = '{"path":"/crm/acme::get","params":{"depth":1}}'
const headers = {
  "content-type": "application/json",
  authorization: "Bearer aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
}
const connections = 32

const hasWrk = spawnSync("wrk", ["-v"]).error === undefined
const script = join(tmpdir(), `gate-bench-${process.pid}.lua`)
if (hasWrk) {
  const lines = Object.entries(headers).map(
    ([name, value]) => `wrk.headers[${JSON.stringify(name)}] = ${JSON.stringify(value)}`
  )
  writeFileSync(script, [`wrk.method = "POST"`, `wrk.body = [[${body}]]`, ...lines].join("\n"))
}

const runWrk = (url: string, seconds: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const child = spawn("wrk", ["-t1", `-c${connections}`, `-d${seconds}s`, "-s", script, url])
    let text = ""
    child.stdout.on("data", (data) => {
      text += data
    })
    child.on("close", () => {
      const refused = /Non-2xx or 3xx responses: (\d+)/.exec(text)
      if (refused !== null) return reject(new Error(`${url}: ${refused[0]}`))
      resolve(Number(/(\d+) requests in/.exec(text)?.[1]))
    })
  })

const runNode = async (url: string, seconds: number): Promise<number> => {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const until = performance.now() + seconds * 1_000
  let count = 0
  const once = () =>
    new Promise<void>((resolve, reject) => {
      const sent = request(
        url,
        { method: "POST", agent, headers: { ...headers, "content-length": body.length } },
        (response) => {
          if (response.statusCode !== 200) reject(new Error(`${url}: ${response.statusCode}`))
          response.resume()
          response.on("end", resolve)
        }
      )
      sent.on("error", reject)
      sent.end(body)
    })
  const client = async () => {
    while (performance.now() < until) {
      await once()
      count++
    }
  }
  await Promise.all(Array.from({ length: connections }, client))
  agent.destroy()
  return count
}

/** Puts load on `url` for some seconds; gives the number of answers. Uses `wrk` where there is one. */
export const load = (url: string, seconds: number): Promise<number> => (hasWrk ? runWrk : runNode)(url, seconds)

/** Name of the client that `load` uses. */
export const client = hasWrk ? "wrk" : "node"

/** CPU seconds that a process has used, user and system; `undefined` where there is no /proc. */
export const cpuSeconds = (pid: number): number | undefined => {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? []
    // Clock ticks, of which every Linux that runs Node has 100 in a second.
    return (Number(fields[11]) + Number(fields[12])) / 100
  } catch {
    return undefined
  }
}
