import { judgeEmulated, LOOP, Session } from "../emulated.ts";
import type { FuzzFrame, FuzzState, Outcome } from "../state.ts";
import { Dice } from "./dice.ts";
import { network, sysctls, tuning } from "./network.ts";
import { Traffic } from "./packets.ts";
import { rules } from "./rules.ts";
import { sets } from "./sets.ts";

/** A state, its packets, and what the emulator made of them: some packets answer what it sent. */
export function generate(
  seed: string,
  packets: number,
  lacking: ReadonlySet<string> = new Set(),
): { state: FuzzState; ours: Outcome } {
  const dice = new Dice(seed);
  const { lines, names } = sets(dice, lacking);
  const state: FuzzState = {
    seed,
    sysctl: sysctls(dice),
    ip: network(dice),
    ipset: lines,
    iptables: rules(dice, names),
    tuning: [],
    packets: [],
  };
  state.tuning = tuning(dice, state.iptables);
  const session = new Session(state);
  const traffic = new Traffic(dice);
  const frames: FuzzFrame[][] = [];
  const { drawn } = session;
  while (frames.length < packets) {
    const packet = traffic.next();
    const out = session.send(packet);
    // Where chance decides the two kernels part, and what goes in circles has no end: the state has.
    if (session.drawn !== drawn || session.steps > LOOP)
      return { state, ours: judgeEmulated(state) };
    state.packets.push(packet);
    frames.push(out);
    traffic.seen.push(...out);
  }
  return { state, ours: session.outcome(frames) };
}
