import { EDIT, fn, KernelSchema, nodeClass, nodeInterface, READ, ref } from "@portico/schema"
import * as Schema from "effect/Schema"
import { Project } from "./projects.ts"

/**
 * An address that mail can be sent to. Deliberately lenient: whether it exists
 * only its server knows. The longest that SMTP carries has 254 characters (RFC 5321, 4.5.3.1).
 */
export const Email = Schema.String.check(Schema.isPattern(/^[^\s@]+@[^\s@]+$/), Schema.isMaxLength(254))

const Name = Schema.String.check(Schema.isMaxLength(200))

/** What a caller gives to make a contact. */
export const contactParams = { email: Email, name: Schema.optional(Name), company: Schema.optional(Name) }

/** A line of the directory. */
const Entry = Schema.Struct({
  path: Schema.String,
  email: Schema.String,
  name: Schema.optionalKey(Schema.String),
  company: Schema.optionalKey(Schema.String),
  projects: Schema.Array(Schema.String)
})

/** Operations on contacts that need none to begin with. */
export const ContactOps = nodeInterface({
  description: "Makes and lists contacts.",
  methods: {
    createContact: fn({
      static: true,
      description: "Makes a contact and gives its path. PATH_CONFLICT if there is one with this e-mail address.",
      params: contactParams,
      returns: Schema.String
    }),
    addContacts: fn({
      static: true,
      description: "Makes a contact of each that is sent. Who is there already stays as they are.",
      input: "stream",
      takes: Schema.Struct(contactParams),
      returns: Schema.Struct({ created: Schema.Int, known: Schema.Int })
    }),
    directory: fn({
      static: true,
      description: "Everybody whom the caller may see, and what they work on.",
      output: "stream",
      returns: Entry
    })
  }
})

/** What the enrichment service knew. */
export const Enriched = Schema.Struct({
  found: Schema.Boolean,
  company: Schema.optionalKey(Schema.String),
  name: Schema.optionalKey(Schema.String)
})

/** A person, filed under `/contacts` by e-mail address. Holds the deliveries that told of it. */
export const Contact = nodeClass({
  description: "A person.",
  implements: [ContactOps, KernelSchema.interfaces.Container, KernelSchema.interfaces.Named],
  props: { email: Email, company: Schema.optional(Name) },
  unique: [["email"]],
  indexes: [["company"]],
  methods: {
    assign: fn({
      description: "Puts the contact on a project, or changes the role it has there.",
      params: { project: ref(() => Project, { needs: EDIT }), role: Name },
      needs: READ | EDIT,
      returns: Schema.Void
    }),
    enrich: fn({
      description: "Asks the enrichment service about the contact and fills in what is missing.",
      needs: READ | EDIT,
      returns: Enriched
    })
  }
})

/** One message of the inbound webhook that was processed: what makes a replay a replay. */
export const Delivery = nodeClass({
  description: "A message of the inbound webhook that has been processed.",
  props: { messageId: Schema.String }
})
