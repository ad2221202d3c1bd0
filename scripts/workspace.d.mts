export declare const root: string
export declare const pnpmVersion: string
export declare const packageFolders: () => ReadonlyArray<string>
export declare const ensureInstalled: () => void
export declare const workspaceNode: () => string
export declare const toolEnvironment: (extra?: Readonly<Record<string, string>>) => Record<string, string>
export declare const newestChange: (paths: ReadonlyArray<string>) => number
export declare const buildFolder: (name: string) => string
