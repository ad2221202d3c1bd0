import type { Request } from "./load.ts"

/** What all servers are asked. */
export const order: Request = {
  method: "POST",
  headers: {
    "content-type": "application/json",
    authorization: "Bearer aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    origin: "https://app.example.com"
  },
  body: '{"path":"/crm/acme::get","params":{"depth":1}}',
  connections: 32
}
