import type { PeerAuthentication } from "../security.ts";
import { type Findings, selectorFindings } from "./selector.ts";

/** istio: pkg/config/validation/validation.go, ValidatePeerAuthentication */
export function peerAuthenticationFindings({ spec = {} }: PeerAuthentication): Findings {
  const ports = spec.portLevelMtls && Object.keys(spec.portLevelMtls);
  const selects = Object.keys(spec.selector?.matchLabels ?? {}).length > 0;
  const selector = selectorFindings(spec.selector);
  return {
    errors: [
      ...(!selects && ports?.length
        ? ["mesh/namespace peer authentication cannot have port level mTLS"]
        : []),
      ...(ports?.length === 0
        ? ["port level mTLS, if defined, must have at least one element"]
        : []),
      ...(ports ?? [])
        .filter((port) => !(Number(port) > 0 && Number(port) <= 65535))
        .map(() => "port must be in range 1..65535"),
      ...selector.errors,
    ],
    warnings: selector.warnings,
  };
}
