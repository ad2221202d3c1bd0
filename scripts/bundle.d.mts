export declare const ensureBundle: () => string
