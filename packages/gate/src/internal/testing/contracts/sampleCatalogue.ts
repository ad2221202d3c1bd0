/** What {@link sampleCatalogue} has of one version. */
export interface SampleVersion {
  readonly version: string
  readonly bytes: Uint8Array
  /** `sha256:…` of the bytes. */
  readonly digest: string
  readonly requires?: Readonly<Record<string, string>>
  readonly yanked?: boolean
}

/** What {@link sampleCatalogue} has of one name. */
export interface SampleEntry {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly tags: ReadonlyArray<string>
  readonly interfaces: ReadonlyArray<string>
  readonly versions: ReadonlyArray<SampleVersion>
}

const sample = (version: string, text: string, digest: string, more: Partial<SampleVersion> = {}): SampleVersion => ({
  version,
  bytes: new TextEncoder().encode(text),
  digest: `sha256:${digest}`,
  ...more
})

/** What the sources that `marketplaceContract` looks at must have, and nothing else. */
export const sampleCatalogue: ReadonlyArray<SampleEntry> = [
  {
    name: "crm.example.dev",
    title: "CRM",
    description: "Contacts and projects of a small team.",
    tags: ["sales", "contacts"],
    interfaces: ["crm.example.dev:interface.Contact", "mail.example.dev:interface.Recipient"],
    // Not in their order, and 1.9.0 comes after 1.10.0 in that of letters.
    versions: [
      sample("1.9.0", "crm 1.9.0", "49d7421b4eaa7b8380c69ddcb25b235dddf6a1305e574a5ed99887f1d872b27f"),
      sample("2.0.0-beta.1", "crm 2.0.0-beta.1", "dac88b6d63731a26246a9e536c64da209e9c3e78fd062b0789c34cadbf777800"),
      sample("1.10.0", "crm 1.10.0", "79a13b41025254c9ce84ced3599c0bb0f348c242d3a43bc70071ff4865b8c0c2", {
        requires: { "mail.example.dev": "^0.1.0-alpha" }
      }),
      sample("1.11.0", "crm 1.11.0", "c9343dc32a7b76366c8e8990fa2f5a6834910353030856ca81cd01e01b7a5c10", {
        yanked: true
      })
    ]
  },
  {
    name: "mail.example.dev",
    title: "Mail",
    description: "Letters to contacts.",
    tags: ["contacts"],
    interfaces: ["mail.example.dev:interface.Recipient"],
    versions: [
      sample("0.1.0-alpha", "mail 0.1.0-alpha", "e2b621b5ae62cf7540b73c096c259c079d0753d636f1b385fd360da0af67e177")
    ]
  },
  {
    name: "old.example.dev",
    title: "Old contacts",
    description: "",
    tags: [],
    interfaces: [],
    versions: [
      sample("1.0.0", "old 1.0.0", "cf9a5ac8ea03801dcf5503c24af20122c3a296b8422ab583ab61530d53b913be", { yanked: true })
    ]
  }
]
