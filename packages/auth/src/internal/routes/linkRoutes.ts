import { CurrentCaller, GateError } from "@portico/gate"
import { jsonBody } from "@portico/gate/http"
import { Authority, Kernel } from "@portico/kernel"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type { Origin } from "../../AuditEvent.ts"
import { AuthInternals } from "../AuthInternals.ts"
import { formBody } from "../formBody.ts"
import { holdsCredentials } from "../identities.ts"
import { messagePage } from "../pages/consentPage.ts"
import { secretNameOf } from "../providers/discovery.ts"
import type { Link } from "../providers/links.ts"
import * as operations from "../providers/openapi.ts"
import { issuerFor } from "../providers/profiles.ts"
import { home } from "../sessions/beginSession.ts"
import { submitter } from "../sessions/browser.ts"
import { caller, json, origin, originOfForm } from "./answers.ts"
import { keepOneWay } from "./lastWay.ts"

const text = Schema.NonEmptyString.check(Schema.isMaxLength(1_000))
const NewLink = Schema.Struct({
  provider: text,
  subject: text,
  identity: text,
  tenant: Schema.optionalKey(text)
})
const NewInvitation = Schema.Struct({
  identity: text,
  provider: Schema.optionalKey(text),
  expiresIn: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 60, maximum: 2_592_000 })))
})
const NewSecret = Schema.Struct({ secret: Schema.NonEmptyString.check(Schema.isMaxLength(10_000)) })

const week = 604_800

const ownAnswer = ({ createdAt, email, id, issuer, name, provider, subject, usedAt }: Link) => ({
  id,
  provider,
  issuer,
  subject,
  name,
  email,
  createdAt,
  lastUsedAt: usedAt
})

const answerOf = (link: Link) => ({ ...ownAnswer(link), identity: link.identity })

const noSuchLink = GateError.make("NOT_FOUND", "There is no such account.")
const noSuchInvitation = GateError.make("NOT_FOUND", "There is no such invitation that is good now.")
const invalid = (path: string, message: string) =>
  GateError.make("INVALID_PARAMS", message, { details: { issues: [{ path: [path], code: "invalid", message }] } })

const actor = Effect.map(CurrentCaller, ({ caller }) => Option.getOrUndefined(caller)?.id)

const auditRemoval = (link: Link, by: string | undefined, from: Origin) =>
  Effect.gen(function* () {
    const { auth } = yield* AuthInternals
    const { email, identity, issuer, provider, subject } = link
    const details = { provider, account: { issuer, subject, email } }
    yield* auth.audit({ event: "provider.unlinked", identity, actor: by, from, details })
  })

const listOwn = Effect.gen(function* () {
  const { providers } = yield* AuthInternals
  const { id } = yield* caller
  return json({ links: (yield* providers.links.list(id)).map(ownAnswer) })
})

/** Unlinks one's own account, unless nobody could sign in as oneself then. */
const unlinkOwn = Effect.fnUntraced(function* (identity: string, id: string, from: Origin) {
  const { providers } = yield* AuthInternals
  const links = yield* providers.links.list(identity)
  const link = links.find((each) => each.id === id) ?? (yield* noSuchLink)
  yield* keepOneWay(identity)
  yield* providers.unlink(link)
  yield* auditRemoval(link, undefined, from)
})

const removeOwn = Effect.gen(function* () {
  const { id } = yield* caller
  const { params } = yield* HttpRouter.RouteContext
  yield* unlinkOwn(id, params.id ?? "", yield* origin)
  return HttpServerResponse.empty()
})

const removeByForm = Effect.gen(function* () {
  const form = yield* formBody
  const person = yield* submitter(form.get("csrf_token"))
  if (Option.isSome(person)) {
    const from = yield* originOfForm(person.value)
    const removed = yield* Effect.result(unlinkOwn(person.value.node.id, form.get("id") ?? "", from))
    if (removed._tag === "Failure") {
      if (!(removed.failure instanceof GateError)) return yield* Effect.fail(removed.failure)
      return messagePage("This does not work", removed.failure.message, removed.failure.status)
    }
  }
  return HttpServerResponse.redirect(home, { status: 303, headers: { "cache-control": "no-store" } })
})

/** Identities are named by any address, and kept by their id. */
const identityAt = Effect.fnUntraced(function* (address: string) {
  const node = yield* (yield* Kernel).resolve(Authority.system, address)
  if (!holdsCredentials(node)) yield* invalid("identity", `${node.path} is neither a User nor a Service.`)
  return node.id
})

const providerNamed = Effect.fnUntraced(function* (id: string) {
  const { providers } = yield* AuthInternals
  return providers.find(id) ?? (yield* invalid("provider", "There is no such provider."))
})

const listAll = Effect.gen(function* () {
  const { providers } = yield* AuthInternals
  return json({ links: (yield* providers.links.list()).map(answerOf) })
})

const put = Effect.gen(function* () {
  const { auth, providers } = yield* AuthInternals
  const wanted = yield* Effect.flatMap(jsonBody, Schema.decodeUnknownEffect(NewLink))
  const named = yield* providerNamed(wanted.provider)
  const { id } = named
  const issuer = issuerFor(named, { tid: wanted.tenant }) ?? (yield* invalid("tenant", "It is of no tenant of trust."))
  const identity = yield* identityAt(wanted.identity)
  const account = { issuer, subject: wanted.subject }
  const link = yield* providers.links.make({ ...account, provider: id, identity, made: false, name: null, email: null })
  if (link === undefined) return yield* invalid("subject", "This account is linked already.")
  const details = { provider: id, how: "operator", account }
  yield* auth.audit({ event: "provider.linked", identity, actor: yield* actor, from: yield* origin, details })
  return json(answerOf(link), 201)
})

const remove = Effect.gen(function* () {
  const { providers } = yield* AuthInternals
  const { params } = yield* HttpRouter.RouteContext
  const link = (yield* providers.links.list()).find(({ id }) => id === params.id) ?? (yield* noSuchLink)
  yield* providers.unlink(link)
  yield* auditRemoval(link, yield* actor, yield* origin)
  return HttpServerResponse.empty()
})

const invite = Effect.gen(function* () {
  const { auth, providers } = yield* AuthInternals
  const { expiresIn = week, ...wanted } = yield* Effect.flatMap(jsonBody, Schema.decodeUnknownEffect(NewInvitation))
  const provider = wanted.provider === undefined ? undefined : (yield* providerNamed(wanted.provider)).id
  const identity = yield* identityAt(wanted.identity)
  const made = yield* providers.invitations.make({ identity, provider }, expiresIn * 1_000)
  const details = { invitation: made.id, provider, expiresAt: made.expiresAt }
  yield* auth.audit({ event: "invitation", identity, actor: yield* actor, from: yield* origin, details })
  const url = `${auth.issuer}/auth/invitation?code=${made.code}`
  return json({ id: made.id, url, expiresAt: made.expiresAt }, 201)
})

const listInvitations = Effect.gen(function* () {
  const { providers } = yield* AuthInternals
  const found = yield* providers.invitations.list
  return json({ invitations: found.map(({ provider = null, ...invitation }) => ({ ...invitation, provider })) })
})

const takeBack = Effect.gen(function* () {
  const { auth, providers } = yield* AuthInternals
  const { params } = yield* HttpRouter.RouteContext
  const found = (yield* providers.invitations.remove(params.id ?? "")) ?? (yield* noSuchInvitation)
  const details = { invitation: found.id, provider: found.provider }
  const by = { identity: found.identity, actor: yield* actor, from: yield* origin }
  yield* auth.audit({ event: "invitation.taken-back", ...by, details })
  return HttpServerResponse.empty()
})

const putSecret = Effect.gen(function* () {
  const { auth, keyStore, providers } = yield* AuthInternals
  const { params } = yield* HttpRouter.RouteContext
  const provider = providers.find(params.provider)
  if (provider === undefined) return yield* GateError.make("NOT_FOUND", "There is no such provider.")
  if (keyStore === undefined) return yield* GateError.make("NOT_IMPLEMENTED", "This product has no key store.")
  const { secret } = yield* Effect.flatMap(jsonBody, Schema.decodeUnknownEffect(NewSecret))
  yield* keyStore.put(secretNameOf(provider.id), Redacted.make(secret))
  providers.forgetSecret(provider.id)
  const details = { provider: provider.id }
  yield* auth.audit({ event: "provider.secret", actor: yield* actor, from: yield* origin, details })
  return HttpServerResponse.empty()
})

const internal = "/gateway/v1/internal/auth"

/** Which account at a provider is which identity: one's own, and for operators everybody's. */
export const linkRoutes = [
  { id: "route:links", scope: "public", mountPath: "/auth/links", openapi: operations.listLinks, handle: listOwn },
  {
    id: "route:links-remove",
    scope: "public",
    mountPath: "/auth/links/:id",
    method: "DELETE",
    openapi: operations.removeLink,
    handle: removeOwn
  },
  {
    id: "route:links-remove-form",
    scope: "public",
    mountPath: "/auth/links/remove",
    method: "POST",
    auth: "public",
    handle: removeByForm
  },
  {
    id: "route:all-links",
    scope: "internal",
    mountPath: `${internal}/links`,
    openapi: operations.listAllLinks,
    handle: listAll
  },
  {
    id: "route:all-links-put",
    scope: "internal",
    mountPath: `${internal}/links`,
    method: "POST",
    openapi: operations.putLink,
    handle: put
  },
  {
    id: "route:all-links-remove",
    scope: "internal",
    mountPath: `${internal}/links/:id`,
    method: "DELETE",
    openapi: operations.removeAnyLink,
    handle: remove
  },
  {
    id: "route:invite",
    scope: "internal",
    mountPath: `${internal}/invitations`,
    method: "POST",
    openapi: operations.invite,
    handle: invite
  },
  {
    id: "route:invitations",
    scope: "internal",
    mountPath: `${internal}/invitations`,
    openapi: operations.listInvitations,
    handle: listInvitations
  },
  {
    id: "route:invitations-remove",
    scope: "internal",
    mountPath: `${internal}/invitations/:id`,
    method: "DELETE",
    openapi: operations.removeInvitation,
    handle: takeBack
  },
  {
    id: "route:provider-secret",
    scope: "internal",
    mountPath: `${internal}/providers/:provider/secret`,
    method: "PUT",
    openapi: operations.putSecret,
    handle: putSecret
  }
] as const
