import type { Mail } from "@portico/gate/contracts"

/** What a message has beside what its writer says. */
export interface Envelope {
  readonly from: string
  /** `Message-ID` without its brackets. */
  readonly id: string
  /** Unix time in milliseconds. */
  readonly date: number
  /** Letters and digits that no body contains. */
  readonly boundary: string
}

/** The message as it travels (RFC 5322 and RFC 2045), of a mail that `mailProblem` finds nothing wrong with. */
export const toEml = (mail: Mail, { boundary, date, from, id }: Envelope): string => {
  const headers = [
    `From: ${from}`,
    `To: ${mail.to.join(`,${fold}`)}`,
    ...(mail.replyTo === undefined ? [] : [`Reply-To: ${mail.replyTo}`]),
    `Subject: ${encodedSubject(mail.subject)}`,
    // RFC 5322, section 3.3: the zone is a number.
    `Date: ${new Date(date).toUTCString().replace("GMT", "+0000")}`,
    `Message-ID: <${id}>`,
    "MIME-Version: 1.0"
  ]
  const text = part("text/plain", mail.text)
  if (mail.html === undefined) return [...headers, text].join(newline)
  const html = part("text/html", mail.html)
  return [
    ...headers,
    `Content-Type: multipart/alternative; boundary="${boundary}"`,
    "",
    `--${boundary}`,
    text,
    `--${boundary}`,
    html,
    `--${boundary}--`,
    ""
  ].join(newline)
}

const newline = "\r\n"
const fold = `${newline} `

/** Octets that a line may have (RFC 5322, section 2.1.1). */
const longest = 998

const part = (type: string, content: string): string => {
  const lines = content.split(/\r\n|\r|\n/)
  // Left as it is where that can be, so that a person finds the link in it.
  const plain = lines.every((line) => Buffer.byteLength(line) <= longest) && !content.includes("\0")
  const body = plain ? lines.join(newline) : inLines(Buffer.from(lines.join(newline)).toString("base64"))
  return [
    `Content-Type: ${type}; charset=utf-8`,
    `Content-Transfer-Encoding: ${plain ? "8bit" : "base64"}`,
    "",
    body,
    ""
  ].join(newline)
}

const inLines = (base64: string): string => (base64.match(/.{1,76}/g) ?? []).join(newline)

/** Octets of an encoded word's text, so that the whole has no more than 75 (RFC 2047, section 2). */
const wordOctets = 45

const encodedSubject = (subject: string): string => {
  if (/^[\x20-\x7e]*$/.test(subject) && !subject.includes("=?") && subject.trim() === subject) return subject
  const words: Array<string> = []
  let word = ""
  // By code points: an encoded word holds whole characters.
  for (const character of subject) {
    if (Buffer.byteLength(word + character) > wordOctets) {
      words.push(word)
      word = ""
    }
    word += character
  }
  return [...words, word].map((each) => `=?utf-8?B?${Buffer.from(each).toString("base64")}?=`).join(fold)
}
