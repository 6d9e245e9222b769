import { installRuleText } from "../../net/netfilter/rule-text.ts";
import { ruleText } from "../../net/netfilter/save.ts";

/** How the rules are written that its commands make. */
export function install(): void {
  installRuleText(ruleText);
}
