import { GateError } from "@portico/gate"
import { Kernel } from "@portico/kernel"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { AuthInternals } from "../AuthInternals.ts"
import { formBody, formOrJson } from "../formBody.ts"
import { messagePage } from "../pages/consentPage.ts"
import { codePage, enrolPage, recoveryPage } from "../pages/secondFactorPages.ts"
import { squareOf } from "../secondFactor/codes.ts"
import * as operations from "../secondFactor/openapi.ts"
import { beginSession, endPrevious, home, ownPage } from "../sessions/beginSession.ts"
import { type AtBrowser, fromOurPage, submitter } from "../sessions/browser.ts"
import { askedBrowser, shownBrowser } from "../sessions/browserCookie.ts"
import { isFresh } from "../sessions/freshSession.ts"
import { origin, originOfForm } from "./answers.ts"
import { askWho } from "./askWho.ts"
import { signedIn } from "./passwordSignIn.ts"
import * as program from "./secondFactorJson.ts"
import { appUri, renewedCodes, turnedOff } from "./secondFactorSteps.ts"
import { limited } from "./tokenRoutes.ts"

/** Milliseconds for somebody to fetch their phone. */
const patience = 300_000

export const headersOf = ({ headers }: GateError) => (headers === undefined ? {} : { headers })

const back = HttpServerResponse.redirect(home, { status: 303, headers: { "cache-control": "no-store" } })

/** Begins the session of somebody who has shown all they have to, and leads on. */
export const goOn = (identity: string, method: string, returnTo: string) =>
  Effect.gen(function* () {
    yield* endPrevious
    const begun = yield* beginSession(identity, method)
    return HttpServerResponse.redirect(returnTo, {
      status: 303,
      headers: { "set-cookie": begun.cookie, "cache-control": "no-store" }
    })
  })

/** The page that asks for the second factor. Nobody is signed in before it is answered. */
export const askForCode = (identity: string, returnTo: string) =>
  Effect.gen(function* () {
    const { challenges } = yield* AuthInternals
    const { browser, cookie } = yield* askedBrowser
    const challenge = yield* challenges.make({ purpose: "second-factor", browser, identity, lifetime: patience })
    return codePage({ challenge, returnTo, headers: { "set-cookie": cookie } })
  })

/** The one who is asked, as long as the question stands. */
const askedPerson = (challenge: string, browser: string) =>
  Effect.gen(function* () {
    const { challenges } = yield* AuthInternals
    const asked = yield* challenges.look(challenge, { purpose: "second-factor", browser })
    if (asked?.identity === undefined) return undefined
    return Option.getOrUndefined(yield* (yield* Kernel).node(`@${asked.identity}`))
  })

const tooLate = (returnTo: string) => askWho({ returnTo, problem: "That took too long. Begin anew.", status: 401 })

const code = Effect.gen(function* () {
  yield* fromOurPage
  yield* limited("signIn")
  const { challenges, secondFactor } = yield* AuthInternals
  const form = yield* formBody
  const returnTo = ownPage(form.get("return_to"))
  const challenge = form.get("challenge") ?? ""
  const browser = (yield* shownBrowser) ?? ""
  const node = yield* askedPerson(challenge, browser)
  if (node === undefined) return yield* tooLate(returnTo)
  const checked = yield* Effect.result(
    secondFactor.check(node.id, (form.get("code") ?? "").slice(0, 100), yield* origin)
  )
  if (Result.isFailure(checked)) {
    const problem = checked.failure
    if (!(problem instanceof GateError)) return yield* Effect.fail(problem)
    return codePage({ challenge, returnTo, problem: problem.message, status: problem.status, ...headersOf(problem) })
  }
  // Of two answers at once only one goes on.
  const taken = yield* challenges.take(challenge, { purpose: "second-factor", browser })
  if (taken === undefined) return yield* tooLate(returnTo)
  const { method } = yield* signedIn(node, `password and ${checked.success}`)
  return yield* goOn(node.id, method, returnTo)
})

const enrolment = ({ csrf, node }: AtBrowser, problem?: GateError) =>
  Effect.gen(function* () {
    const { secondFactor } = yield* AuthInternals
    const secret = yield* secondFactor.begin(node.id)
    const square = yield* squareOf(yield* appUri(node, secret))
    const shown = problem === undefined ? {} : { problem: problem.message, status: problem.status }
    return enrolPage({ square, secret, csrf, ...shown, ...(problem === undefined ? {} : headersOf(problem)) })
  })

const isStale = (person: AtBrowser) => Effect.map(Clock.currentTimeMillis, (now) => !isFresh(person, now))

const begin = Effect.gen(function* () {
  const { signIn } = yield* AuthInternals
  const form = yield* formBody
  const person = Option.getOrUndefined(yield* submitter(form.get("csrf_token")))
  if (person === undefined || (yield* isStale(person))) return back
  if (!(yield* signIn.hasPassword(person.node.id))) return back
  return yield* enrolment(person)
})

const confirm = Effect.gen(function* () {
  const { secondFactor } = yield* AuthInternals
  const form = yield* formBody
  const person = Option.getOrUndefined(yield* submitter(form.get("csrf_token")))
  if (person === undefined || (yield* isStale(person))) return back
  const confirmed = yield* Effect.result(
    secondFactor.confirm(person.node.id, (form.get("code") ?? "").slice(0, 100), yield* originOfForm(person))
  )
  if (Result.isSuccess(confirmed)) return recoveryPage(confirmed.success, "The second factor is on")
  const problem = confirmed.failure
  if (!(problem instanceof GateError)) return yield* Effect.fail(problem)
  return problem.code === "INVALID_PARAMS" ? back : yield* enrolment(person, problem)
})

const told = (title: string) => (problem: GateError) =>
  Effect.succeed(messagePage(title, problem.message, problem.status))

const renew = Effect.gen(function* () {
  const form = yield* formBody
  const person = Option.getOrUndefined(yield* submitter(form.get("csrf_token")))
  if (person === undefined || (yield* isStale(person))) return back
  return yield* renewedCodes(person, form.get("code") ?? "").pipe(
    Effect.map((codes) => recoveryPage(codes, "Your new recovery codes")),
    Effect.catchTag("GateError", told("The recovery codes stay as they are"))
  )
})

const off = Effect.gen(function* () {
  const form = yield* formBody
  const person = Option.getOrUndefined(yield* submitter(form.get("csrf_token")))
  if (person === undefined) return back
  return yield* turnedOff(person, form.get("password") ?? "").pipe(
    Effect.as(back),
    Effect.catchTag("GateError", told("The second factor stays on"))
  )
})

const form = { scope: "public", method: "POST", auth: "public" } as const

/** The second factor: asked for at sign-in, and turned on and off on one's own page. */
export const secondFactorRoutes = [
  { id: "route:login-code", mountPath: "/auth/login/code", ...form, handle: code },
  {
    id: "route:second-factor",
    scope: "public",
    mountPath: "/auth/second-factor",
    openapi: operations.state,
    handle: program.state
  },
  {
    id: "route:second-factor-begin",
    mountPath: "/auth/second-factor/begin",
    ...form,
    openapi: operations.begin,
    handle: formOrJson(begin, program.begin)
  },
  {
    id: "route:second-factor-confirm",
    mountPath: "/auth/second-factor/confirm",
    ...form,
    openapi: operations.confirm,
    handle: formOrJson(confirm, program.confirm)
  },
  {
    id: "route:second-factor-recovery-codes",
    mountPath: "/auth/second-factor/recovery-codes",
    ...form,
    openapi: operations.renew,
    handle: formOrJson(renew, program.renew)
  },
  {
    id: "route:second-factor-off",
    mountPath: "/auth/second-factor/off",
    ...form,
    openapi: operations.off,
    handle: formOrJson(off, program.off)
  }
] as const
