/** What stands for the framework where a module id is expected. No module may have it. */
export const frameworkId = "gate"
