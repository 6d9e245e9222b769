import type { Analyzer } from "./analysis.ts";
import { annotations } from "./analyzer/annotations.ts";
import { applicationUid } from "./analyzer/application-uid.ts";
import { authorizationPolicies } from "./analyzer/authorization-policies.ts";
import { conditions } from "./analyzer/conditions.ts";
import { deprecation } from "./analyzer/deprecation.ts";
import { gatewayCrds } from "./analyzer/gateway-crds.ts";
import { imageAuto } from "./analyzer/image-auto.ts";
import { injection } from "./analyzer/injection.ts";
import { portName } from "./analyzer/port-name.ts";
import { services } from "./analyzer/services.ts";
import {
  authorizationPolicyValidation,
  peerAuthenticationValidation,
} from "./analyzer/validation.ts";

/** Every analyzer, in istioctl's order: adding one is one file and a line here. */
export const analyzers: readonly Analyzer[] = [
  annotations,
  authorizationPolicies,
  conditions,
  services,
  applicationUid,
  deprecation,
  injection,
  imageAuto,
  gatewayCrds,
  portName,
  authorizationPolicyValidation,
  peerAuthenticationValidation,
];
