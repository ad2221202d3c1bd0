/** Two callables as an instance describes them. */
export const createContact = {
  path: "/:crm.example.dev:interface.ContactOps:createContact",
  node: "/crm.example.dev/interface.ContactOps/createContact",
  name: "createContact",
  static: true,
  input: "value",
  output: "value",
  auth: "required",
  params: {
    type: "object",
    properties: {
      email: { type: "string" },
      age: { type: "integer" },
      vip: { type: "boolean" },
      tags: { type: "array", items: { type: "string" } },
      kind: { enum: ["person", "company"] },
      address: { type: "object", properties: { city: { type: "string" } }, required: ["city"] }
    },
    required: ["email"],
    additionalProperties: false
  },
  result: { type: "string" },
  needs: [],
  refs: [],
  description: "Makes a contact.",
  usable: true,
  example: {
    path: "/:crm.example.dev:interface.ContactOps:createContact",
    params: { email: "it's", address: { city: "Bern" } }
  }
}

export const assign = {
  path: "/contacts/ada::assign",
  node: "/crm.example.dev/class.Contact/assign",
  name: "assign",
  static: false,
  input: "value",
  output: "value",
  auth: "required",
  params: {
    type: "object",
    properties: { project: { type: "string" }, role: { type: "string" } },
    required: ["project", "role"],
    additionalProperties: false
  },
  result: { type: "null" },
  needs: ["READ", "EDIT"],
  refs: [{ param: "project", types: ["crm.example.dev:class.Project"], needs: ["EDIT"] }],
  deprecated: true,
  usable: false,
  example: { path: "/contacts/ada::assign", params: { project: "/projects/apollo", role: "lead" } }
}
