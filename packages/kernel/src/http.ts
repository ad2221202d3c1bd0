export const kernelRoutes = [] as const
