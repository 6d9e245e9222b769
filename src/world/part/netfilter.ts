import { natHooks } from "../../net/nat/hooks.ts";
import { ruleText } from "../../net/netfilter/save.ts";
import { traceRule } from "../../net/netfilter/trace-packet.ts";
import { installWithRules } from "../../net/netfilter/with-rules.ts";

const withRules = { text: ruleText, natHooks, trace: traceRule };

/** What there is to do where there are rules. */
export function install(): void {
  installWithRules(withRules);
}
