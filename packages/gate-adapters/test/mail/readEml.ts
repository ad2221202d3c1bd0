import type { Mail } from "@portico/gate/contracts"

/** Header fields by lower case name, and what follows them. */
const split = (text: string): { readonly fields: ReadonlyMap<string, string>; readonly body: string } => {
  const end = text.indexOf("\r\n\r\n")
  const unfolded = text.slice(0, end).replaceAll(/\r\n(?=[ \t])/g, "")
  const fields = new Map(
    unfolded.split("\r\n").map((line) => {
      const mark = line.indexOf(":")
      return [line.slice(0, mark).toLowerCase(), line.slice(mark + 1).trim()]
    })
  )
  return { fields, body: text.slice(end + 4) }
}

const contentOf = (part: string): string => {
  const { body, fields } = split(part)
  const raw = body.replace(/\r\n$/, "")
  const text =
    fields.get("content-transfer-encoding") === "base64"
      ? Buffer.from(raw.replaceAll("\r\n", ""), "base64").toString("utf8")
      : raw
  return text.replaceAll("\r\n", "\n")
}

const subjectOf = (field: string): string =>
  field
    .replaceAll(/\?=\s+=\?/g, "?==?")
    .replaceAll(/=\?utf-8\?B\?([^?]*)\?=/g, (_, text: string) => Buffer.from(text, "base64").toString("utf8"))

/** Reads back a message, of the forms that the outbox writes. */
export const readEml = (text: string): Mail & { readonly id: string; readonly from: string | undefined } => {
  const { body, fields } = split(text)
  const boundary = /boundary="([^"]+)"/.exec(fields.get("content-type") ?? "")?.[1]
  const parts = boundary === undefined ? [text] : body.split(`--${boundary}`).slice(1, -1)
  const [plain = "", html] = parts.map((part) =>
    part.replace(/^\r\n/, "").replace(/\r\n$/, boundary === undefined ? "\r\n" : "")
  )
  return {
    id: (fields.get("message-id") ?? "").replaceAll(/[<>]/g, ""),
    from: fields.get("from"),
    to: (fields.get("to") ?? "").split(",").map((address) => address.trim()),
    replyTo: fields.get("reply-to"),
    subject: subjectOf(fields.get("subject") ?? ""),
    text: contentOf(plain),
    html: html === undefined ? undefined : contentOf(html)
  }
}
