import { toYaml } from "../../../../kube/text/yaml.ts";
import { friendlyName, type Level, type Message, originOf, referenceOf } from "./analysis.ts";

/** istio: istioctl/pkg/util/formatting/formatter.go */

const COLORS: Readonly<Record<Level, string>> = {
  Error: "\x1b[1;31m",
  Warning: "\x1b[33m",
  Info: "",
};

function line(message: Message, color: boolean): string {
  const { code, level } = message.type;
  const word = color ? `${COLORS[level]}${level}\x1b[0m` : level;
  return `${word} [${code}]${originOf(message)} ${message.text}`;
}

/** `documentation`: where messages are explained. Go escapes what HTML minds. */
export function written(
  messages: readonly Message[],
  format: "log" | "json" | "yaml",
  color: boolean,
  documentation: string,
): string {
  if (format === "log") return messages.map((one) => line(one, color)).join("\n");
  const all = messages.map((message) => {
    const { code, level } = message.type;
    const reference = referenceOf(message);
    return {
      code,
      documentationUrl: `${documentation}/${code.toLowerCase()}/?ref=istioctl-analyze`,
      level,
      message: message.text,
      origin: friendlyName(message.resource),
      ...(reference && { reference }),
    };
  });
  if (format === "yaml") return toYaml(all);
  const escaped = (c: string): string => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(all, null, "\t").replace(/[<>&]/g, escaped);
}
