/** What a script can tell a command's end by. */
export const EXIT = { ok: 0, failed: 1, usage: 2, notFound: 3, busy: 4, cancelled: 130 } as const;
