import { Authority, Kernel, type NodeView, SchemaInstaller } from "@portico/kernel"
import { contractId, PorticoError } from "@portico/schema"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { D, schema } from "./schema.ts"
import { Titles, type TitleUnavailable } from "./Titles.ts"

/** One short link. */
export interface Link {
  readonly slug: string
  readonly target: string
  readonly title: string
}

/** Where the links are. */
export const linksFolder = "/links"

/** Short links, kept as nodes below `/links`. */
export class Links extends Context.Service<
  Links,
  {
    /** Adds a link on behalf of an identity. Fails with PATH_CONFLICT where the slug is taken. */
    readonly add: (
      by: string,
      link: { readonly slug: string; readonly target: string }
    ) => Effect.Effect<Link, PorticoError | TitleUnavailable>
    readonly all: Effect.Effect<ReadonlyArray<Link>, PorticoError>
    /** Fails with NOT_FOUND. */
    readonly find: (slug: string) => Effect.Effect<Link, PorticoError>
  }
>()("custom-product/Links") {
  static readonly layer = Layer.effect(
    Links,
    Effect.gen(function* () {
      const kernel = yield* Kernel
      const titles = yield* Titles
      const installer = yield* SchemaInstaller
      yield* installer.install({
        contract: schema.contract,
        contractId: contractId(schema.contract),
        requires: [],
        owns: [linksFolder],
        acts: null,
        grants: {},
        postInstall: null
      })

      const toLink = (node: NodeView): Link => ({
        slug: node.slug,
        target: String(node.props[D.Link.target.key]),
        title: String(node.props[D.Link.title.key])
      })

      return Links.of({
        add: Effect.fn("Links.add")(function* (by, { slug, target }) {
          const title = yield* titles.titleOf(target)
          yield* kernel.call(Authority.identity(by), {
            path: "/:kernel.portico.dev:interface.Node:createNode",
            params: { class: D.Link.path.class.raw, path: `${linksFolder}/${slug}`, props: { target, title } }
          })
          return { slug, target, title }
        }),
        all: Effect.gen(function* () {
          const found: Array<Link> = []
          let cursor: string | undefined
          do {
            const { result } = yield* kernel.call(Authority.system, {
              path: `${linksFolder}::listChildren`,
              params: { class: D.Link.path.class.raw, limit: 1_000, ...(cursor === undefined ? {} : { cursor }) }
            })
            // The kernel's own contract for listChildren.
            const page = result as { readonly nodes: ReadonlyArray<NodeView>; readonly next?: string }
            found.push(...page.nodes.map(toLink))
            cursor = page.next
          } while (cursor !== undefined)
          return found
        }),
        find: (slug) =>
          Effect.flatMap(kernel.resolve(Authority.system, `${linksFolder}/${slug}`), (node) =>
            node.class === D.Link.ref
              ? Effect.succeed(toLink(node))
              : Effect.fail(PorticoError.make("NOT_FOUND", `there is no link ${slug}`))
          )
      })
    })
  )
}
