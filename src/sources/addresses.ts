/** Which addresses are on this machine or a private network, and so must not be reached by way of a public name. */
import { BlockList, isIP } from "node:net";

/** Addresses that are not public (IANA's registries of special-purpose addresses). */
const IPV4 = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
] as const;
const IPV6 = [
  ["::", 96],
  // Translated to IPv4 (RFC 2765); mapped addresses are ::ffff:0:0/96.
  ["::ffff:0:0:0", 96],
  ["64:ff9b:1::", 48],
  ["100::", 64],
  // Teredo and 6to4 contain an IPv4 address that is not checked.
  ["2001::", 32],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["fc00::", 7],
  ["fe80::", 10],
  ["fec0::", 10],
  ["ff00::", 8],
] as const;

const BLOCKED = new BlockList();
for (const [network, prefix] of IPV4) {
  // A rule for IPv4 also matches the address mapped to IPv6 (::ffff:127.0.0.1).
  BLOCKED.addSubnet(network, prefix, "ipv4");
  // Networks without IPv4 reach it through this prefix (RFC 6052).
  BLOCKED.addSubnet(`64:ff9b::${network}`, 96 + prefix, "ipv6");
}
for (const [network, prefix] of IPV6) BLOCKED.addSubnet(network, prefix, "ipv6");

/** Whether an IP address is on this machine, on a private or link-local network, or otherwise not public. */
export function isPrivateAddress(address: string): boolean {
  const plain = address.replace(/%.*$/, "");
  const family = isIP(plain);
  return family === 0 || BLOCKED.check(plain, family === 4 ? "ipv4" : "ipv6");
}

/** The IP address that a host name in a URL is, without the brackets of IPv6; undefined for a name. */
export function literalAddress(hostname: string): string | undefined {
  const plain = hostname.replace(/^\[(.*)\]$/, "$1");
  return isIP(plain) === 0 ? undefined : plain;
}

/** Whether a host name says itself that it is on this machine or a private network, without asking DNS. */
export function isLocalHost(hostname: string): boolean {
  const address = literalAddress(hostname);
  return address === undefined ? /^(?:.*\.)?localhost\.?$/i.test(hostname) : isPrivateAddress(address);
}
