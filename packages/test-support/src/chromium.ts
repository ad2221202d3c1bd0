import { accessSync, constants, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { type BrowserContext, chromium, type Page } from "playwright-core"
import { describeWhere } from "./need.ts"

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Chromium of this machine: the first of its usual names on PATH. */
const findChromium = (): string | undefined =>
  (process.env.PATH ?? "")
    .split(delimiter)
    .flatMap((folder) => ["chromium", "chromium-browser", "google-chrome"].map((name) => join(folder, name)))
    .find(isExecutable)

const executable = findChromium()

/** Tests that need a browser; skipped by name where the machine has none. */
export const describeWithChromium = describeWhere("chromium", executable !== undefined)

/** How a page is looked at. */
export interface View {
  readonly colorScheme?: "light" | "dark"
  /** CSS pixels; 1280 unless told. */
  readonly width?: number
  /** Whether scripts of pages run; they do unless told. */
  readonly javaScript?: boolean
}

/** What a page did that a page of ours must not do. */
export interface Misdeeds {
  /** URLs of other machines that it asked for; each such request was cut off. */
  readonly elsewhere: ReadonlyArray<string>
  /** Errors and warnings of its console, and what its scripts threw. */
  readonly complaints: ReadonlyArray<string>
}

/** A browser with an empty profile. */
export interface Browser {
  /** A page of its own storage and cookies. */
  readonly open: (url: string, view?: View) => Promise<{ readonly page: Page; readonly misdeeds: Misdeeds }>
  readonly close: () => Promise<void>
}

const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync"
]

const isHere = (url: string): boolean => {
  const { hostname, protocol } = new URL(url)
  return /^(?:data|blob|about):$/.test(protocol) || /^(?:localhost|127\.0\.0\.1|\[::1\])$/.test(hostname)
}

const watch = async (context: BrowserContext): Promise<Misdeeds> => {
  const elsewhere: Array<string> = []
  const complaints: Array<string> = []
  await context.route(
    (url) => !isHere(url.href),
    (route) => {
      elsewhere.push(route.request().url())
      return route.abort()
    }
  )
  await context.routeWebSocket(
    (url) => !isHere(url.href),
    (socket) => {
      elsewhere.push(socket.url())
      return socket.close()
    }
  )
  context.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text())
  })
  context.on("weberror", (error) => complaints.push(error.error().message))
  return { elsewhere, complaints }
}

/** Starts Chromium. Close it when the tests of the file are over. */
export const openBrowser = async (): Promise<Browser> => {
  if (executable === undefined) throw new Error("No Chromium is on PATH.")
  const profile = mkdtempSync(join(tmpdir(), "portico-chromium-"))
  // The profile is where Chromium keeps what outlives a page; its own home would be this user's.
  const browser = await chromium.launch({
    executablePath: executable,
    args: flags,
    env: { ...process.env, HOME: profile, XDG_CONFIG_HOME: profile, XDG_CACHE_HOME: profile }
  })
  return {
    open: async (url, { colorScheme = "light", javaScript = true, width = 1280 } = {}) => {
      const context = await browser.newContext({
        colorScheme,
        javaScriptEnabled: javaScript,
        viewport: { width, height: 800 },
        serviceWorkers: "block"
      })
      const misdeeds = await watch(context)
      const page = await context.newPage()
      await page.goto(url)
      return { page, misdeeds }
    },
    close: async () => {
      await browser.close()
      rmSync(profile, { recursive: true, force: true })
    }
  }
}

/** A rule of axe-core that a page breaks. */
export interface Finding {
  /** Id of the rule, e.g. `color-contrast`. */
  readonly rule: string
  readonly impact: string
  /** The elements, as they are written in the page. */
  readonly html: ReadonlyArray<string>
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8")

/** The serious and critical findings of axe-core on the page as it is now. */
export const axeFindings = async (page: Page): Promise<ReadonlyArray<Finding>> => {
  // By the protocol of the browser's tools, which the page's content security policy does not bind.
  await page.evaluate(axeSource)
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { readonly axe: typeof import("axe-core") }
    const { violations } = await axe.run(document)
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, impact, nodes }) => ({ rule: id, impact: String(impact), html: nodes.map(({ html }) => html) }))
  })
}
