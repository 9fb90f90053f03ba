/** What this browser remembers. Where it remembers nothing, as in some private windows, every value is null. */

/** The name of a value of this page alone: another Kindred may be served at another path of the same host. */
export const nameHere = (name: string): string => `kindred.${name} ${new URL("./", location.href).pathname}`;

export function readStored(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

/** Stores a value; null removes it. */
export function store(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(name);
    else localStorage.setItem(name, value);
  } catch {
    // The browser stores nothing.
  }
}
