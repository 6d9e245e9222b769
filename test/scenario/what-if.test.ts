import { expect, it } from "vitest";
import { storyOf } from "../../src/journey/tell.ts";
import { Replay } from "../../src/worker/replay.ts";
import { WorldSession } from "../../src/worker/session.ts";
import { makeWorld } from "./kit.ts";

const { spec } = makeWorld("ambient", { boot: false });

function question(session: WorldSession, app: string, more: object = {}) {
  const ns = session.topology().namespaces.find((one) => one.app === app);
  return {
    ...{ ns: ns?.id ?? 0, ifindex: 0, protocol: "TCP", src: ns?.ip ?? "", dst: "10.96.114.226" },
    ...{ srcPort: 40000, dstPort: 9080, mark: 0 },
    ...more,
  };
}
const texts = (session: WorldSession, skb: number): string =>
  storyOf(session.reader, skb)
    ?.legs.flatMap((leg) => leg.steps.map((step) => step.text))
    .join("\n") ?? "";

it("follows a packet that nobody sent, with any mark, from any device", () => {
  const session = new WorldSession(spec);
  const captured = session.whatIf(question(session, "curl"));
  expect(texts(session, captured)).toContain("REDIRECT --to-ports 15001");
  const marked = session.whatIf(question(session, "curl", { mark: 0x539, srcPort: 40001 }));
  expect(texts(session, marked)).not.toContain("--to-ports 15001");
  expect(texts(session, marked)).toContain("10.244.2.10:9080");
  const [pod] = session.topology().namespaces.filter((one) => one.app === "productpage");
  const eth0 = pod?.devices.find((device) => device.name === "eth0")?.ifindex ?? 0;
  const arriving = session.whatIf(
    question(session, "productpage", { ifindex: eth0, src: "10.244.1.20", dst: pod?.ip }),
  );
  expect(texts(session, arriving)).toContain("REDIRECT --to-ports 15006");
  expect(session.whatIf({ ...question(session, "curl"), dst: "nowhere" })).toBe(0);
  expect(session.whatIf({ ...question(session, "curl"), ns: 4711 })).toBe(0);
});

it("is an input like any other: a replay does it again", () => {
  const first = new WorldSession(spec);
  const skb = first.whatIf(question(first, "curl"));
  const again = new WorldSession(spec);
  new Replay(again, first.log).to(first.world.sim.now);
  again.update();
  expect(texts(again, skb)).toBe(texts(first, skb));
});
