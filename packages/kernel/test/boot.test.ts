import { expect, it } from "@effect/vitest"
import { K, KernelSchema } from "@portico/schema"
import * as Effect from "effect/Effect"

import { get, onKernel } from "./support/kernel.ts"

it.effect("the first boot makes Root, the built-in groups and the kernel's own schema", () =>
  onKernel(
    Effect.gen(function* () {
      expect(yield* get("/")).toMatchObject({ path: "/", slug: "", class: K.Root.ref })
      expect(yield* get("/identities/everyone")).toMatchObject({ class: K.Group.ref })
      expect(yield* get("/identities/authenticated")).toMatchObject({ class: K.Group.ref })
      const domain = yield* get("/:kernel.portico.dev")
      expect(domain).toMatchObject({ path: "/kernel.portico.dev", class: K.Domain.ref })
      expect(domain.props[K.Domain.contractId.key]).toBe(KernelSchema.contractId)
      expect(yield* get("/:kernel.portico.dev:class.Folder")).toMatchObject({ class: K.Class.ref })
      expect(yield* get("/:kernel.portico.dev:class.has_perm")).toMatchObject({ class: K.EdgeClass.ref })
      expect(yield* get("/:kernel.portico.dev:interface.Node")).toMatchObject({ class: K.Interface.ref })
      expect(yield* get("/kernel.portico.dev/interface.Node/get")).toMatchObject({ class: K.Function.ref })
    })
  )
)
