import { describe, expect, it } from "vitest";
import { makeWorld, runAt, watch } from "./kit.ts";

const TWO = `
for n in a b; do ip netns add $n; ip -n $n link set lo up; done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a addr add 10.0.0.1/24 dev v0; ip -n a addr add 10.5.0.1/32 dev lo; ip -n a link set v0 up
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up
ip netns exec a ping -c 1 10.0.0.2 >/dev/null
`;

/** Every packet of what the script does on two joined machines, b without a route to 10.5.0.1. */
function packets(script: string) {
  const world = makeWorld("linux");
  runAt(world, "linux", TWO);
  const { stories } = watch(world, () => runAt(world, "linux", script));
  return stories
    .filter((story) => story.head.protocol !== "ARP")
    .map((story) => ({
      title: `${story.head.protocol} ${story.head.src} > ${story.head.dst} ${story.what}`.trim(),
      end: story.reason || story.end,
      steps: story.legs.flatMap((leg) => leg.steps.map((step) => step.text)),
    }));
}

describe("what has no way is no packet", () => {
  it("the reset and the echo reply that have no route were never there", () => {
    const seen = packets(`
      ip netns exec a nc -nz -w 1 -s 10.5.0.1 10.0.0.2 80
      ip netns exec a ping -c 1 -W 1 -I 10.5.0.1 10.0.0.2`);
    expect(seen.map(({ title }) => title)).toEqual([
      "TCP 10.5.0.1 > 10.0.0.2 SYN",
      "TCP 10.5.0.1 > 10.0.0.2 SYN",
      "ICMP 10.5.0.1 > 10.0.0.2 echo request 1",
    ]);
    // That nothing leads back is told where it was asked.
    for (const { steps } of seen)
      expect(steps.join("\n")).toContain("lookup main (no: no route in the table)");
  });

  it("what a system call refuses was never there", () => {
    expect(
      packets(`
      ip netns exec b ping -c 1 10.9.0.1
      echo x | ip netns exec b nc -nu -w 1 10.9.0.1 9
      ip netns exec b nc -nz -w 1 10.9.0.1 9
      ip netns exec b ping -c 1 -M do -s 3000 10.0.0.1`),
    ).toEqual([]);
  });

  it("a connection whose route has gone loses a segment, named by its socket, and then waits", () => {
    const seen = packets(`
      timeout 5 ip netns exec b nc -nl 80 >/dev/null &
      (sleep 1; echo hi) | timeout 4 ip netns exec a nc -n 10.0.0.2 80 &
      sleep 0.5; ip -n a addr del 10.0.0.1/24 dev v0; wait`);
    const lost = seen.filter(({ end }) => end === "IP_OUTNOROUTES");
    expect(lost.map(({ title }) => title)).toEqual(["TCP 10.0.0.1 > 10.0.0.2"]);
  });
});
