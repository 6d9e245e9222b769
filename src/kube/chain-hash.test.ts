import { describe, expect, it } from "vitest";
import { utf8 } from "../base/text.ts";
import { base32, chainHash } from "./chain-hash.ts";

describe("names of chains", () => {
  it("are base32", () => {
    // RFC 4648, section 10, without the padding.
    expect(["f", "fo", "foo", "foob", "fooba", "foobar"].map((text) => base32(utf8(text)))).toEqual(
      ["MY", "MZXQ", "MZXW6", "MZXW6YQ", "MZXW6YTB", "MZXW6YTBOI"],
    );
  });

  it("are those that the real programs make", () => {
    // What every node with kube-router, k3s among them, shows in INPUT and FORWARD.
    const words = (chain: string): string =>
      ["-m", "comment", "--comment", "kube-router netpol", "-j", chain].join("");
    expect(chainHash(`INPUT${words("KUBE-ROUTER-INPUT")}`)).toBe("4IA2OSFRMVNDXBVV");
    expect(chainHash(`FORWARD${words("KUBE-ROUTER-FORWARD")}`)).toBe("TEMCG2JMHZYE7H7T");
  });
});
