import { expect, it } from "vitest";
import { tabwriter } from "./tabwriter.ts";

it("columns are as wide as the neighbouring lines that have them", () => {
  // text/tabwriter: a line without the column ends it.
  expect(tabwriter("a\tb\nccc\td\nx\nlonger\ty\tz\n", 2)).toBe("a    b\nccc  d\nx\nlonger  y  z\n");
});

it("what follows the last tab is in no column", () => {
  expect(tabwriter("IPs:\n  IP:\t10.0.0.1\nControlled By:\tx\n", 2)).toBe(
    "IPs:\n  IP:           10.0.0.1\nControlled By:  x\n",
  );
});
