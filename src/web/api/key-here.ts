/** By what this browser keeps something for this page: another Kindred may be at another path of the same host. */
export const keyHere = (name: string): string => `kindred.${name} ${new URL("./", location.href).pathname}`;
