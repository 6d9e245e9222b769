import { describe, expect, it } from "vitest";
import { hasWords } from "./words.ts";

describe("what is to be translated", () => {
  it.each([
    "hi",
    "Three",
    "east",
    "Don’t",
    "(optional)",
    "well-known",
    "Yes.",
    "from ff:ff:ff:ff:ff:ff",
    "Über",
    "{count} packets",
    "see /etc/hosts",
    "What?",
  ])("%s has words", (text) => expect(hasWords(text)).toBe(true));

  it.each([
    "ff:ff:ff:ff:ff:ff",
    "10.1.0.1",
    "10.1.0.0/24",
    "fe80::1",
    "0x100",
    "42",
    "5ms",
    "eth0",
    "productpage:9080",
    "/etc/hosts",
    "/etc",
    "~/notes",
    "net.ipv4.ip_forward",
    "https://example.com/",
    "key=value",
    "SYN,ACK",
    "PREROUTING",
    "MTU",
    "`ip route`",
    "{count}",
    "→",
    "",
  ])("%s has none", (text) => expect(hasWords(text)).toBe(false));
});
